"""How much of a show a customer and a client have, hold and have given up: what the limits count.

A customer is every account that has, or once had, one of the account's addresses, so a deleted
account's seats still count. A client is a network, by a keyed hash (`client_key`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from django.conf import settings

from marquee.accounts.queries import SAME_CUSTOMER_SQL
from marquee.booking.rules import RECENTLY, Usage
from marquee.core import clock
from marquee.core.keyed_hash import keyed_hash
from marquee.core.sql import fetch_all, is_postgresql, json_rows


def client_key(network: str | None) -> int | None:
    """Return what a network is counted by; None, which nothing counts, without a network or limits."""
    limits = (settings.UNPAID_CLIENT_SEAT_LIMIT, settings.CLIENT_HOLD_LIMIT)
    return keyed_hash("client", network) if network and any(limits) else None


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """Whose usage of which show to count, and by what clock."""

    user_id: int
    show_id: int
    client_key: int | None
    now: datetime
    hold: bool

    @property
    def parameters(self) -> dict[str, Any]:
        """The values for USAGE_SQL."""
        return {
            "user": self.user_id,
            "show": self.show_id,
            "client": self.client_key,
            "hold": self.hold,
            "since": clock.to_db_time(self.now - RECENTLY),
            "cooling_after": settings.COOLING_DOWN_AFTER,
        }


# The customer's bookings of the show are read once; nearly always there are none.
THEIRS = """
    SELECT id, status, held_until, created_at, released_at FROM booking
    WHERE show_id = %(show)s AND user_id {customer}
"""
LIVE = "(booking.status = 'confirmed' OR booking.status = 'held' AND booking.held_until > {now})"
HELD_FIRST = "EXISTS (SELECT 1 FROM booking_event WHERE booking_id = theirs.id AND kind = 'held')"
# Of holds all count; of bookings that were confirmed at once, those that were cancelled.
RECENT = f"""
    created_at > %(since)s AND CAST(%(hold)s AS boolean) = {HELD_FIRST}
        AND (CAST(%(hold)s AS boolean) OR status = 'cancelled')
"""
ENDED_AT = """
    COALESCE(released_at, CASE WHEN status = 'held' AND held_until <= {now} THEN held_until END)
"""
COOLING = """
    SELECT seat_id, ended_at FROM (
        SELECT seat_id, ended_at,
            ROW_NUMBER() OVER (PARTITION BY seat_id ORDER BY ended_at DESC) AS place
        FROM (SELECT id, {ended_at} AS ended_at FROM theirs) AS ended
            JOIN ticket ON ticket.booking_id = ended.id
        WHERE ended_at > %(since)s
    ) AS ranked WHERE place = %(cooling_after)s
"""
USAGE = """
    WITH theirs AS ({theirs})
    SELECT customer.seats, client.seats, holds.count, holds.until, recent.count, recent.since, {cooling}
    FROM (
        SELECT COUNT(*) AS seats
        FROM theirs AS booking JOIN ticket ON ticket.booking_id = booking.id WHERE {live}
    ) AS customer, (
        SELECT COUNT(*) AS count, MIN(created_at) AS since FROM theirs WHERE {recent}
    ) AS recent, (
        SELECT COUNT(*) AS seats FROM booking JOIN ticket ON ticket.booking_id = booking.id
        WHERE booking.show_id = %(show)s AND booking.client_key = %(client)s AND {live}
    ) AS client, (
        SELECT COUNT(*) AS count, MIN(held_until) AS until FROM booking
        WHERE client_key = %(client)s AND status = 'held' AND held_until > {now}
    ) AS holds
"""

WHEELCHAIR_SPACES = """
    WITH theirs AS ({theirs})
    SELECT COUNT(*) FROM theirs AS booking JOIN ticket ON ticket.booking_id = booking.id
        JOIN seat ON seat.id = ticket.seat_id AND seat.kind = 'wheelchair'
    WHERE {live}
"""


def usage_sql() -> str:
    """Return the statement that counts, to run or to put into a larger one."""
    return _usage_sql(clock.now_sql())


@cache
def _usage_sql(now: str) -> str:
    return USAGE.format(
        theirs=_theirs_sql(),
        live=LIVE.format(now=now),
        recent=RECENT,
        cooling=json_rows("seat_id, ended_at", COOLING.format(ended_at=ENDED_AT.format(now=now))),
        now=now,
    )


def _theirs_sql() -> str:
    # As an array, PostgreSQL looks each account up in the index. As a join, its generic plan may read
    # every booking of the show.
    one_of = "= ANY(ARRAY({}))" if is_postgresql() else "IN ({})"
    return THEIRS.format(customer=one_of.format(SAME_CUSTOMER_SQL))


@cache
def _cooling_sql(now: str) -> str:
    cooling = COOLING.format(ended_at=ENDED_AT.format(now=now))
    return f"WITH theirs AS ({_theirs_sql()}) {cooling}"


def read_usage(query: UsageQuery) -> Usage:
    """Return the usage as committed now, and as this transaction has changed it."""
    return usage_from_row(fetch_all(usage_sql(), query.parameters)[0])


def usage_from_row(row: Any) -> Usage:
    """Return the usage that a row of USAGE says."""
    customer, client, holds, until, recent, since, cooling = row
    seats = orjson.loads(cooling or "[]")
    return Usage(
        customer,
        client,
        holds,
        until and clock.from_db_time(until),
        recent,
        since and clock.from_db_time(since),
        {seat: clock.from_db_time(ended) for seat, ended in seats},
    )


def cooling_seats(query: UsageQuery) -> Mapping[int, datetime]:
    """Return the seats of the show that are cooling down for the customer: see `Usage.cooling`."""
    rows = fetch_all(_cooling_sql(clock.now_sql()), query.parameters)
    return {seat: clock.from_db_time(ended) for seat, ended in rows}


def count_wheelchair_spaces(query: UsageQuery) -> int:
    """Return how many wheelchair spaces the customer has at the show now, held or sold."""
    live = LIVE.format(now=clock.now_sql())
    sql = WHEELCHAIR_SPACES.format(theirs=_theirs_sql(), live=live)
    ((count,),) = fetch_all(sql, query.parameters)
    return int(count)
