"""Admit the bearer of a ticket."""

from marquee.booking import locks
from marquee.booking.errors import AlreadyUsed, NotAdmitted
from marquee.booking.models import BookingEvent, Ticket
from marquee.booking.operations import transitions
from marquee.booking.operations.transitions import CONFIRMED
from marquee.core import clock
from marquee.core.transactions import transactional


@transactional
def admit(*, ticket: Ticket) -> None:
    """Let the bearer of a ticket in, once. Refuses with AlreadyUsed or NotAdmitted."""
    locked = locks.for_change(ticket.booking)
    if locked.status != CONFIRMED:
        raise NotAdmitted("The booking of this ticket is not confirmed.")
    one = Ticket.objects.filter(pk=ticket.pk)
    valid = one.filter(status=Ticket.Status.VALID)
    if not valid.update(status=Ticket.Status.USED, used_at=locked.now):
        raise already_used(one.get(), locked.zone)
    transitions.record_event(ticket.booking, BookingEvent.Kind.ADMITTED, locked.now)


def already_used(ticket: Ticket, zone: str) -> AlreadyUsed:
    """Return the refusal that says when a ticket was used."""
    used_at = ticket.used_at and clock.isoformat_in(ticket.used_at, zone)
    return AlreadyUsed("This ticket was used at the door already.", used_at=used_at)
