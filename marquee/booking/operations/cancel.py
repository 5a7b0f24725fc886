"""Cancel a booking or some of its tickets, or give a hold back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from marquee.audit.states import Action
from marquee.booking import cancel_rules, claims, customer_rules, locks, rules
from marquee.booking.models import Booking, Ticket
from marquee.booking.operations import audited, counter_sale, ticket_terms, transitions
from marquee.booking.records import Actor, LockedBooking
from marquee.booking.states import BookingStatus, Channel, EventKind, TicketStatus
from marquee.core import codes
from marquee.core.transactions import transactional


@dataclass(frozen=True, slots=True)
class Part:
    """Some tickets of a booking: those to cancel, and those that it would keep."""

    cancelled: Sequence[Ticket]
    kept: Sequence[Ticket]


@transactional
def cancel(
    *,
    booking: Booking,
    tickets: Collection[str] | None = None,
    actor: Actor | None = None,
    reason: str = "",
) -> bool:
    """Give seats back and void their tickets. Return False if these were cancelled before.

    Cancels the `tickets`, by their codes or seats, or all of them. The booking ends when none is left;
    until then its total is what the others cost. Without an `actor` the customer cancels. The history
    keeps both, and the `reason`. Refuses with TooLateToCancel, AlreadyUsed, or NotHeld (the hold has
    expired); some tickets also with BadInput for unknown ones, and with NeedsAnother or
    CompanionWithoutSpace if others need them. Refuses with AccountClosed a guest whose booking joined an
    account meanwhile.
    """
    locked = locks.lock_for_change(booking)
    customer_rules.check_still_owns(locked, owner=booking.user_id, actor=actor)
    part = None if tickets is None else _find_part(booking, tickets)
    if locked.status == BookingStatus.CANCELLED or (part and not part.cancelled):
        return False
    rules.check_may_cancel(locked)
    if part and part.kept:
        _cancel_some(booking, locked, part)
        kind = EventKind.REDUCED
    else:
        _cancel_all(booking, locked)
        kind = EventKind.CANCELLED
    transitions.record_events([booking.pk], kind, locked.now, actor, reason=reason)
    audited.record_of_booking(Action.CANCELLED, booking, reason=reason)
    return True


def _cancel_all(booking: Booking, locked: LockedBooking) -> None:
    transitions.set_status(
        [booking.pk],
        to=BookingStatus.CANCELLED,
        out_of=[BookingStatus.HELD, BookingStatus.CONFIRMED],
    )
    _release(booking, locked, locked.seats)
    _void_tickets(booking, locked)


def _release(booking: Booking, locked: LockedBooking, seats: set[int]) -> None:
    """Free the seats. Those that the counter sold although they were blocked are blocked again."""
    claims.release(booking.show_id, seats, booking.pk)
    counter_sale.block_again(booking, seats, channel=locked.channel)


def _void_tickets(booking: Booking, locked: LockedBooking) -> None:
    """Void every ticket, or refuse with AlreadyUsed: an admission may have come first."""
    if transitions.void_tickets([booking.pk]) != len(locked.seats):
        _check_not_used(Ticket.objects.select_related("seat").filter(booking=booking), locked)


def _check_not_used(tickets: Collection[Ticket], locked: LockedBooking) -> None:
    for ticket in tickets:
        if ticket.used_at is not None:
            raise cancel_rules.ticket_used(
                ticket.seat.label,
                ticket.used_at,
                zone=locked.zone,
                has_others=len(locked.seats) > 1,
            )


def _find_part(booking: Booking, names: Collection[str]) -> Part:
    """Return the tickets named by code or seat, apart from the others; void ones are in neither."""
    tickets = list(Ticket.objects.select_related("seat").filter(booking=booking).order_by("pk"))
    by_name = {ticket.code: ticket for ticket in tickets}
    by_name |= {ticket.seat.label: ticket for ticket in tickets}
    named = {
        name: by_name.get(name.upper()) or by_name.get(codes.normalise(name)) for name in names
    }
    if unknown := [name for name, ticket in named.items() if ticket is None]:
        raise cancel_rules.unknown_tickets(unknown)
    live = [ticket for ticket in tickets if ticket.status != TicketStatus.VOID]
    return Part(
        cancelled=[ticket for ticket in live if ticket in named.values()],
        kept=[ticket for ticket in live if ticket not in named.values()],
    )


def _cancel_some(booking: Booking, locked: LockedBooking, part: Part) -> None:
    _check_not_used(part.cancelled, locked)
    if not locked.is_staff and locked.channel != Channel.COUNTER:
        ticket_terms.check_rest(booking, before=[*part.cancelled, *part.kept], kept=part.kept)
    transitions.void_some_tickets(part.cancelled, at=locked.now)
    _release(booking, locked, {ticket.seat_id for ticket in part.cancelled})
    total = sum(ticket.price for ticket in part.kept)
    Booking.objects.filter(pk=booking.pk).update(total=total)
