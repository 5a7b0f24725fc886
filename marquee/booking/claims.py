"""Who has a seat at a show: the only writer of seat claims.

Every transition of every seat is one statement of one form: an upsert of the rows as they shall
be, in ascending order of seats, with a guard that each row must pass at the moment it is locked.
The statement answers with the seats that passed; fewer than asked for means that somebody else
was first, and the caller rolls back. Ascending order is what keeps two customers who want
overlapping seats from waiting for each other in a circle (DESIGN 5).
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
ROWS_OF_POSTGRESQL = """
    SELECT %(show)s::bigint, seat, %(state)s::text, %(booking)s::bigint,
        %(until)s::timestamptz, 1
    FROM unnest(%(seats)s::bigint[]) AS seat ORDER BY seat
"""
ROWS_OF_SQLITE = """
    SELECT %(show)s, seat.value, %(state)s, %(booking)s, %(until)s, 1
    FROM json_each(%(seats)s) AS seat WHERE TRUE ORDER BY seat.value
"""
# The guards, each judged on the newest version of the row, by the database's clock as it is then.
IS_AVAILABLE = (
    "(seat_claim.state = 'free' OR seat_claim.state = 'held' AND seat_claim.expires_at <= {now})"
)
MINE = "(seat_claim.state IN ('held', 'sold') AND seat_claim.booking_id = %(owner)s)"
IS_OWNED_BY_ANY = "(seat_claim.state IN ('held', 'sold') AND {owners})"
IS_HELD_BY_BOOKING = "(seat_claim.state = 'held' AND seat_claim.booking_id = %(owner)s)"
HAS_OWNER = "seat_claim.state IN ('held', 'sold')"
IS_BLOCKED = "seat_claim.state = 'blocked'"


def take(
    show_id: int, seats: AbstractSet[int], booking_id: int, until: datetime | None
) -> set[int]:
    """Claim open seats for a booking, held until a time or, with None, sold. Return those won."""
    return _move(show_id, seats, HELD if until else SOLD, booking_id, until, IS_AVAILABLE)


def taking(rows: str) -> str:
    """Return `take` as SQL for rows that a larger statement selects, by ascending seat."""
    return UPSERT_SQL.format(rows=rows, guard=IS_AVAILABLE.format(now=clock.now_sql()))


def sell(show_id: int, seats: AbstractSet[int], booking_id: int) -> set[int]:
    """Sell a booking the seats it holds, expired or not, or gave up by the clock; return those won.

    Seats still its own are its own, however late; open ones it may have back like anybody else.
    """
    return _move(
        show_id, seats, SOLD, booking_id, None, f"({IS_HELD_BY_BOOKING} OR {IS_AVAILABLE})"
    )


def release(show_id: int, seats: AbstractSet[int], booking_id: int) -> set[int]:
    """Free those of the seats that this booking has; return them."""
    return _move(show_id, seats, FREE, booking_id, None, MINE)


def release_of(show_id: int, seats: AbstractSet[int], booking_ids: Iterable[int]) -> set[int]:
    """Free those of the seats that any of these bookings has; return them."""
    guard = IS_OWNED_BY_ANY.format(owners=key_in("seat_claim.booking_id", "owners"))
    return _move(show_id, seats, FREE, None, None, guard, owners=keys_param(booking_ids))


def release_all(show_id: int, seats: AbstractSet[int]) -> set[int]:
    """Free those of the seats that any booking has, for a show called off; return them."""
    return _move(show_id, seats, FREE, None, None, HAS_OWNER)


def block(show_id: int, seats: AbstractSet[int]) -> set[int]:
    """Take free seats off sale (house seats, broken seats); return those that were free."""
    return _move(show_id, seats, BLOCKED, None, None, IS_AVAILABLE)


def unblock(show_id: int, seats: AbstractSet[int]) -> set[int]:
    """Put blocked seats back on sale; return those that were blocked."""
    blocked = SeatClaim.objects.filter(show_id=show_id, seat_id__in=seats, state=BLOCKED)
    found = set(blocked.values_list("seat_id", flat=True))  # no row for a seat nobody ever had
    return _move(show_id, found, FREE, None, None, IS_BLOCKED)


def _move(
    show_id: int,
    seats: AbstractSet[int],
    state: str,
    booking_id: int | None,
    expires_at: datetime | None,
    guard: str,
    **guarded_by: Any,
) -> set[int]:
    if not seats:
        return set()
    sql = UPSERT_SQL.format(
        rows=ROWS_OF_POSTGRESQL if is_postgresql() else ROWS_OF_SQLITE,
        guard=guard.format(now=clock.now_sql()),
    )
    values = {
        "show": show_id,
        "seats": keys_param(seats),
        "state": state,
        "booking": booking_id if state in (HELD, SOLD) else None,
        "until": clock.to_db_time(expires_at),
        "owner": booking_id,
    } | guarded_by
    return {seat for (seat,) in fetch_all(sql, values)}
