"""The rules of booking: what is allowed, deadlines and prices. Pure functions without queries.

docs/booking-rules.md lists each rule beside its test.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from math import ceil

from django.conf import settings

from marquee.accounts.errors import AccountClosed
from marquee.booking.errors import (
    AlreadyUsed,
    CompanionWithoutSpace,
    CoolingDown,
    CounterOnly,
    HasUpcomingBookings,
    HoldLimit,
    KeyReused,
    NeedsAnother,
    NotHeld,
    SalesClosed,
    SalesNotOpen,
    SeatLimit,
    ShowCalledOff,
    TooLateToCancel,
    TooManyHolds,
    UnknownSeat,
    UnknownTicketType,
    UnpaidLimit,
    WheelchairLimit,
)
from marquee.booking.records import LockedBooking, LockedShow, PricedSeat, TicketRequest, Usage
from marquee.booking.states import AdmissionStatus, BookingStatus, TicketStatus, UpcomingBookings
from marquee.catalog.records import PlanData, PlanSeat, PriceTable, Terms
from marquee.catalog.states import SeatKind, ShowState
from marquee.core.errors import BadInput
from marquee.core.zones import isoformat_in, write_time

MAX_SEATS_NAMED = 20  # of a thousand unknown seats, a refusal names this many
MAX_BOOKINGS_NAMED = 5
MAX_BOOKINGS_IN_FACTS = 100
RECENT_PERIOD = timedelta(hours=1)  # how far back holds and cancellations count

# --- Who may book ---------------------------------------------------------------------------------


def check_account(locked: LockedShow, *, token_epoch: int) -> None:
    """Refuse with AccountClosed a token of an account that was deactivated, or that revoked it."""
    if not locked.is_active:
        raise AccountClosed("The account of this token is closed.")
    if locked.token_epoch != token_epoch:
        raise AccountClosed("This token is no longer good: log in again.")


def check_on_sale(
    *,
    state: str,
    sales_until: datetime,
    zone: str,
    now: datetime,
    sales_from: datetime | None = None,
) -> None:
    """Refuse with ShowCalledOff, before `sales_from` with SalesNotOpen, after the end with SalesClosed."""
    if state == ShowState.CALLED_OFF:
        raise ShowCalledOff("This show is called off. Choose another one.")
    if sales_from is not None and now < sales_from:
        raise SalesNotOpen(
            f"Sales for this show open at {write_time(sales_from, zone)}. Come back then.",
            sales_from=isoformat_in(sales_from, zone),
        )
    if now >= sales_until:
        raise SalesClosed(
            f"Sales for this show closed at {write_time(sales_until, zone)}. Choose another show.",
            sales_until=isoformat_in(sales_until, zone),
        )


def check_same_request(*, stored_digest: str, digest: str) -> None:
    """Refuse with KeyReused an idempotency key that was sent before with another request."""
    if stored_digest != digest:
        raise KeyReused("This Idempotency-Key was sent before with another request.")


# --- Limits ---------------------------------------------------------------------------------------


def check_limits(
    *, locked: LockedShow, usage: Usage, wants: int, hold: bool, capacity: int
) -> None:
    """Refuse what a limit forbids. For staff only the seat limit counts.

    Refuses with SeatLimit, UnpaidLimit, HoldLimit or TooManyHolds.
    """
    check_seat_limit(has=usage.customer_seats, wants=wants)
    if locked.is_staff:
        return
    check_unpaid_limit(usage=usage, wants=wants, capacity=capacity)
    check_hold_limit(usage=usage, hold=hold, zone=locked.show.timezone)
    if hold:
        check_lapsed_limit(usage=usage, wants=wants, zone=locked.show.timezone)
        check_client_holds(usage=usage, now=locked.now)


def check_seat_limit(*, has: int, wants: int) -> None:
    """Refuse with SeatLimit when a customer would have more than SEAT_LIMIT seats at a show."""
    limit = settings.SEAT_LIMIT
    left = max(0, limit - has)
    if wants > left:
        have = f", of which {has} are booked or held already" if has else ""
        raise SeatLimit(
            f"At most {limit} seats a customer and show{have}: {left} are left. Asked for: {wants}.",
            limit=limit,
            left=left,
        )


def check_unpaid_limit(*, usage: Usage, wants: int, capacity: int) -> None:
    """Refuse with UnpaidLimit too many unpaid seats at a show.

    One customer has at most UNPAID_SEAT_LIMIT. One network has at most UNPAID_CLIENT_SEAT_LIMIT or
    UNPAID_CLIENT_PERCENT of the show's seats, whichever is more: a school shares its address. A
    limit of 0 means no limit.
    """
    if limit := settings.UNPAID_SEAT_LIMIT:
        _check_unpaid(limit, usage.customer_seats, wants, "for one customer")
    if limit := settings.UNPAID_CLIENT_SEAT_LIMIT:
        limit = max(limit, capacity * settings.UNPAID_CLIENT_PERCENT // 100)
        _check_unpaid(limit, usage.client_seats, wants, "from one network")


def _check_unpaid(limit: int, has: int, wants: int, whose: str) -> None:
    left = max(0, limit - has)
    if wants > left:
        raise UnpaidLimit(
            f"At most {limit} seats of a show may be unpaid {whose}: {left} are left. Asked for: "
            f"{wants}. Ask at the box office for more.",
            limit=limit,
            left=left,
        )


def check_hold_limit(*, usage: Usage, hold: bool, zone: str) -> None:
    """Refuse with HoldLimit when a customer has made HOLD_LIMIT holds at a show within an hour.

    Bookings without a hold that were cancelled are counted likewise, but apart from holds. Either way, a
    customer could rewrite the same seats without end. A limit of 0 means no limit.
    """
    limit = settings.HOLD_LIMIT
    if limit and usage.recent_since:
        until = usage.recent_since + RECENT_PERIOD
        what = f"held seats of this show {limit} times"
        if not hold:
            what = f"booked and cancelled {limit} times at this show"
        raise HoldLimit(
            f"You {what} within an hour, which is the most. Try again at {write_time(until, zone)}.",
            limit=limit,
            left=0,
            until=isoformat_in(until, zone),
        )


def check_lapsed_limit(*, usage: Usage, wants: int, zone: str) -> None:
    """Refuse with HoldLimit a hold by a customer who let LAPSED_SEAT_LIMIT held seats of the show expire.

    They were kept from others for nothing. Those of the last hour count. A limit of 0 means no limit.
    """
    limit = settings.LAPSED_SEAT_LIMIT
    left = max(0, limit - usage.lapsed_seats)
    if limit and wants > left and usage.lapsed_last:
        until = usage.lapsed_last + RECENT_PERIOD
        raise HoldLimit(
            f"You let holds of {usage.lapsed_seats} seats of this show run out within an hour: of at most "
            f"{limit}, {left} can be held now. Book without a hold, or try again at {write_time(until, zone)}.",
            limit=limit,
            left=left,
            until=isoformat_in(until, zone),
        )


def check_client_holds(*, usage: Usage, now: datetime) -> None:
    """Refuse with TooManyHolds when CLIENT_HOLD_LIMIT holds are open from a network; 0 is no limit."""
    limit = settings.CLIENT_HOLD_LIMIT
    if limit and usage.client_holds >= limit and usage.client_holds_until:
        seconds = max(1, ceil((usage.client_holds_until - now).total_seconds()))
        raise TooManyHolds(
            f"At most {limit} holds at once from one network, whoever made them. Book without a hold, or "
            f"try again in {seconds} seconds, when one of them ends.",
            limit=limit,
            retry_after=seconds,
        )


def check_not_cooling(
    *, seats: Iterable[PlanSeat], cooling: Mapping[int, datetime], zone: str
) -> None:
    """Refuse with CoolingDown seats that the customer gave up COOLING_DOWN_AFTER times in an hour."""
    if hot := [seat for seat in seats if seat.id in cooling]:
        labels = [seat.label for seat in hot]
        until = max(cooling[seat.id] for seat in hot) + RECENT_PERIOD
        raise CoolingDown(
            f"You gave {', '.join(labels)} up {settings.COOLING_DOWN_AFTER} times or more within an hour. "
            f"Choose other seats, or try again at {write_time(until, zone)}.",
            seats=labels,
            until=isoformat_in(until, zone),
        )


def check_wheelchair_limit(*, has: int, wants: int, limit: int) -> None:
    """Refuse with WheelchairLimit when a customer would have more spaces than the price card allows."""
    left = max(0, limit - has)
    if wants > left:
        have = f", of which {has} are booked or held already" if has else ""
        raise WheelchairLimit(
            f"At most {limit} wheelchair spaces a customer and show{have}: {left} are left. Asked for: "
            f"{wants}. Ask at the box office for more.",
            limit=limit,
            left=left,
        )


# --- Seats and prices -----------------------------------------------------------------------------


def check_ticket_requests(requests: Sequence[TicketRequest]) -> None:
    """Refuse with BadInput an empty list, a seat named twice, or seats named only in part."""
    if not requests:
        raise BadInput("Ask for at least one ticket.", field="tickets")
    named = [request.seat for request in requests if request.seat is not None]
    if named and len(named) < len(requests):
        raise BadInput("Name every seat, or none for the best available.", field="tickets")
    if twice := [seat for seat, times in Counter(named).items() if times > 1]:
        raise BadInput(f"Named more than once: {', '.join(twice)}.", field="tickets", seats=twice)


def find_seats(plan: PlanData, labels: Iterable[str]) -> list[PlanSeat]:
    """Return the seats with these labels, in this order. Refuses with UnknownSeat."""
    labels = list(labels)
    missing = (label for label in labels if label not in plan.by_label)
    if unknown := list(islice(missing, MAX_SEATS_NAMED)):
        raise UnknownSeat(
            f"This auditorium has no seat {', '.join(unknown)}.", field="tickets", seats=unknown
        )
    return [plan.by_label[label] for label in labels]


def check_same_seat_plan(*, shown: int, current: int, labels: Sequence[str]) -> None:
    """Refuse with UnknownSeat seats of a plan that the show no longer has."""
    if current != shown:
        raise UnknownSeat(
            "The seats of this show were changed a moment ago. Choose among those of now.",
            field="seats",
            seats=labels,
        )


def price_seats(
    seats: Iterable[PlanSeat], requests: Iterable[TicketRequest], prices: PriceTable
) -> list[PricedSeat]:
    """Return the seats with types and prices, by ascending seat id. Refuses with UnknownTicketType."""
    priced_seats = [
        _price_seat(seat, request.type or prices.default_type, prices)
        for seat, request in zip(seats, requests, strict=True)
    ]
    return sorted(priced_seats, key=lambda priced: priced.seat.id)


def _price_seat(seat: PlanSeat, type_: str, prices: PriceTable) -> PricedSeat:
    price = prices.amounts.get((seat.category, type_))
    if price is None:
        known = prices.types(seat.category)
        raise UnknownTicketType(
            f"Seat {seat.label} is not sold as {type_}; it is as {', '.join(known) or 'nothing'}.",
            field="tickets",
            types=[type_],
            known=known,
        )
    return PricedSeat(seat, type_, price, prices.terms.get((seat.category, type_)))


def check_may_block(
    *, state: str, ends_at: datetime, sales_until: datetime, zone: str, now: datetime
) -> None:
    """Refuse to block seats of a show that nobody books any more, with ShowCalledOff or SalesClosed."""
    if state == ShowState.CALLED_OFF:
        raise ShowCalledOff("This show is called off, so there are no seats to take off sale.")
    if now >= ends_at:
        raise SalesClosed(
            "This show is over, so there are no seats to take off sale.",
            sales_until=isoformat_in(sales_until, zone),
        )


# --- Terms of restricted tickets ------------------------------------------------------------------


def check_terms(priced_seats: Sequence[PricedSeat]) -> None:
    """Refuse restricted tickets that customers cannot book. Do not call it for staff.

    Refuses with CounterOnly, NeedsAnother or CompanionWithoutSpace. Each booking must meet the
    terms by itself, so that cancelling another one cannot break them.
    """
    if restricted := [priced for priced in priced_seats if priced.terms is not None]:
        _check_counter_only(restricted)
    check_needs(priced_seats)


def check_needs(priced_seats: Sequence[PricedSeat]) -> None:
    """Refuse tickets without those that they need, with NeedsAnother or CompanionWithoutSpace."""
    if restricted := [priced for priced in priced_seats if priced.terms is not None]:
        _check_needs(restricted, priced_seats)
    kinds = [priced.seat.kind for priced in priced_seats]
    if kinds.count(SeatKind.COMPANION) > kinds.count(SeatKind.WHEELCHAIR):
        raise _too_many_companions(priced_seats, kinds.count(SeatKind.WHEELCHAIR))


def _check_counter_only(restricted: Sequence[PricedSeat]) -> None:
    types = {one.type: None for one in restricted if one.terms and one.terms.counter_only}
    if types:
        raise CounterOnly(
            f"Only the box office sells {', '.join(types)} tickets for these seats. Ask there, or "
            "choose another type.",
            types=list(types),
        )


def _check_needs(restricted: Sequence[PricedSeat], priced_seats: Sequence[PricedSeat]) -> None:
    """Refuse with NeedsAnother. Types with the same need count together: they cannot share a ticket."""
    for terms in {one.terms for one in restricted if one.terms}:
        asking = [one for one in restricted if one.terms == terms]
        met = [one for one in priced_seats if one.terms != terms and _meets(one, terms)]
        if len(asking) > len(met):
            raise _needs_another(terms, asking, len(met))


def _meets(priced: PricedSeat, terms: Terms) -> bool:
    if terms.needs_type is not None:
        return priced.type == terms.needs_type
    return priced.seat.kind == terms.needs_kind


def _needs_another(terms: Terms, asking: Sequence[PricedSeat], allowed: int) -> NeedsAnother:
    types = sorted({one.type for one in asking})
    needed = "one in a wheelchair space" if terms.needs_kind else f"one of type {terms.needs_type}"
    return NeedsAnother(
        f"Each {' or '.join(types)} ticket needs {needed} in the same booking, so at most "
        f"{allowed} of these can be booked here. Add what is missing, or choose another type.",
        types=types,
        needs={"kind": terms.needs_kind or None, "type": terms.needs_type},
        allowed=allowed,
    )


def _too_many_companions(priced_seats: Sequence[PricedSeat], spaces: int) -> CompanionWithoutSpace:
    seats = [one.seat.label for one in priced_seats if one.seat.kind == SeatKind.COMPANION]
    return CompanionWithoutSpace(
        f"Of the companion seats {', '.join(seats)} at most {spaces} can be booked here: one with "
        "each wheelchair space in the same booking. Choose other seats, or add a space.",
        seats=seats,
        allowed=spaces,
    )


def count_wheelchair_tickets(priced_seats: Iterable[PricedSeat]) -> int:
    """Return how many of these tickets are in a wheelchair space."""
    return sum(priced.seat.kind == SeatKind.WHEELCHAIR for priced in priced_seats)


# --- Holds, confirmations, cancellations ----------------------------------------------


def effective_status(status: str, held_until: datetime | None, now: datetime) -> str:
    """Return the status by the clock: a held booking past its time has expired."""
    if held_until is not None and held_until <= now:
        return BookingStatus.EXPIRED
    return status


def admission_status(ticket_status: str, booking_status: str) -> str:
    """Return whether a ticket admits: a valid one does once its booking is confirmed.

    `booking_status` is the effective one.
    """
    if ticket_status == TicketStatus.VALID and booking_status != BookingStatus.CONFIRMED:
        return AdmissionStatus.VOID if booking_status == BookingStatus.CANCELLED else booking_status
    return ticket_status


def is_expired(locked: LockedBooking) -> bool:
    """Say whether a booking is a hold that has expired, recorded as such or not."""
    status = effective_status(locked.status, locked.held_until, locked.now)
    return status == BookingStatus.EXPIRED


def may_expire(locked: LockedBooking) -> bool:
    """Say whether a hold has expired and is yet to be recorded as expired."""
    return locked.status == BookingStatus.HELD and is_expired(locked)


def check_may_confirm(locked: LockedBooking) -> None:
    """Refuse with ShowCalledOff or NotHeld what can no longer be confirmed."""
    if locked.show_state == ShowState.CALLED_OFF:
        raise ShowCalledOff("This show is called off: nothing is sold for it any more.")
    if locked.status == BookingStatus.CANCELLED:
        raise NotHeld("This booking was cancelled. Make a new one.")


def check_may_reclaim(locked: LockedBooking, *, usage: Usage, capacity: int) -> None:
    """Refuse an expired hold what would be refused to a new booking: it no longer owns its seats.

    Refuses with AccountClosed, ShowCalledOff, SalesClosed, SeatLimit or UnpaidLimit.
    """
    if not locked.is_active:
        raise AccountClosed("The account of this booking is closed, and its hold ran out.")
    check_on_sale(
        state=locked.show_state,
        sales_from=locked.sales_from,
        sales_until=locked.sales_until,
        zone=locked.zone,
        now=locked.now,
    )
    check_seat_limit(has=usage.customer_seats, wants=len(locked.seats))
    if not locked.is_staff:
        check_unpaid_limit(usage=usage, wants=len(locked.seats), capacity=capacity)


def cancel_until(starts_at: datetime, minutes_before: int | None) -> datetime:
    """Return until when a booking made now may be cancelled: by the cinema's minutes, or the default."""
    if minutes_before is None:
        minutes_before = settings.CANCEL_UNTIL_MINUTES
    return starts_at - timedelta(minutes=minutes_before)


def check_may_cancel(locked: LockedBooking) -> None:
    """Refuse with NotHeld an expired hold, with TooLateToCancel a booking past its deadline."""
    if is_expired(locked):
        raise NotHeld("This hold ran out by itself and keeps no seats: nothing is left to cancel.")
    until = locked.cancel_until
    if locked.status == BookingStatus.CONFIRMED and locked.now >= until:
        raise TooLateToCancel(
            f"It is too late to cancel this booking: that was possible until {write_time(until, locked.zone)}. "
            "Ask at the box office.",
            cancel_until=isoformat_in(until, locked.zone),
        )


def check_upcoming_bookings(
    upcoming: Mapping[str, int], *, choice: UpcomingBookings | None
) -> None:
    """Refuse with HasUpcomingBookings to close an account before its owner has chosen what becomes of them.

    `upcoming` has the number of tickets of each booking, by reference.
    """
    if not upcoming or choice is not None:
        return
    tickets, references = sum(upcoming.values()), list(upcoming)
    named = ", ".join(references[:MAX_BOOKINGS_NAMED])
    more = f" and {len(references) - MAX_BOOKINGS_NAMED} more" * (
        len(references) > MAX_BOOKINGS_NAMED
    )
    raise HasUpcomingBookings(
        f"Seats booked for shows that have not ended: {tickets}, by {named}{more}. Choose for "
        "`bookings`: `cancel` those that may still be cancelled, or `keep` them without a name.",
        bookings=references[:MAX_BOOKINGS_IN_FACTS],
        tickets=tickets,
    )


def ends_with_account(
    locked: LockedBooking, *, has_used_ticket: bool, choice: UpcomingBookings | None
) -> bool:
    """Say whether a booking ends with its account: every hold, and what may still be cancelled.

    Confirmed bookings stay if their owner keeps them.
    """
    if locked.status == BookingStatus.CONFIRMED:
        may_cancel = locked.now < locked.cancel_until and not has_used_ticket
        return may_cancel and choice != UpcomingBookings.KEEP
    return locked.status == BookingStatus.HELD


def already_used(used_at: datetime | None, *, zone: str) -> AlreadyUsed:
    """Return the refusal that says when a ticket was used."""
    if used_at is None:
        return AlreadyUsed("This ticket was used at the door already.", used_at=None)
    return AlreadyUsed(
        f"This ticket was used at the door already, at {write_time(used_at, zone)}.",
        used_at=isoformat_in(used_at, zone),
    )
