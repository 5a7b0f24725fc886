"""Book or hold seats: the one operation under load, so its cost matters.

Its statements, in one transaction: lock customer and show, and read both; read the taken seats, if the
request names none; count the limits and insert the booking with its claims, tickets and event
(`insert.py`: one statement, or one a table).
"""

import hashlib
import json
import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from marquee.accounts.errors import AccountClosed
from marquee.audit.states import Action
from marquee.booking import (
    best_seats,
    customer_rules,
    gap_rules,
    hold_rules,
    locks,
    queries,
    rules,
    seat_needs,
    seat_rules,
)
from marquee.booking.errors import SeatsTaken, SingleGap
from marquee.booking.models import Booking
from marquee.booking.operations import (
    audited,
    counter_sale,
    insert,
    lost_seats,
    single_gaps,
    ticket_terms,
)
from marquee.booking.operations.refusal_streaks import refusal_streaks
from marquee.booking.queries import UsageQuery, client_key, cooling_seats, read_usage
from marquee.booking.records import (
    UNKNOWN_CLIENT,
    Actor,
    Client,
    CounterTerms,
    LockedShow,
    PricedSeat,
    SeatChoice,
    TicketRecord,
    TicketRequest,
    Usage,
)
from marquee.booking.states import BookingStatus, Channel, TicketStatus
from marquee.catalog import queries as catalog
from marquee.catalog.records import PlanData, PlanSeat, PriceTable, ShowRecord
from marquee.catalog.states import SingleGaps
from marquee.core import codes
from marquee.core.errors import Refused
from marquee.core.money import Money
from marquee.core.transactions import transactional

# A customer who named no seat may get any: after losing a race for the best seats, we choose again.
# Each attempt chooses among more groups, which spreads a crowd. Codes that collide are drawn again.
MAX_ATTEMPTS = 6
SPREAD_FACTOR = 4
RETRYABLE = (SeatsTaken, IntegrityError)
ANY_SEATS = SeatChoice()


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """A validated request for tickets."""

    user_id: int
    token_epoch: int
    show_id: int
    tickets: Sequence[TicketRequest]
    hold: bool = False
    key: str | None = None
    client_key: int | None = None
    language: str = ""
    actor: Actor | None = None  # None: the customer
    choice: SeatChoice = ANY_SEATS
    expected_total: Money | None = None
    counter: CounterTerms | None = None  # None: by the customer
    channel: str = Channel.API

    @property
    def digest(self) -> str:
        """A hash of the request's content, which must be the same when a key is sent again.

        Fields added later count only if they are set: keys stored before stay good.
        """
        tickets = [(ticket.seat, ticket.type) for ticket in self.tickets]
        content = [self.show_id, self.hold, tickets, *self._later_fields()]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def _later_fields(self) -> Iterator[tuple[str, Any]]:
        if self.choice != ANY_SEATS:
            yield "choice", astuple(self.choice)
        if self.expected_total is not None:
            yield "expected_total", astuple(self.expected_total)
        if self.counter is not None:
            yield "counter", list(map(str, astuple(self.counter)))

    @property
    def names_seats(self) -> bool:
        """Whether the customer chose the seats: either all tickets name one, or none does."""
        return self.tickets[0].seat is not None

    def usage_query(self, now: datetime) -> UsageQuery:
        """Return the query for the usage that limits this request, as of now."""
        return UsageQuery(self.user_id, self.show_id, self.client_key, now, self.hold)


@dataclass(frozen=True, slots=True)
class Quote:
    """The seats chosen for a request, with their prices, and the show under its locks."""

    locked: LockedShow
    priced_seats: Sequence[PricedSeat]
    currency: str
    plan: PlanData  # all seats of the show

    @property
    def total(self) -> Money:
        """What the tickets cost together."""
        return Money(sum(priced.price for priced in self.priced_seats), self.currency)


@dataclass(frozen=True, slots=True)
class BookingResult:
    """A booking, its show, and its tickets by ascending seat; of a replay, the booking alone."""

    booking: Booking
    show: ShowRecord | None = None
    tickets: Sequence[TicketRecord] = ()

    @property
    def is_replay(self) -> bool:
        """Whether an earlier request with the same key made the booking."""
        return self.show is None


def book(
    *,
    user_id: int,
    token_epoch: int,
    show_id: int,
    tickets: Sequence[TicketRequest],
    hold: bool = False,
    choice: SeatChoice = ANY_SEATS,
    expected_total: Money | None = None,
    key: str | None = None,
    client: Client = UNKNOWN_CLIENT,
    actor: Actor | None = None,
    counter: CounterTerms | None = None,
) -> BookingResult:
    """Book or hold seats for a customer: all of them, or none.

    Tickets that name no seat get the best ones that `choice` allows. Prices are settled now; with an
    `expected_total` they must add up to it. The same key with the same request returns the booking it
    made before.
    With `counter` staff book for a customer: beyond all limits and terms, from blocked seats that they
    name, and until the show ends. `client` is where the request comes from: limits count by its
    network, and mails are in its language. Without an `actor` the customer books. Raises Show.DoesNotExist. Refuses with BadInput, UnknownSeat,
    UnknownTicketType, AccountClosed, EmailNotVerified, ShowCalledOff, SalesClosed, SeatLimit, UnpaidLimit, HoldLimit,
    TooManyHolds, CounterOnly, NeedsAnother, CompanionWithoutSpace, WheelchairLimit, PriceChanged,
    SeatsTaken, CoolingDown, SingleGap, SoldOut or KeyReused.
    """
    rules.check_ticket_requests(tickets)
    seat_rules.check_seat_choice(tickets, choice)
    request = BookingRequest(
        user_id,
        token_epoch,
        show_id,
        tickets,
        hold,
        key,
        client_key(client.network),
        client.language,
        actor,
        choice,
        expected_total,
        counter,
        client.channel if counter is None else Channel.COUNTER,
    )
    attempt = 0
    while True:
        try:
            return _book_once(request, attempt)
        except AccountClosed:
            raise  # a closed account must not see its bookings by replaying keys
        except (Refused, IntegrityError) as failure:
            if replay := _find_replay(request):
                refusal_streaks.extend(user_id)
                return replay
            if explained := lost_seats.explain(request, failure):
                refusal_streaks.extend(user_id)
                raise explained from None
            if not _may_retry(request, failure) or attempt == MAX_ATTEMPTS - 1:
                refusal_streaks.extend(user_id)
                raise
        attempt += 1


def _may_retry(request: BookingRequest, failure: Exception) -> bool:
    if isinstance(failure, SingleGap):  # somebody took seats beside those that we chose
        return not request.names_seats
    return isinstance(failure, RETRYABLE)


@transactional
def _book_once(request: BookingRequest, attempt: int) -> BookingResult:
    locked = locks.lock_for_booking(
        user_id=request.user_id, show_id=request.show_id, client_key=request.client_key
    )
    _check_may_book(request, locked)
    plan = catalog.get_plan(locked.show.seat_plan_id)
    prices = catalog.get_prices(locked.show.price_card_id, locked.card_version)
    seats = _choose_seats(request, locked, plan, prices, attempt)
    priced_seats = rules.price_seats(seats, request.tickets, prices)
    if not (locked.is_staff or request.counter):
        ticket_terms.check(priced_seats, prices, request.usage_query(locked.now))
    quote = Quote(locked, priced_seats, prices.currency, plan)
    seat_rules.check_expected_total(total=quote.total, expected=request.expected_total)
    if request.counter is None and refusal_streaks.is_long(request.user_id):
        if replay := _find_replay(request):
            return replay
        _check_before_writing(request, quote)
    return _insert(request, quote)


def _check_may_book(request: BookingRequest, locked: LockedShow) -> None:
    """Refuse what no choice of seats could help: the account, the show, or too many tickets."""
    show, wants = locked.show, len(request.tickets)
    rules.check_account(locked, token_epoch=request.token_epoch)
    if request.counter is not None:
        seat_rules.check_counter_sells(show, now=locked.now)
        return
    customer_rules.check_verified(locked)
    rules.check_on_sale(
        state=show.state,
        sales_from=show.sales_from,
        sales_until=show.sales_until,
        zone=show.timezone,
        now=locked.now,
    )
    if wants > settings.SEAT_LIMIT:
        usage = read_usage(request.usage_query(locked.now))
        rules.check_seat_limit(has=usage.customer_seats, wants=wants)


def _check_before_writing(request: BookingRequest, quote: Quote) -> None:
    """Refuse what `_insert` would refuse, by reading alone."""
    usage = read_usage(request.usage_query(quote.locked.now))
    _check(request, quote, usage, lost=queries.taken_seat_ids(request.show_id))


def _insert(request: BookingRequest, quote: Quote) -> BookingResult:
    """Insert the booking, then refuse it if it exceeds a limit or lost a seat: that rolls it back."""
    priced_seats = quote.priced_seats
    booking = _new_booking(request, quote)
    blocked = set() if request.counter is None else queries.blocked_seat_ids(request.show_id)
    tickets = [_new_ticket(priced) for priced in priced_seats]
    actor = request.actor or Actor.customer(request.user_id)
    usage, won = insert.insert_booking(booking, tickets, actor)
    lost = {priced.seat.id for priced in priced_seats} - won
    _check(request, quote, usage, lost)
    if request.counter is not None:
        blocked &= won
        counter_sale.insert_sale(booking, request.counter, total=quote.total, blocked=blocked)
        _audit(booking, quote)
    refusal_streaks.end(request.user_id)
    return BookingResult(booking, quote.locked.show, tickets)


def _audit(booking: Booking, quote: Quote) -> None:
    """Record a sale at the counter, without the customer."""
    seats = [priced.seat.label for priced in quote.priced_seats]
    total = str(quote.total)
    audited.record_of_booking(Action.SOLD, booking, seats=(None, seats), total=(None, total))


def _check(request: BookingRequest, quote: Quote, usage: Usage, lost: Collection[int]) -> None:
    """Refuse what exceeds a limit, seats of others or that cool down, and a choice with a single gap."""
    locked, seats = quote.locked, [priced.seat for priced in quote.priced_seats]
    if request.counter is None:
        rules.check_limits(
            locked=locked,
            usage=usage,
            wants=len(seats),
            hold=request.hold,
            capacity=len(quote.plan.seats),
        )
    seat_rules.check_seats_won([seat for seat in seats if seat.id in lost])
    if not (locked.is_staff or request.counter):
        zone = locked.show.timezone
        rules.check_not_cooling(seats=seats, cooling=usage.cooling, zone=zone)
        single_gaps.check(
            policy=locked.show.single_gaps,
            show_id=request.show_id,
            plan=quote.plan,
            seats=seats,
            avoid=usage.cooling,
        )


def _find_replay(request: BookingRequest) -> BookingResult | None:
    """Return the booking that the key made before. Refuses with KeyReused if it made another.

    Nearly every key is new, so we look only when the booking is refused, by a rule or by the key's
    own constraint. By then an earlier request has committed: a customer's requests go one by one.
    """
    if request.key is None:
        return None
    booking = queries.find_by_idempotency_key(user_id=request.user_id, key=request.key)
    if booking is None:
        return None
    rules.check_same_request(stored_digest=booking.request_digest, digest=request.digest)
    return BookingResult(booking)


def _choose_seats(
    request: BookingRequest,
    locked: LockedShow,
    plan: PlanData,
    prices: PriceTable,
    attempt: int,
) -> Sequence[PlanSeat]:
    """Return the seats named, or the best available ones. Refuses with SoldOut or CoolingDown."""
    if request.names_seats:
        return rules.find_seats(plan, [str(ticket.seat) for ticket in request.tickets])
    seat_rules.check_has_category(plan, request.choice.category)
    needs = seat_needs.needs_for_any_seats(
        request.tickets,
        request.choice,
        prices,
        categories=plan.categories,
        is_staff=locked.is_staff,
    )
    if not all(need.prices for need in needs):
        return seat_needs.seats_to_price(request.tickets, needs, request.choice, prices, plan)
    rank = random.randrange(SPREAD_FACTOR**attempt)  # noqa: S311 (spreading a crowd, not guarding)
    taken = queries.taken_seat_ids(request.show_id)
    cooling = {} if locked.is_staff else cooling_seats(request.usage_query(locked.now))
    if seats := best_seats.pick_best(plan, taken | cooling.keys(), needs, rank=rank):
        if _may_leave_gap(request, locked):
            return seats
        return gap_rules.best_without_gap(plan, taken, seats, avoid=cooling)
    if seats := best_seats.pick_best(plan, taken, needs):
        rules.check_not_cooling(seats=seats, cooling=cooling, zone=locked.show.timezone)
        return seats
    raise seat_rules.sold_out(plan, taken, needs)


def _may_leave_gap(request: BookingRequest, locked: LockedShow) -> bool:
    exempt = locked.is_staff or request.counter is not None
    return exempt or locked.show.single_gaps != SingleGaps.REFUSE


def _new_booking(request: BookingRequest, quote: Quote) -> Booking:
    locked, now, show = quote.locked, quote.locked.now, quote.locked.show
    return Booking(
        reference=codes.new_reference(),
        user_id=request.user_id,
        show_id=request.show_id,
        status=BookingStatus.HELD if request.hold else BookingStatus.CONFIRMED,
        held_until=hold_rules.held_until(now) if request.hold else None,
        held_at_most_until=hold_rules.held_at_most_until(now) if request.hold else None,
        total=quote.total.minor,
        currency=quote.currency,
        created_at=now,
        sold_starts_at=show.starts_at,
        cancel_until=rules.cancel_until(show.starts_at, show.cancel_until_minutes),
        client_key=None if locked.is_staff else request.client_key,
        channel=request.channel,
        language=request.language,
        idempotency_key=request.key,
        request_digest="" if request.key is None else request.digest,
    )


def _new_ticket(priced: PricedSeat) -> TicketRecord:
    code = codes.new_ticket_code()
    return TicketRecord(priced.seat.id, priced.type, priced.price, TicketStatus.VALID, code)
