"""The transitions of seats: the only writer of `seat_claim`.

Every transition is one statement: an upsert of the new rows, in ascending order of seats. Its guard
is checked on each row once that row is locked. The statement returns the seats that passed. If fewer
pass than were asked for, another transaction was first, and the caller rolls back. Ascending order
prevents deadlocks between customers who want overlapping seats (DESIGN 5).
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from marquee.booking.models import SeatClaim
from marquee.core import clock
from marquee.core.sql import fetch_all, is_postgresql, key_in, keys_param

FREE, HELD, SOLD, BLOCKED = (
    SeatClaim.State.FREE,
    SeatClaim.State.HELD,
    SeatClaim.State.SOLD,
    SeatClaim.State.BLOCKED,
)

UPSERT_SQL = """
    INSERT INTO seat_claim (show_id, seat_id, state, booking_id, expires_at, gen) {rows}
    ON CONFLICT (show_id, seat_id) DO UPDATE SET
        state = excluded.state, booking_id = excluded.booking_id,
        expires_at = excluded.expires_at, gen = seat_claim.gen + 1
    WHERE {guard}
    RETURNING seat_id
"""
POSTGRESQL_ROWS_SQL = """
    SELECT %(show)s::bigint, seat, %(state)s::text, %(booking)s::bigint,
        %(until)s::timestamptz, 1
    FROM unnest(%(seats)s::bigint[]) AS seat ORDER BY seat
"""
SQLITE_ROWS_SQL = """
    SELECT %(show)s, seat.value, %(state)s, %(booking)s, %(until)s, 1
    FROM json_each(%(seats)s) AS seat WHERE TRUE ORDER BY seat.value
"""
# An exchange: the wanted seats are claimed and the others freed, in one order.
POSTGRESQL_EXCHANGE_SQL = """
    SELECT %(show)s::bigint, seat, CASE WHEN is_wanted THEN %(state)s::text ELSE 'free' END,
        CASE WHEN is_wanted THEN %(owner)s::bigint END,
        CASE WHEN is_wanted THEN %(until)s::timestamptz END, 1
    FROM (
        SELECT seat, seat = ANY(%(wanted)s::bigint[]) AS is_wanted
        FROM unnest(%(seats)s::bigint[]) AS seat
    ) AS moved ORDER BY seat
"""
SQLITE_EXCHANGE_SQL = """
    SELECT %(show)s, seat, iif(is_wanted, %(state)s, 'free'), iif(is_wanted, %(owner)s, NULL),
        iif(is_wanted, %(until)s, NULL), 1
    FROM (
        SELECT value AS seat, value IN (SELECT value FROM json_each(%(wanted)s)) AS is_wanted
        FROM json_each(%(seats)s)
    ) AS moved WHERE TRUE ORDER BY seat
"""
# The guards. Each is evaluated on the newest version of the row, with the database's clock at that moment.
IS_AVAILABLE = (
    "(seat_claim.state = 'free' OR seat_claim.state = 'held' AND seat_claim.expires_at <= {now})"
)
# Staff at the counter also sell seats that were taken off sale, if they name them.
IS_FOR_COUNTER = f"({IS_AVAILABLE} OR seat_claim.state = 'blocked')"
IS_OWNED = "(seat_claim.state IN ('held', 'sold') AND seat_claim.booking_id = %(owner)s)"
IS_OWNED_BY_ANY = "(seat_claim.state IN ('held', 'sold') AND {owners})"
IS_HELD_BY_BOOKING = "(seat_claim.state = 'held' AND seat_claim.booking_id = %(owner)s)"
HAS_OWNER = "seat_claim.state IN ('held', 'sold')"
IS_BLOCKED = "seat_claim.state = 'blocked'"
IS_LIVE_HOLD = f"({IS_HELD_BY_BOOKING} AND seat_claim.expires_at > {{now}})"


def claim(
    show_id: int,
    seats: AbstractSet[int],
    booking_id: int,
    until: datetime | None,
    *,
    at_counter: bool = False,
) -> set[int]:
    """Claim available seats for a booking: held until a time, or sold. Return the seats won."""
    guard = IS_FOR_COUNTER if at_counter else IS_AVAILABLE
    return _transition(show_id, seats, HELD if until else SOLD, booking_id, until, guard)


def claim_sql(rows: str, *, at_counter: bool = False) -> str:
    """Return `claim` as SQL for rows that a larger statement selects, by ascending seat."""
    guard = IS_FOR_COUNTER if at_counter else IS_AVAILABLE
    return UPSERT_SQL.format(rows=rows, guard=guard.format(now=clock.now_sql()))


def sell(show_id: int, seats: AbstractSet[int], booking_id: int) -> set[int]:
    """Sell a booking its seats, and return the seats won.

    Succeeds for seats the booking still holds, even after expiry, and for available seats.
    """
    return _transition(
        show_id, seats, SOLD, booking_id, None, f"({IS_HELD_BY_BOOKING} OR {IS_AVAILABLE})"
    )


def extend(show_id: int, seats: AbstractSet[int], booking_id: int, until: datetime) -> set[int]:
    """Hold for longer the seats that this booking holds and whose hold has not expired; return them."""
    return _transition(show_id, seats, HELD, booking_id, until, IS_LIVE_HOLD)


def release(show_id: int, seats: AbstractSet[int], booking_id: int) -> set[int]:
    """Free the seats that this booking owns; return them."""
    return _transition(show_id, seats, FREE, booking_id, None, IS_OWNED)


def exchange(
    show_id: int,
    *,
    wanted: AbstractSet[int],
    given_up: AbstractSet[int],
    booking_id: int,
    until: datetime | None,
) -> set[int]:
    """Claim available seats for a booking, and free others that it owns; return those that passed.

    One statement, in ascending order of all these seats. Two would deadlock: with a customer who
    wants a seat of each, and with another exchange.
    """
    sql = UPSERT_SQL.format(
        rows=POSTGRESQL_EXCHANGE_SQL if is_postgresql() else SQLITE_EXCHANGE_SQL,
        guard=f"(CASE excluded.state WHEN 'free' THEN {IS_OWNED} ELSE {IS_AVAILABLE} END)".format(
            now=clock.now_sql()
        ),
    )
    values = {
        "show": show_id,
        "seats": keys_param(wanted | given_up),
        "wanted": keys_param(wanted),
        "state": HELD if until else SOLD,
        "owner": booking_id,
        "until": clock.to_db_time(until),
    }
    return {seat for (seat,) in fetch_all(sql, values)}


def release_for_bookings(
    show_id: int, seats: AbstractSet[int], booking_ids: Iterable[int]
) -> set[int]:
    """Free the seats that one of these bookings owns; return them."""
    guard = IS_OWNED_BY_ANY.format(owners=key_in("seat_claim.booking_id", "owners"))
    return _transition(show_id, seats, FREE, None, None, guard, owners=keys_param(booking_ids))


def release_all(show_id: int, seats: AbstractSet[int]) -> set[int]:
    """Free the seats that any booking owns, for a show called off; return them."""
    return _transition(show_id, seats, FREE, None, None, HAS_OWNER)


def block(show_id: int, seats: AbstractSet[int]) -> set[int]:
    """Take available seats off sale (house seats, broken seats); return the seats blocked."""
    return _transition(show_id, seats, BLOCKED, None, None, IS_AVAILABLE)


def unblock(show_id: int, seats: AbstractSet[int]) -> set[int]:
    """Put blocked seats back on sale; return the seats unblocked."""
    blocked = SeatClaim.objects.filter(show_id=show_id, seat_id__in=seats, state=BLOCKED)
    found = set(blocked.values_list("seat_id", flat=True))  # a seat never claimed has no row
    return _transition(show_id, found, FREE, None, None, IS_BLOCKED)


def _transition(
    show_id: int,
    seats: AbstractSet[int],
    state: str,
    booking_id: int | None,
    expires_at: datetime | None,
    guard: str,
    **guard_parameters: Any,
) -> set[int]:
    if not seats:
        return set()
    sql = UPSERT_SQL.format(
        rows=POSTGRESQL_ROWS_SQL if is_postgresql() else SQLITE_ROWS_SQL,
        guard=guard.format(now=clock.now_sql()),
    )
    values = {
        "show": show_id,
        "seats": keys_param(seats),
        "state": state,
        "booking": booking_id if state in (HELD, SOLD) else None,
        "until": clock.to_db_time(expires_at),
        "owner": booking_id,
    } | guard_parameters
    return {seat for (seat,) in fetch_all(sql, values)}
