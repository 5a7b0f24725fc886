"""Which seats of a show are not free now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import orjson

from marquee.booking.records import SeatHolder
from marquee.catalog import queries as catalog
from marquee.catalog.models import Show
from marquee.core import clock
from marquee.core.sql import fetch_all, json_lists_where, key_in, keys_param
from marquee.core.zones import isoformat_utc

# One evaluation of the clock for all rows: a subquery compares faster than a joined row.
MOMENT = "(SELECT now FROM moment)"
# An expired hold takes no seat, recorded as expired or not.
IS_TAKEN_SQL = "(state IN ('sold', 'blocked') OR state = 'held' AND expires_at > {now})"
TAKEN_SEATS_SQL = f"SELECT seat_id FROM seat_claim WHERE show_id = %(show)s AND {IS_TAKEN_SQL}"  # noqa: S608


def taken_seat_ids(show_id: int) -> set[int]:
    """Return the ids of the seats of a show that nobody can book now."""
    rows = fetch_all(TAKEN_SEATS_SQL.format(now=clock.now_sql()), {"show": show_id})
    return {seat for (seat,) in rows}


BLOCKED_SEATS_SQL = "SELECT seat_id FROM seat_claim WHERE show_id = %(show)s AND state = 'blocked'"


def blocked_seat_ids(show_id: int) -> set[int]:
    """Return the ids of the seats of a show that staff have taken off sale."""
    return {seat for (seat,) in fetch_all(BLOCKED_SEATS_SQL, {"show": show_id})}


SEAT_HOLDERS_SQL = f"""
    SELECT claim.seat_id, claim.state, booking.user_id, booking.reference, claim.expires_at
    FROM seat_claim AS claim LEFT JOIN booking ON booking.id = claim.booking_id
    WHERE claim.show_id = %(show)s AND {{chosen}} AND {IS_TAKEN_SQL}
"""  # noqa: S608 (names of our own)


def seat_holders(show_id: int, seat_ids: Iterable[int]) -> dict[int, SeatHolder]:
    """Return who has these seats of a show, by seat id, without those that are free."""
    sql = SEAT_HOLDERS_SQL.format(chosen=key_in("claim.seat_id", "seats"), now=clock.now_sql())
    rows = fetch_all(sql, {"show": show_id, "seats": keys_param(seat_ids)})
    return {
        seat: SeatHolder(state, user, reference, until and clock.from_db_time(until))
        for seat, state, user, reference, until in rows
    }


class RefusalContext(NamedTuple):
    """What a refusal of seats depends on, beside the seats: who asks, and which cinema it is."""

    is_staff: bool
    timezone: str
    single_gaps: str


REFUSAL_CONTEXT_SQL = """
    SELECT account.is_staff, cinema.timezone, cinema.single_gaps
    FROM show JOIN auditorium ON auditorium.id = show.auditorium_id
        JOIN cinema ON cinema.id = auditorium.cinema_id
        LEFT JOIN account ON account.id = %(user)s
    WHERE show.id = %(show)s
"""


def refusal_context(*, user_id: int, show_id: int) -> RefusalContext:
    """Return whether a user is staff, and the time zone and the policy of a show's cinema.

    A provisional guest may be gone by now. Raises Show.DoesNotExist.
    """
    rows = fetch_all(REFUSAL_CONTEXT_SQL, {"user": user_id, "show": show_id})
    for is_staff, *cinema in rows:
        return RefusalContext(bool(is_staff), *cinema)
    raise Show.DoesNotExist


class AvailabilityVersion(NamedTuple):
    """The version of a show's seats: two reads with equal versions show the same seats.

    Every transition of a seat raises `gen`, for good. With the same transitions, the set of expired
    holds can differ only in size. So both numbers together suffice, even if the clock steps. The
    catalog's revision covers the seat plan and the prices.
    """

    revision: int | None  # of the catalog
    gen: int  # of all seats together
    expired_holds: int  # not yet recorded as expired

    @property
    def number(self) -> int:
        """The version for API clients: it rises with every visible change of the seats.

        An expiry adds one. Recording it, or taking the seat over, adds two and removes that one.
        """
        return 2 * self.gen + self.expired_holds


@dataclass(frozen=True, slots=True)
class Availability:
    """The seats of a show that are not free at one moment, and what applies to them then."""

    version: AvailabilityVersion
    seat_plan_id: int
    price_card_id: int
    card_version: int
    show_state: str
    starts_at: datetime
    sales_until: datetime
    states: dict[int, str]

    @property
    def show_facts(self) -> dict[str, Any]:
        """What else makes an earlier seat map outdated, as JSON: a show is called off, moved or closed."""
        return {
            "state": self.show_state,
            "starts_at": isoformat_utc(self.starts_at),
            "sales_until": isoformat_utc(self.sales_until),
            "seat_plan": self.seat_plan_id,
        }


HAS_EXPIRED_SQL = f"claim.state = 'held' AND claim.expires_at <= {MOMENT}"
# The states that are listed, and which claims have them.
LISTED_STATES = {
    "blocked": "claim.state = 'blocked'",
    "sold": "claim.state = 'sold'",
    "held": f"claim.state = 'held' AND NOT ({HAS_EXPIRED_SQL})",
}
VERSION_SQL = f"""
    WITH moment AS (SELECT {{now}} AS now)
    SELECT (SELECT value FROM catalog_revision), CAST(COALESCE(SUM(claim.gen), 0) AS bigint) AS gen,
        COUNT(CASE WHEN {HAS_EXPIRED_SQL} THEN 1 END) AS expired_holds {{lists}}
    FROM seat_claim AS claim WHERE claim.show_id = %(show)s
"""  # noqa: S608 (names of our own)
AVAILABILITY_SQL = """
    SELECT show.seat_plan_id, show.price_card_id, price_card.version, show.state, show.starts_at,
        show.sales_until, claims.*
    FROM ({claims}) AS claims, show JOIN price_card ON price_card.id = show.price_card_id
    WHERE show.id = %(show)s
"""


def get_availability(show_id: int) -> Availability:
    """Return the seats of a show that are not free, by one query. Raises Show.DoesNotExist.

    The database aggregates them into lists, as one row a seat would take longer than all the rest.
    """
    rows = fetch_all(_availability_sql(), {"show": show_id})
    if not rows:
        raise Show.DoesNotExist
    (seat_plan_id, card_id, card_version, state, starts_at, until, *version, lists) = rows[0]
    # A show that moved may have blocks left on seats of the auditorium before.
    in_plan = catalog.get_plan(seat_plan_id).by_id
    states = {
        seat: state
        for state, seats in zip(LISTED_STATES, orjson.loads(lists), strict=True)
        for seat in seats or ()
        if seat in in_plan
    }
    return Availability(
        version=AvailabilityVersion(*version),
        seat_plan_id=seat_plan_id,
        price_card_id=card_id,
        card_version=card_version,
        show_state=state,
        starts_at=clock.from_db_time(starts_at),
        sales_until=clock.from_db_time(until),
        states=states,
    )


def availability_version(show_id: int) -> AvailabilityVersion:
    """Return the current version of a show's availability, by one query.

    It costs the database less than the availability (docs/decisions/0012). A show that does not
    exist has a version, too.
    """
    return AvailabilityVersion(*fetch_all(_version_sql(), {"show": show_id})[0])


@cache
def _version_sql() -> str:
    return VERSION_SQL.format(now=clock.now_sql(), lists="")


@cache
def _availability_sql() -> str:
    lists = json_lists_where("claim.seat_id", list(LISTED_STATES.values()))
    return AVAILABILITY_SQL.format(
        claims=VERSION_SQL.format(now=clock.now_sql(), lists=f", {lists} AS lists")
    )
