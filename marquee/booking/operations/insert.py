"""How a new booking is stored: itself, its claims, its tickets, and the event.

The same rows on both engines. PostgreSQL takes them in one statement, as each round trip and each
statement costs more there than the rows do; SQLite, which is in our own process, one by one.
"""

from collections.abc import Sequence

from marquee.booking import claims
from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.queries import (
    TicketRecord,
    UsageQuery,
    read_usage,
    usage_from_row,
    usage_sql,
)
from marquee.booking.rules import Usage
from marquee.core.sql import array_literal, fetch_all, is_postgresql

# The usage is of what stood before this statement: of other bookings, all of them, as whoever made
# or confirmed one has let go of the customer's and the client's locks, which we have.
POSTGRESQL = """
    WITH usage AS ({usage}), made AS (
        INSERT INTO booking (reference, user_id, show_id, status, held_until, total, currency,
            created_at, client_key, idempotency_key, request_digest)
        VALUES (%(reference)s, %(user)s, %(show)s, %(status)s::text, %(until)s, %(total)s, %(currency)s,
            %(now)s, %(client)s, %(key)s, %(digest)s)
        RETURNING id
    ), issued AS (
        INSERT INTO ticket (booking_id, seat_id, type_id, price, status, code)
        SELECT made.id, one.seat, one.type, one.price, 'valid', one.code
        FROM made, unnest(%(seats)s::bigint[], %(types)s::text[], %(prices)s::integer[],
            %(codes)s::text[]) AS one (seat, type, price, code)
    ), noted AS (
        INSERT INTO booking_event (booking_id, kind, at)
        SELECT made.id, %(status)s::text, %(now)s FROM made
    ), claimed AS ({claim})
    SELECT made.id, ARRAY(SELECT seat_id FROM claimed), usage.* FROM made, usage
"""
CLAIMED = """
    SELECT %(show)s, seat, %(state)s::text, made.id, %(until)s, 1
    FROM made, unnest(%(seats)s::bigint[]) AS seat ORDER BY seat
"""


def insert_booking(booking: Booking, tickets: Sequence[TicketRecord]) -> tuple[Usage, set[int]]:
    """Store a new booking and its tickets, by ascending seat; set its key.

    Return what the customer and the client had before, and the keys of the seats won now. Fewer
    than it has tickets for means that somebody else was faster: roll back.
    """
    hold = booking.held_until is not None
    query = UsageQuery(
        booking.user_id, booking.show_id, booking.client_key, booking.created_at, hold
    )
    if is_postgresql():
        return _insert_postgresql(booking, tickets, query)
    return _insert_sqlite(booking, tickets, query)


def _insert_postgresql(
    booking: Booking, tickets: Sequence[TicketRecord], query: UsageQuery
) -> tuple[Usage, set[int]]:
    seats, types, prices, _, codes = zip(*tickets, strict=True)
    sql = POSTGRESQL.format(usage=usage_sql(), claim=claims.taking(CLAIMED))
    values = query.parameters | {
        "reference": booking.reference,
        "status": booking.status,
        "state": claims.HELD if booking.held_until else claims.SOLD,
        "until": booking.held_until,
        "total": booking.total,
        "currency": booking.currency,
        "now": booking.created_at,
        "key": booking.idempotency_key,
        "digest": booking.request_digest,
        "seats": array_literal(seats),
        "types": array_literal(types),
        "prices": array_literal(prices),
        "codes": array_literal(codes),
    }
    ((booking.pk, won, *usage),) = fetch_all(sql, values)
    return usage_from_row(usage), set(won)


def _insert_sqlite(
    booking: Booking, tickets: Sequence[TicketRecord], query: UsageQuery
) -> tuple[Usage, set[int]]:
    usage = read_usage(query)
    booking.save(force_insert=True)
    seats = {ticket.seat_id for ticket in tickets}
    won = claims.take(booking.show_id, seats, booking.pk, booking.held_until)
    Ticket.objects.bulk_create(Ticket(booking=booking, **one._asdict()) for one in tickets)
    BookingEvent.objects.create(booking=booking, kind=booking.status, at=booking.created_at)
    return usage, won
