"""Admit the bearer of a ticket, and undo it."""

from marquee.audit.states import Action
from marquee.booking import gate_rules, locks, queries, rules
from marquee.booking.errors import NotUsed
from marquee.booking.models import Ticket
from marquee.booking.operations import audited, transitions
from marquee.booking.records import UNRECORDED, Actor
from marquee.booking.states import EventKind, TicketStatus
from marquee.core.transactions import transactional


@transactional
def admit(*, ticket: Ticket, actor: Actor = UNRECORDED, reason: str = "") -> None:
    """Let the bearer of a ticket in, once, on the evening of its show; else only with a reason.

    The event records the actor and the reason. Refuses with AlreadyUsed, NotAdmitted, TooEarly or
    TooLate.
    """
    reason = gate_rules.clean_reason(reason)
    locked = locks.lock_for_change(ticket.booking)
    gate_rules.check_may_admit(locked, reason=reason)
    row = Ticket.objects.filter(pk=ticket.pk)
    valid = row.filter(status=TicketStatus.VALID)
    if not valid.update(status=TicketStatus.USED, used_at=locked.now):
        found = row.get()
        if found.status == TicketStatus.USED:
            raise rules.already_used(found.used_at, zone=locked.zone)
        seats = queries.seats_exchanged_for(found)
        raise gate_rules.void(reference=ticket.booking.reference, seats_instead=seats)
    transitions.record_events(
        [ticket.booking_id], EventKind.ADMITTED, locked.now, actor, reason=reason
    )
    audited.record_of_ticket(Action.ADMITTED, ticket, reason=reason)


@transactional
def undo_admission(*, ticket: Ticket, actor: Actor = UNRECORDED, reason: str) -> None:
    """Let a used ticket admit again. The event records who did it and why (DESIGN 6).

    Refuses with BadInput without a reason, with NotUsed, and with NotAdmitted when its booking was
    cancelled meanwhile: such an admission stays. The door checks that the actor may change tickets.
    """
    reason = gate_rules.clean_reason(reason)
    locked = locks.lock_for_change(ticket.booking)
    gate_rules.check_may_undo_admission(locked, reason=reason)
    used = Ticket.objects.filter(pk=ticket.pk, status=TicketStatus.USED)
    if not used.update(status=TicketStatus.VALID, used_at=None):
        raise NotUsed("This ticket was not used at the door, or that was undone already.")
    transitions.record_events(
        [ticket.booking_id], EventKind.ADMISSION_UNDONE, locked.now, actor, reason=reason
    )
    audited.record_of_ticket(Action.ADMISSION_UNDONE, ticket, reason=reason)
