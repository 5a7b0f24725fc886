"""Record that a hold has expired."""

from marquee.booking import claims, locks
from marquee.booking.models import Booking, BookingEvent
from marquee.booking.operations import transitions
from marquee.booking.operations.transitions import EXPIRED, HELD
from marquee.core.transactions import transactional


@transactional
def expire(*, booking: Booking) -> None:
    """Record that a hold has expired, and free the seats that nobody has taken over meanwhile."""
    locked = locks.for_change(booking)
    if locked.status == HELD and locked.has_lapsed:
        transitions.set_status(booking, to=EXPIRED, out_of=[HELD])
        claims.release(booking.show_id, locked.seats, booking.pk)
        transitions.record_event(booking, BookingEvent.Kind.EXPIRED, locked.now)
