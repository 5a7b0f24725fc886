"""Admit the bearer of a ticket."""

from marquee.booking import locks, rules
from marquee.booking.models import Ticket
from marquee.booking.operations import transitions
from marquee.booking.records import UNRECORDED, Actor
from marquee.booking.states import EventKind, TicketStatus
from marquee.core.transactions import transactional


@transactional
def admit(*, ticket: Ticket, actor: Actor = UNRECORDED) -> None:
    """Let the bearer of a ticket in, once. Refuses with AlreadyUsed or NotAdmitted."""
    locked = locks.lock_for_change(ticket.booking)
    rules.check_may_admit(locked)
    row = Ticket.objects.filter(pk=ticket.pk)
    valid = row.filter(status=TicketStatus.VALID)
    if not valid.update(status=TicketStatus.USED, used_at=locked.now):
        raise rules.already_used(row.get().used_at, zone=locked.zone)
    transitions.record_events([ticket.booking_id], EventKind.ADMITTED, locked.now, actor)
