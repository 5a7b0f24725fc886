"""Which seats of a show are not free now."""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import orjson

from marquee.catalog import queries as catalog
from marquee.catalog.models import Show
from marquee.core import clock
from marquee.core.sql import fetch_all, json_lists_where

# One evaluation of the clock for all rows: a subquery compares faster than a joined row.
MOMENT = "(SELECT now FROM moment)"
# An expired hold takes no seat, whether or not the worker has deleted it.
TAKEN = "(state IN ('sold', 'blocked') OR state = 'held' AND expires_at > {now})"
SEATS_TAKEN = f"SELECT seat_id FROM seat_claim WHERE show_id = %(show)s AND {TAKEN}"  # noqa: S608


def taken(show_id: int) -> set[int]:
    """Return the keys of the seats of a show that nobody can book now."""
    rows = fetch_all(SEATS_TAKEN.format(now=clock.now_sql()), {"show": show_id})
    return {seat for (seat,) in rows}


class AvailabilityVersion(NamedTuple):
    """What an availability was read at. Whoever reads the same mark later reads the same seats.

    Every transition of a seat raises `gen`, for good; and which holds the clock has ended can, with
    the same transitions, only differ by how many. So both together tell, even if the clock steps.
    What the seats are, and cost, the catalogue tells.
    """

    revision: int | None  # of the catalogue
    gen: int  # of all seats together
    lapsed: int  # holds that the clock has ended and nobody has tidied

    @property
    def number(self) -> int:
        """What callers follow: it goes up with every change that can be seen of the seats.

        Ending adds one; tidying or taking over such a hold adds two and takes that one away.
        """
        return 2 * self.gen + self.lapsed


@dataclass(frozen=True, slots=True)
class Availability:
    """Which seats of a show are not free, as one moment shows them, and what they are seats of."""

    version: AvailabilityVersion
    seat_plan_id: int
    price_card_id: int
    card_version: int
    states: dict[int, str]


LAPSED = f"claim.state = 'held' AND claim.expires_at <= {MOMENT}"
# Which seats are shown as not free, and when.
SHOWN = {
    "blocked": "claim.state = 'blocked'",
    "sold": "claim.state = 'sold'",
    "held": f"claim.state = 'held' AND NOT ({LAPSED})",
}
VERSION = f"""
    WITH moment AS (SELECT {{now}} AS now)
    SELECT (SELECT value FROM catalog_revision), CAST(COALESCE(SUM(claim.gen), 0) AS bigint) AS gen,
        COUNT(CASE WHEN {LAPSED} THEN 1 END) AS lapsed {{lists}}
    FROM seat_claim AS claim WHERE claim.show_id = %(show)s
"""  # noqa: S608 (names of our own)
AVAILABILITY = """
    SELECT show.seat_plan_id, show.price_card_id, price_card.version, claims.*
    FROM ({version}) AS claims, show JOIN price_card ON price_card.id = show.price_card_id
    WHERE show.id = %(show)s
"""


def get_availability(show_id: int) -> Availability:
    """Return the seats of a show that are not free, by one query. Raises Show.DoesNotExist.

    The database lists them: to fetch a row a seat would take longer than all the rest.
    """
    rows = fetch_all(_availability_sql(), {"show": show_id})
    if not rows:
        raise Show.DoesNotExist
    (seat_plan_id, price_card_id, card_version, *version, listings) = rows[0]
    # A show that was moved to another room may have blocks left of seats in the one before.
    here = catalog.get_plan(seat_plan_id).by_id
    states = {
        seat: state
        for state, listing in zip(SHOWN, orjson.loads(listings), strict=True)
        for seat in listing or ()
        if seat in here
    }
    return Availability(
        AvailabilityVersion(*version), seat_plan_id, price_card_id, card_version, states
    )


def availability_version(show_id: int) -> AvailabilityVersion:
    """Return the current version of a show's availability, by one query.

    It costs the database less than the availability (docs/decisions/0012). A show that does not
    exist has a version, too.
    """
    return AvailabilityVersion(*fetch_all(_version_sql(), {"show": show_id})[0])


@cache
def _version_sql() -> str:
    return VERSION.format(now=clock.now_sql(), lists="")


@cache
def _availability_sql() -> str:
    lists = json_lists_where("claim.seat_id", list(SHOWN.values()))
    return AVAILABILITY.format(
        version=VERSION.format(now=clock.now_sql(), lists=f", {lists} AS listings")
    )
