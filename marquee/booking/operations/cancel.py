"""Cancel a booking, or give a hold back."""

from marquee.booking import claims, locks, rules
from marquee.booking.models import Booking, Ticket
from marquee.booking.operations import transitions
from marquee.booking.records import Actor, LockedBooking
from marquee.booking.states import BookingStatus, EventKind, TicketStatus
from marquee.core.transactions import transactional


@transactional
def cancel(*, booking: Booking, actor: Actor | None = None, reason: str = "") -> bool:
    """Give the seats back and void the tickets. Return False if the booking was cancelled before.

    Without an `actor` the customer cancels. The history keeps both, and the `reason`.
    Refuses with TooLateToCancel, AlreadyUsed, or NotHeld (the hold has expired).
    """
    locked = locks.lock_for_change(booking)
    if locked.status == BookingStatus.CANCELLED:
        return False
    rules.check_may_cancel(locked)
    transitions.set_status(
        [booking.pk],
        to=BookingStatus.CANCELLED,
        out_of=[BookingStatus.HELD, BookingStatus.CONFIRMED],
    )
    claims.release(booking.show_id, locked.seats, booking.pk)
    _void_tickets(booking, locked)
    transitions.record_events([booking.pk], EventKind.CANCELLED, locked.now, actor, reason=reason)
    return True


def _void_tickets(booking: Booking, locked: LockedBooking) -> None:
    """Void every ticket, or refuse with AlreadyUsed: an admission may have come first."""
    if transitions.void_tickets([booking.pk]) == len(locked.seats):
        return
    if used := Ticket.objects.filter(booking=booking, status=TicketStatus.USED).first():
        raise rules.already_used(used.used_at, zone=locked.zone)
