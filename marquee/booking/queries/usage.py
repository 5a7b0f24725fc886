"""The usage that the limits count: seats, holds and cancellations of a customer and of a client.

A customer is every account that has, or once had, one of the account's addresses, so the seats of a
deleted account still count. A client is a network, by a keyed hash (`client_key`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from django.conf import settings

from marquee.accounts.queries import SAME_CUSTOMER_SQL
from marquee.booking.records import Usage
from marquee.booking.rules import RECENT_PERIOD
from marquee.core import clock
from marquee.core.keyed_hash import keyed_hash
from marquee.core.sql import fetch_all, is_postgresql, json_rows


def client_key(network: str | None) -> int | None:
    """Return the hash by which a network is counted; None without a network, or without limits."""
    limits = (settings.UNPAID_CLIENT_SEAT_LIMIT, settings.CLIENT_HOLD_LIMIT)
    return keyed_hash("client", network) if network and any(limits) else None


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """Which customer, client and show to count, and at what time."""

    user_id: int
    show_id: int
    client_key: int | None
    now: datetime
    hold: bool

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of `usage_sql`."""
        return {
            "user": self.user_id,
            "show": self.show_id,
            "client": self.client_key,
            "hold": self.hold,
            "since": clock.to_db_time(self.now - RECENT_PERIOD),
            "cooling_after": settings.COOLING_DOWN_AFTER,
            "recent_before": max(0, settings.HOLD_LIMIT - 1),
        }


# The customer's bookings of the show are read once; nearly always there are none.
CUSTOMER_BOOKINGS_SQL = """
    SELECT id, status, held_until, created_at, released_at FROM booking
    WHERE show_id = %(show)s AND user_id {customer} AND channel <> 'counter'
"""
IS_LIVE_SQL = (
    "(booking.status = 'confirmed' OR booking.status = 'held' AND booking.held_until > {now})"
)
# A ticket that was cancelled by itself no longer counts, except for cooling down.
IS_KEPT_SQL = "ticket.released_at IS NULL"
HELD_FIRST_SQL = (
    "EXISTS (SELECT 1 FROM booking_event WHERE booking_id = theirs.id AND kind = 'held')"
)
# Of holds all count; of bookings that were confirmed at once, those that were cancelled.
IS_RECENT_SQL = f"""
    created_at > %(since)s AND CAST(%(hold)s AS boolean) = {HELD_FIRST_SQL}
        AND (CAST(%(hold)s AS boolean) OR status = 'cancelled')
"""
ENDED_AT_SQL = """
    COALESCE(released_at, CASE WHEN status = 'held' AND held_until <= {now} THEN held_until END)
"""
COOLING_SQL = """
    SELECT seat_id, ended_at FROM (
        SELECT seat_id, ended_at,
            ROW_NUMBER() OVER (PARTITION BY seat_id ORDER BY ended_at DESC) AS rank
        FROM (
            SELECT seat_id, COALESCE(ticket.released_at, ended.ended_at) AS ended_at
            FROM (SELECT id, {ended_at} AS ended_at FROM theirs) AS ended
                JOIN ticket ON ticket.booking_id = ended.id
        ) AS given_up
        WHERE ended_at > %(since)s
    ) AS ranked WHERE rank = %(cooling_after)s
"""
USAGE_SQL = """
    WITH theirs AS ({theirs})
    SELECT customer.seats, client.seats, holds.count, holds.until, recent.count, (
            SELECT created_at FROM theirs WHERE {recent}
            ORDER BY created_at DESC LIMIT 1 OFFSET %(recent_before)s
        ), lapsed.seats, lapsed.last, {cooling}
    FROM (
        SELECT COUNT(*) AS seats
        FROM theirs AS booking JOIN ticket ON ticket.booking_id = booking.id
        WHERE {live} AND {kept}
    ) AS customer, (
        SELECT COUNT(*) AS count FROM theirs WHERE {recent}
    ) AS recent, (
        SELECT COUNT(*) AS seats, MAX(ended_at) AS last
        FROM (
            SELECT id, {ended_at} AS ended_at FROM theirs WHERE status IN ('held', 'expired')
        ) AS ended JOIN ticket ON ticket.booking_id = ended.id
        WHERE ended_at > %(since)s AND {kept}
    ) AS lapsed, (
        SELECT COUNT(*) AS seats FROM booking JOIN ticket ON ticket.booking_id = booking.id
        WHERE booking.show_id = %(show)s AND booking.client_key = %(client)s AND {live} AND {kept}
    ) AS client, (
        SELECT COUNT(*) AS count, MIN(held_until) AS until FROM booking
        WHERE client_key = %(client)s AND status = 'held' AND held_until > {now}
    ) AS holds
"""

WHEELCHAIR_SPACES_SQL = """
    WITH theirs AS ({theirs})
    SELECT COUNT(*) FROM theirs AS booking JOIN ticket ON ticket.booking_id = booking.id
        JOIN seat ON seat.id = ticket.seat_id AND seat.kind = 'wheelchair'
    WHERE {live} AND {kept}
"""


def usage_sql() -> str:
    """Return the statement that counts, to run alone or within a larger one."""
    return _usage_sql(clock.now_sql())


@cache
def _usage_sql(now: str) -> str:
    return USAGE_SQL.format(
        theirs=_customer_bookings_sql(),
        live=IS_LIVE_SQL.format(now=now),
        kept=IS_KEPT_SQL,
        recent=IS_RECENT_SQL,
        ended_at=ENDED_AT_SQL.format(now=now),
        cooling=json_rows(
            "seat_id, ended_at", COOLING_SQL.format(ended_at=ENDED_AT_SQL.format(now=now))
        ),
        now=now,
    )


def _customer_bookings_sql() -> str:
    # As an array, PostgreSQL looks each account up in the index. As a join, its generic plan may read
    # every booking of the show.
    one_of = "= ANY(ARRAY({}))" if is_postgresql() else "IN ({})"
    return CUSTOMER_BOOKINGS_SQL.format(customer=one_of.format(SAME_CUSTOMER_SQL))


@cache
def _cooling_sql(now: str) -> str:
    cooling = COOLING_SQL.format(ended_at=ENDED_AT_SQL.format(now=now))
    return f"WITH theirs AS ({_customer_bookings_sql()}) {cooling}"


def read_usage(query: UsageQuery) -> Usage:
    """Return the usage, including the uncommitted changes of this transaction."""
    return usage_from_row(fetch_all(usage_sql(), query.parameters)[0])


def usage_from_row(row: Any) -> Usage:
    """Return the usage of a row of USAGE_SQL."""
    customer, client, holds, until, recent, since, lapsed, last, cooling = row
    seats = orjson.loads(cooling or "[]")
    return Usage(
        customer,
        client,
        holds,
        until and clock.from_db_time(until),
        recent,
        since and clock.from_db_time(since),
        lapsed,
        last and clock.from_db_time(last),
        {seat: clock.from_db_time(ended) for seat, ended in seats},
    )


def cooling_seats(query: UsageQuery) -> Mapping[int, datetime]:
    """Return the seats of the show that are cooling down for the customer: see `Usage.cooling`."""
    rows = fetch_all(_cooling_sql(clock.now_sql()), query.parameters)
    return {seat: clock.from_db_time(ended) for seat, ended in rows}


def count_wheelchair_spaces(query: UsageQuery) -> int:
    """Return how many wheelchair spaces the customer has at the show now, held or sold."""
    live = IS_LIVE_SQL.format(now=clock.now_sql())
    sql = WHEELCHAIR_SPACES_SQL.format(theirs=_customer_bookings_sql(), live=live, kept=IS_KEPT_SQL)
    ((count,),) = fetch_all(sql, query.parameters)
    return int(count)
