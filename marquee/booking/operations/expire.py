"""Record that a hold has expired."""

from marquee.booking import claims, locks, rules
from marquee.booking.models import Booking
from marquee.booking.operations import transitions
from marquee.booking.records import WORKER
from marquee.booking.states import BookingStatus, EventKind
from marquee.core.transactions import transactional


@transactional
def expire(*, booking: Booking) -> None:
    """Record that a hold has expired, and free the seats that nobody has taken over meanwhile.

    Changes nothing if the hold has not expired, or is no longer one.
    """
    locked = locks.lock_for_change(booking)
    if rules.may_expire(locked):
        transitions.set_status([booking.pk], to=BookingStatus.EXPIRED, out_of=[BookingStatus.HELD])
        claims.release(booking.show_id, locked.seats, booking.pk)
        transitions.record_events([booking.pk], EventKind.EXPIRED, locked.now, WORKER)
