"""Insert a new booking: itself, its claims, its tickets, and the event.

Both engines store the same rows. PostgreSQL gets one statement, as each round trip and each statement
costs more there than the rows do. SQLite runs in our own process and gets one statement a table.
"""

from collections.abc import Sequence

from marquee.booking import claims
from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.queries import UsageQuery, read_usage, usage_from_row, usage_sql
from marquee.booking.records import Actor, TicketRecord, Usage
from marquee.booking.states import Channel
from marquee.core.sql import array_literal, fetch_all, is_postgresql

# The usage counts the rows before this statement. It misses no other booking: whoever made or
# confirmed one has released the locks of the customer and of the client, which we hold.
INSERT_SQL = """
    WITH usage AS ({usage}), new_booking AS (
        INSERT INTO booking (reference, user_id, show_id, status, held_until, held_at_most_until,
            total, currency, created_at, sold_starts_at, cancel_until, client_key, channel, language,
            idempotency_key, request_digest)
        VALUES (%(reference)s, %(user)s, %(show)s, %(status)s::text, %(until)s, %(at_most_until)s,
            %(total)s, %(currency)s, %(now)s, %(starts_at)s, %(cancel_until)s, %(client)s, %(channel)s,
            %(language)s, %(key)s, %(digest)s)
        RETURNING id
    ), new_tickets AS (
        INSERT INTO ticket (booking_id, seat_id, type_id, price, status, code)
        SELECT new_booking.id, one.seat, one.type, one.price, 'valid', one.code
        FROM new_booking, unnest(%(seats)s::bigint[], %(types)s::text[], %(prices)s::integer[],
            %(codes)s::text[]) AS one (seat, type, price, code)
    ), new_event AS (
        INSERT INTO booking_event (booking_id, kind, at, by, actor_id)
        SELECT new_booking.id, %(status)s::text, %(now)s, %(by)s::text, %(actor)s::bigint
        FROM new_booking
    ), claimed AS ({claim})
    SELECT new_booking.id, ARRAY(SELECT seat_id FROM claimed), usage.* FROM new_booking, usage
"""
CLAIM_ROWS_SQL = """
    SELECT %(show)s, seat, %(state)s::text, new_booking.id, %(until)s, 1
    FROM new_booking, unnest(%(seats)s::bigint[]) AS seat ORDER BY seat
"""


def insert_booking(
    booking: Booking, tickets: Sequence[TicketRecord], actor: Actor
) -> tuple[Usage, set[int]]:
    """Insert a new booking and its tickets, by ascending seat, and set the booking's id.

    Return the usage of customer and client before, and the ids of the seats won now. If these are
    fewer than the tickets, another transaction was first: the caller must roll back.
    """
    hold = booking.held_until is not None
    query = UsageQuery(
        booking.user_id, booking.show_id, booking.client_key, booking.created_at, hold
    )
    if is_postgresql():
        return _insert_postgresql(booking, tickets, query, actor)
    return _insert_sqlite(booking, tickets, query, actor)


def _insert_postgresql(
    booking: Booking, tickets: Sequence[TicketRecord], query: UsageQuery, actor: Actor
) -> tuple[Usage, set[int]]:
    seats, types, prices, _, codes = zip(*tickets, strict=True)
    claim = claims.claim_sql(CLAIM_ROWS_SQL, at_counter=booking.channel == Channel.COUNTER)
    sql = INSERT_SQL.format(usage=usage_sql(), claim=claim)
    values = query.parameters | {
        "reference": booking.reference,
        "status": booking.status,
        "state": claims.HELD if booking.held_until else claims.SOLD,
        "until": booking.held_until,
        "at_most_until": booking.held_at_most_until,
        "total": booking.total,
        "currency": booking.currency,
        "now": booking.created_at,
        "channel": booking.channel,
        "language": booking.language,
        "starts_at": booking.sold_starts_at,
        "cancel_until": booking.cancel_until,
        "key": booking.idempotency_key,
        "digest": booking.request_digest,
        "by": actor.by,
        "actor": actor.user_id,
        "seats": array_literal(seats),
        "types": array_literal(types),
        "prices": array_literal(prices),
        "codes": array_literal(codes),
    }
    ((booking.pk, won, *usage),) = fetch_all(sql, values)
    return usage_from_row(usage), set(won)


def _insert_sqlite(
    booking: Booking, tickets: Sequence[TicketRecord], query: UsageQuery, actor: Actor
) -> tuple[Usage, set[int]]:
    usage = read_usage(query)
    booking.save(force_insert=True)
    seats = {ticket.seat_id for ticket in tickets}
    at_counter = booking.channel == Channel.COUNTER
    won = claims.claim(
        booking.show_id, seats, booking.pk, booking.held_until, at_counter=at_counter
    )
    Ticket.objects.bulk_create(Ticket(booking=booking, **one._asdict()) for one in tickets)
    BookingEvent.objects.create(
        booking=booking,
        kind=booking.status,
        at=booking.created_at,
        by=actor.by,
        actor_id=actor.user_id,
    )
    return usage, won
