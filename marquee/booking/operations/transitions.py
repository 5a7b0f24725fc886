"""What several verbs write: the status of bookings, their tickets' status, and events."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from marquee.booking.models import Booking, BookingEvent
from marquee.catalog.models import Show
from marquee.catalog.queries import get_plan
from marquee.core import clock
from marquee.core.sql import fetch_all

HELD, CONFIRMED, CANCELLED, EXPIRED = (
    Booking.Status.HELD,
    Booking.Status.CONFIRMED,
    Booking.Status.CANCELLED,
    Booking.Status.EXPIRED,
)

SET_STATUS_SQL = """
    UPDATE booking SET status = %(to)s, held_until = NULL, released_at = {released_at}
    WHERE id = %(booking)s AND status IN ({out_of}) RETURNING id
"""
# An expired hold released its seats at `held_until`, whenever the worker records that.
RELEASED_AT_SQL: dict[str, str] = {CONFIRMED: "NULL", CANCELLED: "{now}", EXPIRED: "held_until"}


def set_status(booking: Booking, *, to: str, out_of: list[str]) -> None:
    """Change the status by compare-and-set on the row's own columns: see DESIGN 5."""
    sql = SET_STATUS_SQL.format(
        released_at=RELEASED_AT_SQL[to].format(now=clock.now_sql()),
        out_of=", ".join(f"'{status}'" for status in out_of),
    )
    if not fetch_all(sql, {"booking": booking.pk, "to": to}):
        raise RuntimeError(f"Booking {booking.reference} changed under its own lock.")


VOID_TICKETS_SQL = """
    UPDATE ticket SET status = 'void' WHERE booking_id = %(booking)s AND status = 'valid' RETURNING id
"""


def void_tickets(booking: Booking) -> int:
    """Void the valid tickets of a booking, and return how many there were."""
    return len(fetch_all(VOID_TICKETS_SQL, {"booking": booking.pk}))


INSERT_EVENT_SQL = (
    "INSERT INTO booking_event (booking_id, kind, at) VALUES (%(booking)s, %(kind)s, %(at)s)"
)


def record_event(booking: Booking, kind: str, at: datetime) -> None:
    """Record what happened to a booking."""
    fetch_all(INSERT_EVENT_SQL, {"booking": booking.pk, "kind": kind, "at": clock.to_db_time(at)})


def record_events(bookings: Sequence[Booking], kind: str, at: datetime) -> None:
    """Record what happened to several bookings."""
    BookingEvent.objects.bulk_create(
        BookingEvent(booking=booking, kind=kind, at=at) for booking in bookings
    )


def seat_labels(show: Show, seats: Iterable[int]) -> list[str]:
    """Return the labels of these seats, in their order in the auditorium."""
    by_id = get_plan(show.seat_plan_id).by_id
    return [by_id[seat].label for seat in sorted(seats)]
