"""How a new booking is stored: itself, its claims, its tickets, and the event.

The same four rows on both engines. PostgreSQL takes them in one statement, as each round trip and
each statement costs more there than the rows do; SQLite, which is in our own process, one by one.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from marquee.booking import claims
from marquee.booking.models import Booking, BookingEvent, Ticket

POSTGRESQL = """
    WITH made AS (
        INSERT INTO booking (reference, user_id, show_id, status, held_until, total, currency,
            created_at, idempotency_key, request_digest)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        RETURNING id, show_id, held_until, created_at
    ), issued AS (
        INSERT INTO ticket (booking_id, seat_id, type_id, price, status, code)
        SELECT made.id, one.seat, one.type, one.price, 'valid', one.code
        FROM made, unnest(%s::bigint[], %s::text[], %s::integer[], %s::text[])
            AS one (seat, type, price, code)
        ORDER BY one.seat
        RETURNING id, seat_id
    ), noted AS (
        INSERT INTO booking_event (booking_id, kind, at)
        SELECT made.id, %s::text, made.created_at FROM made
    ), claimed AS ({claim})
    SELECT made.id, ARRAY(SELECT seat_id FROM claimed),
        ARRAY(SELECT id FROM issued ORDER BY seat_id)
    FROM made
"""
CLAIMED = """
    SELECT made.show_id, issued.seat_id, %s::text, made.id, made.held_until, 1
    FROM made, issued ORDER BY issued.seat_id
"""


def store(booking: Booking, tickets: Sequence[Ticket]) -> set[int]:
    """Store a new booking and its tickets, by ascending seat; return the keys of the seats it won.

    Fewer than it has tickets for means that somebody else was faster: roll back. Sets the
    keys of all.
    """
    if connection.vendor == "postgresql":
        return _store_at_once(booking, tickets)
    return _store_one_by_one(booking, tickets)


def _store_at_once(booking: Booking, tickets: Sequence[Ticket]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            POSTGRESQL.format(claim=claims.taking(CLAIMED)),
            [
                *_values(booking),
                [ticket.seat_id for ticket in tickets],
                [ticket.type_id for ticket in tickets],
                [ticket.price for ticket in tickets],
                [ticket.code for ticket in tickets],
                booking.status,
                claims.HELD if booking.held_until else claims.SOLD,
            ],
        )
        booking.pk, won, keys = cursor.fetchone()
    for ticket, key in zip(tickets, keys, strict=True):
        ticket.pk = key
    return set(won)


def _values(booking: Booking) -> list[Any]:
    return [
        booking.reference,
        booking.user_id,
        booking.show_id,
        booking.status,
        booking.held_until,
        booking.total,
        booking.currency,
        booking.created_at,
        booking.idempotency_key,
        booking.request_digest,
    ]


def _store_one_by_one(booking: Booking, tickets: Sequence[Ticket]) -> set[int]:
    booking.save(force_insert=True)
    seats = {ticket.seat_id for ticket in tickets}
    won = claims.take(booking.show_id, seats, booking.pk, booking.held_until)
    Ticket.objects.bulk_create(tickets)
    BookingEvent.objects.create(booking=booking, kind=booking.status, at=booking.created_at)
    return won
