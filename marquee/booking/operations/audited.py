"""Record in the audit log what staff do to shows, bookings and tickets."""

from typing import Any

from marquee.audit.log import record
from marquee.audit.states import Action, Subject
from marquee.booking.models import Booking, Ticket
from marquee.catalog.models import Auditorium
from marquee.core.actor import is_recorded


def record_of_show(action: Action, show_id: int, *, reason: str = "", **changes: Any) -> None:
    """Record an act on a show. Each of `changes` is a pair: the value before and after."""
    _record(action, Subject.SHOW, show_id, show_id, reason, changes)


def record_of_booking(
    action: Action, booking: Booking, *, reason: str = "", **changes: Any
) -> None:
    """Record an act on a booking, without its customer."""
    _record(action, Subject.BOOKING, booking.pk, booking.show_id, reason, changes)


def record_of_ticket(action: Action, ticket: Ticket, *, reason: str) -> None:
    """Record an act on a ticket."""
    _record(action, Subject.TICKET, ticket.pk, ticket.booking.show_id, reason, {})


def _record(
    action: Action,
    subject: Subject,
    subject_id: int,
    show_id: int,
    reason: str,
    changes: dict[str, Any],
) -> None:
    if not is_recorded():  # customers pay no query
        return
    cinemas = Auditorium.objects.filter(shows=show_id).values_list("cinema_id", flat=True)
    record(action, subject, subject_id, cinema_id=cinemas.get(), changes=changes, reason=reason)
