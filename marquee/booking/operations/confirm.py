"""Confirm a hold."""

from marquee.booking import claims, locks, rules
from marquee.booking.models import Booking
from marquee.booking.operations import ticket_terms, transitions
from marquee.booking.operations.transitions import seat_labels
from marquee.booking.queries import UsageQuery, read_usage
from marquee.booking.records import Actor, LockedBooking
from marquee.booking.states import BookingStatus, EventKind
from marquee.catalog.queries import get_plan
from marquee.core.transactions import transactional


@transactional
def confirm(*, booking: Booking, actor: Actor | None = None) -> bool:
    """Turn a hold into a confirmed booking. Return False if it was confirmed before.

    Without an `actor` the customer confirms.
    An expired hold is confirmed while nobody else has taken its seats: it gets all of them back, or
    none. Refuses with HoldExpired, NotHeld (it was cancelled) or ShowCalledOff; an expired hold also
    with AccountClosed, SalesClosed, SeatLimit, UnpaidLimit and what `ticket_terms.check` refuses,
    like a new booking.
    """
    locked = locks.lock_for_change(booking, with_counters=True)
    if locked.status == BookingStatus.CONFIRMED:
        return False
    rules.check_may_confirm(locked)
    if rules.is_expired(locked):
        _check_may_reclaim(booking, locked)
    _sell_seats(booking, locked)
    transitions.set_status(
        [booking.pk],
        to=BookingStatus.CONFIRMED,
        out_of=[BookingStatus.HELD, BookingStatus.EXPIRED],
    )
    transitions.record_events([booking.pk], EventKind.CONFIRMED, locked.now, actor)
    return True


def _check_may_reclaim(booking: Booking, locked: LockedBooking) -> None:
    """Refuse an expired hold what would be refused to a new booking."""
    query = UsageQuery(booking.user_id, booking.show_id, locked.client_key, locked.now, hold=True)
    capacity = len(get_plan(locked.seat_plan_id).seats)
    rules.check_may_reclaim(locked, usage=read_usage(query), capacity=capacity)
    if not locked.is_staff:
        ticket_terms.check_again(booking, query)


def _sell_seats(booking: Booking, locked: LockedBooking) -> None:
    lost = locked.seats - claims.sell(booking.show_id, locked.seats, booking.pk)
    rules.check_hold_seats_won(seat_labels(locked.seat_plan_id, lost))
