"""Confirm a hold."""

from marquee.accounts.errors import AccountClosed
from marquee.booking import claims, locks, rules
from marquee.booking.errors import HoldExpired, NotHeld, ShowCalledOff
from marquee.booking.models import Booking, BookingEvent
from marquee.booking.operations import ticket_terms, transitions
from marquee.booking.operations.transitions import (
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    HELD,
    seat_labels,
)
from marquee.booking.queries import UsageQuery, read_usage
from marquee.catalog.models import Show
from marquee.catalog.queries import get_plan
from marquee.core.transactions import transactional


@transactional
def confirm(*, booking: Booking) -> None:
    """Turn a hold into a confirmed booking. Confirming twice changes nothing.

    An expired hold is confirmed while nobody else has taken its seats: it gets all of them back, or
    none. Refuses with HoldExpired, NotHeld (it was cancelled) or ShowCalledOff; an expired hold also
    with AccountClosed, SalesClosed, SeatLimit, UnpaidLimit and what `ticket_terms.check` refuses,
    like a new booking.
    """
    locked = locks.for_change(booking, counting=True)
    if locked.status == CONFIRMED:
        return
    if locked.show_state == Show.State.CALLED_OFF:
        raise ShowCalledOff("This show is called off, and the booking with it.")
    if locked.status == CANCELLED:
        raise NotHeld("This booking was cancelled. Book the seats anew.")
    if locked.has_lapsed:
        _check_may_reclaim(booking, locked)
    _sell_seats(booking, locked.seats)
    transitions.set_status(booking, to=CONFIRMED, out_of=[HELD, EXPIRED])
    transitions.record_event(booking, BookingEvent.Kind.CONFIRMED, locked.now)


def _check_may_reclaim(booking: Booking, locked: locks.LockedBooking) -> None:
    """Refuse what would be refused to a new booking: the hold no longer owns its seats."""
    if not locked.is_active:
        raise AccountClosed("The account of this booking was closed. Book the seats anew.")
    rules.check_on_sale(
        state=locked.show_state,
        sales_until=locked.sales_until,
        zone=locked.zone,
        now=locked.now,
    )
    query = UsageQuery(booking.user_id, booking.show_id, locked.client_key, locked.now, hold=True)
    usage, wants = read_usage(query), len(locked.seats)
    rules.check_seat_limit(has=usage.customer_seats, wants=wants)
    if not locked.is_staff:
        capacity = len(get_plan(locked.seat_plan_id).places)
        rules.check_unpaid_limit(usage=usage, wants=wants, capacity=capacity)
        ticket_terms.check_again(booking, query)


def _sell_seats(booking: Booking, seats: set[int]) -> None:
    won = claims.sell(booking.show_id, seats, booking.pk)
    if lost := seats - won:
        labels = seat_labels(booking.show, lost)
        raise HoldExpired(
            f"The hold ran out, and somebody else has {', '.join(labels)}. Choose other seats.",
            seats=labels,
        )
