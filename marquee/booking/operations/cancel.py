"""Cancel a booking, or give a hold back."""

from marquee.booking import claims, locks, rules
from marquee.booking.errors import NotHeld
from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.operations import transitions
from marquee.booking.operations.admit import already_used
from marquee.booking.operations.transitions import CANCELLED, CONFIRMED, HELD
from marquee.core.transactions import transactional


@transactional
def cancel(*, booking: Booking) -> None:
    """Give the seats back and void the tickets. Cancelling twice changes nothing.

    Refuses with TooLateToCancel, AlreadyUsed, or NotHeld (the hold has expired).
    """
    locked = locks.for_change(booking)
    if locked.status == CANCELLED:
        return
    if locked.has_lapsed:
        raise NotHeld("This hold ran out by itself; its seats are free again.")
    if locked.status == CONFIRMED:
        until = rules.cancel_until(locked.starts_at, locked.cancel_until_minutes)
        rules.check_may_cancel(until=until, zone=locked.zone, now=locked.now)
    transitions.set_status(booking, to=CANCELLED, out_of=[HELD, CONFIRMED])
    claims.release(booking.show_id, locked.seats, booking.pk)
    _void_tickets(booking, locked)
    transitions.record_event(booking, BookingEvent.Kind.CANCELLED, locked.now)


def _void_tickets(booking: Booking, locked: locks.LockedBooking) -> None:
    """Void every ticket, or refuse with AlreadyUsed: an admission may have been a moment faster."""
    if transitions.void_tickets(booking) == len(locked.seats):
        return
    if used := Ticket.objects.filter(booking=booking, status=Ticket.Status.USED).first():
        raise already_used(used, locked.zone)
