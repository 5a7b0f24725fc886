"""Making a booking: the one verb under load, so what it costs is kept in view.

Statements, in one transaction: lock customer and show, and read what there is to tell; read the
taken seats, if none was named; count the customer's seats and store the booking with its claims,
tickets and event (`insert.py`: one statement, or one a table).
"""

import hashlib
import json
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from marquee.accounts.errors import AccountClosed
from marquee.booking import best_seats, locks, queries, rules
from marquee.booking.errors import KeyReused, SeatsTaken, SoldOut
from marquee.booking.locks import LockedShow
from marquee.booking.models import Booking, Ticket
from marquee.booking.operations import insert, ticket_terms
from marquee.booking.operations.refusal_streaks import refusals
from marquee.booking.queries import (
    TicketRecord,
    UsageQuery,
    client_key,
    cooling_seats,
    read_usage,
)
from marquee.booking.rules import PricedSeat, TicketRequest, Usage
from marquee.catalog import queries as catalog
from marquee.catalog.queries import PlanData, PlanSeat, PriceTable, ShowRecord
from marquee.core import codes
from marquee.core.errors import Refused
from marquee.core.transactions import transactional

# A customer who named no seat does not mind which: after losing a race for the best, look again.
# Each try looks wider, so a crowd spreads out. Codes that collide are drawn anew.
TRIES = 6
WIDER = 4
MAY_BE_LUCKIER = (SeatsTaken, IntegrityError)


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """What a customer asks for, checked for shape: whose, where, what, and under which key."""

    user_id: int
    token_epoch: int
    show_id: int
    wishes: Sequence[TicketRequest]
    hold: bool = False
    key: str | None = None
    client_key: int | None = None

    @property
    def digest(self) -> str:
        """What the same key must stand for again: the meaning of the request, not its bytes."""
        wishes = [(wish.seat, wish.type) for wish in self.wishes]
        return hashlib.sha256(json.dumps([self.show_id, self.hold, wishes]).encode()).hexdigest()

    def usage_query(self, now: datetime) -> UsageQuery:
        """Return whose usage of the show to count, as of now."""
        return UsageQuery(self.user_id, self.show_id, self.client_key, now, self.hold)


@dataclass(frozen=True, slots=True)
class BookingResult:
    """A booking, its show, and its tickets by ascending seat; of a replay, the booking alone."""

    booking: Booking
    show: ShowRecord | None = None
    tickets: Sequence[TicketRecord] = ()

    @property
    def is_replay(self) -> bool:
        """Whether its key has made it before."""
        return self.show is None


def book(
    *,
    user_id: int,
    token_epoch: int,
    show_id: int,
    wishes: Sequence[TicketRequest],
    hold: bool = False,
    key: str | None = None,
    client: str | None = None,
) -> BookingResult:
    """Book or hold seats for a customer: all of them, or none.

    Prices are settled now. The same key with the same wishes returns the booking it made before.
    `client` is the network that the request came from, by which limits count; None for staff's own
    doors. Raises Show.DoesNotExist. Refuses with BadInput, UnknownSeat, UnknownTicketType,
    AccountClosed, ShowCalledOff, SalesClosed, SeatLimit, UnpaidLimit, HoldLimit, TooManyHolds,
    CounterOnly, NeedsAnother, CompanionWithoutSpace, WheelchairLimit, SeatsTaken, CoolingDown,
    SoldOut or KeyReused.
    """
    rules.check_wishes(wishes)
    order = BookingRequest(user_id, token_epoch, show_id, wishes, hold, key, client_key(client))
    lost = 0
    while True:
        try:
            return _book_once(order, lost)
        except AccountClosed:
            raise  # whoever lost the account is told of none of its bookings
        except (Refused, IntegrityError) as failure:
            if made := _made_before(order):
                refusals.count(user_id)
                return made
            if isinstance(failure, SeatsTaken) and wishes[0].seat is not None:
                refusals.count(user_id)
                _offer_alternatives(order, failure)
                raise
            if not isinstance(failure, MAY_BE_LUCKIER) or lost == TRIES - 1:
                refusals.count(user_id)
                raise
        lost += 1


@transactional
def _book_once(order: BookingRequest, lost: int) -> BookingResult:
    ground = locks.for_booking(
        user_id=order.user_id,
        token_epoch=order.token_epoch,
        show_id=order.show_id,
        client_key=order.client_key,
    )
    show = ground.show
    rules.check_on_sale(
        state=show.state, sales_until=show.sales_until, zone=show.timezone, now=ground.now
    )
    if len(order.wishes) > settings.SEAT_LIMIT:  # else the count comes with the writing
        usage = read_usage(order.usage_query(ground.now))
        rules.check_seat_limit(has=usage.customer_seats, wants=len(order.wishes))
    plan = catalog.get_plan(show.seat_plan_id)
    prices = catalog.get_prices(show.price_card_id, ground.card_version)
    places = _places(order, ground, plan, prices, lost)
    seatings = rules.settle(places, order.wishes, prices)
    places = [seating.place for seating in seatings]  # now by ascending seat
    if not ground.is_staff:
        ticket_terms.check(seatings, prices, order.usage_query(ground.now))
    if refusals.are_many(order.user_id):
        if replay := _made_before(order):
            return replay
        usage = read_usage(order.usage_query(ground.now))
        _check_limits(order, ground, usage, capacity=len(plan.places))
        _check_seats(ground, places, usage, queries.taken(show.id))
    booking = _booking(order, ground, seatings, prices.currency)
    tickets = [_ticket(seating) for seating in seatings]
    usage, won = insert.insert_booking(booking, tickets)
    _check_limits(order, ground, usage, capacity=len(plan.places))
    _check_seats(ground, places, usage, {place.id for place in places} - won)
    refusals.end(order.user_id)
    return BookingResult(booking, show, tickets)


def _check_limits(
    order: BookingRequest, ground: LockedShow, usage: Usage, *, capacity: int
) -> None:
    wants = len(order.wishes)
    rules.check_seat_limit(has=usage.customer_seats, wants=wants)
    if ground.is_staff:
        return
    rules.check_unpaid_limit(usage=usage, wants=wants, capacity=capacity)
    rules.check_hold_limit(usage=usage, zone=ground.show.timezone)
    if order.hold:
        rules.check_client_holds(usage=usage, now=ground.now)


def _check_seats(
    ground: LockedShow, places: Sequence[PlanSeat], usage: Usage, lost: Collection[int]
) -> None:
    if taken := [place for place in places if place.id in lost]:
        raise _taken(taken)
    if not ground.is_staff:
        rules.check_not_cooling(places=places, cooling=usage.cooling, zone=ground.show.timezone)


def _made_before(order: BookingRequest) -> BookingResult | None:
    """Return what the key has made. Refuses with KeyReused when that was something else.

    Nearly every key is new, so it is looked for only when the booking is refused, by a rule or by the
    key's own constraint. What refused it had been kept by then: the customer's requests go one by one.
    """
    if order.key is None:
        return None
    booking = queries.made_with(user_id=order.user_id, key=order.key)
    if booking is None:
        return None
    if booking.request_digest != order.digest:
        raise KeyReused("This Idempotency-Key was sent before with another request.")
    return BookingResult(booking)


def _places(
    order: BookingRequest, ground: LockedShow, plan: PlanData, prices: PriceTable, lost: int
) -> Sequence[PlanSeat]:
    """Return the places named, or the best available ones. Refuses with SoldOut."""
    named = [wish.seat for wish in order.wishes if wish.seat is not None]
    if named:
        return rules.places_named(plan, named)
    count = len(order.wishes)
    choice = random.randrange(WIDER**lost)  # noqa: S311 (spreading a crowd, not guarding)
    taken = queries.taken(order.show_id)
    cooling = {} if ground.is_staff else cooling_seats(order.usage_query(ground.now))
    unsuited = _unsuited(plan, prices, order.wishes)
    for without in (taken | unsuited, taken):
        if places := best_seats.best(plan, without | cooling.keys(), count, choice=choice):
            return places
    ordinary = best_seats.ordinary(plan, taken)
    left = len(ordinary)
    if left >= count:
        rules.check_not_cooling(places=ordinary, cooling=cooling, zone=ground.show.timezone)
    raise SoldOut(f"Seats left to choose from: {left}. Asked for: {count}.", left=left)


def _unsuited(plan: PlanData, prices: PriceTable, wishes: Sequence[TicketRequest]) -> set[int]:
    """Return the seats that customers cannot book as every ticket type wished for."""
    types = {wish.type or prices.default_type for wish in wishes}
    sold = {
        category
        for category in plan.categories
        if all(prices.sells(category, type_) for type_ in types)
    }
    return {place.id for place in plan.places if place.category not in sold}


def _booking(
    order: BookingRequest, ground: LockedShow, seatings: Sequence[PricedSeat], currency: str
) -> Booking:
    now = ground.now
    return Booking(
        reference=codes.new_reference(),
        user_id=order.user_id,
        show_id=order.show_id,
        status=Booking.Status.HELD if order.hold else Booking.Status.CONFIRMED,
        held_until=rules.held_until(now) if order.hold else None,
        total=sum(seating.price for seating in seatings),
        currency=currency,
        created_at=now,
        client_key=None if ground.is_staff else order.client_key,
        idempotency_key=order.key,
        request_digest="" if order.key is None else order.digest,
    )


def _ticket(seating: PricedSeat) -> TicketRecord:
    return TicketRecord(
        seating.place.id, seating.type, seating.price, Ticket.Status.VALID, codes.new_ticket_code()
    )


def _taken(places: list[PlanSeat]) -> SeatsTaken:
    labels = [place.label for place in places]
    detail = f"Somebody else has {', '.join(labels)}. Choose other seats."
    return SeatsTaken(detail, seats=labels, alternatives=[])


def _offer_alternatives(order: BookingRequest, refusal: SeatsTaken) -> None:
    """Add free seats together near those wanted: read after rolling back, so nobody waits."""
    seats = queries.get_availability(order.show_id)
    plan = catalog.get_plan(seats.seat_plan_id)
    if any(wish.seat not in plan.by_label for wish in order.wishes):
        return  # by now the show is in another room
    wanted = [plan.by_label[str(wish.seat)] for wish in order.wishes]
    prices = catalog.get_prices(seats.price_card_id, seats.card_version)
    cooling = cooling_seats(order.usage_query(timezone.now()))
    taken = seats.states.keys() | cooling.keys() | _unsuited(plan, prices, order.wishes)
    ways = best_seats.alternatives(plan, taken, wanted)
    refusal.facts["alternatives"] = [[place.label for place in way] for way in ways]
