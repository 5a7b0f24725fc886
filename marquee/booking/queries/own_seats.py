"""Which seats of a show some users have already, and which ones a ticket was exchanged for."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from marquee.booking.models import BookingEvent, Ticket
from marquee.booking.states import BookingStatus, EventKind, TicketStatus
from marquee.core.clock import DatabaseNow


class OwnBooking(NamedTuple):
    """A live booking of a show: held until a time, or confirmed; with its seats' ids."""

    reference: str
    held_until: datetime | None
    seat_ids: tuple[int, ...]


def own_bookings(show_id: int, user_ids: Sequence[int]) -> list[OwnBooking]:
    """Return the live bookings that these users have of a show, the newest first, by one query."""
    if not user_ids:
        return []
    live = Q(booking__status=BookingStatus.CONFIRMED) | Q(
        booking__status=BookingStatus.HELD, booking__held_until__gt=DatabaseNow()
    )
    rows = (
        Ticket.objects.filter(live, booking__show=show_id, booking__user__in=user_ids)
        .exclude(status=TicketStatus.VOID)
        .order_by("-booking_id", "seat_id")
        .values_list("booking__reference", "booking__status", "booking__held_until", "seat_id")
    )
    seats: dict[tuple[str, datetime | None], list[int]] = {}
    for reference, status, held_until, seat_id in rows:
        until = held_until if status == BookingStatus.HELD else None
        seats.setdefault((reference, until), []).append(seat_id)
    return [OwnBooking(*booking, tuple(ids)) for booking, ids in seats.items()]


def seats_exchanged_for(ticket: Ticket) -> list[str]:
    """Return the seats that a ticket's booking has now, if it gave up the ticket for others; else none."""
    events = BookingEvent.objects.filter(booking=ticket.booking_id, kind=EventKind.EXCHANGED)
    if ticket.released_at is None or not events.filter(at=ticket.released_at).exists():
        return []
    live = Ticket.objects.filter(booking=ticket.booking_id).exclude(status=TicketStatus.VOID)
    return list(live.order_by("seat_id").values_list("seat__label", flat=True))
