"""How many seats of a show are left, for whom, and in which categories."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from marquee.booking.queries.availability import IS_TAKEN_SQL
from marquee.catalog import queries as catalog
from marquee.catalog.states import SeatKind
from marquee.core import clock
from marquee.core.cache import on_clear_caches
from marquee.core.sql import fetch_all, key_in, keys_param


class SeatVersion(NamedTuple):
    """The version of a show's seats: those of the same plan and version are taken alike.

    Every transition of a seat raises `gen`; between two transitions only expiry changes `taken`.
    """

    taken: int = 0
    gen: int = 0


class SeatsLeft(NamedTuple):
    """The free seats of a show: `general` for everybody, `accessible` for wheelchairs.

    Companion seats are for those who accompany a wheelchair, and in neither. `categories` are those
    of the general seats.
    """

    general: int
    accessible: int
    categories: frozenset[str]


# By show, plan and version. It never changes, so when full it is just emptied.
MAX_CACHED = 10_000
_cached: dict[tuple[int, int, SeatVersion], SeatsLeft] = {}
on_clear_caches(_cached.clear)


def seats_left(shows: Mapping[int, tuple[int, SeatVersion]]) -> dict[int, SeatsLeft]:
    """Return the seats left by show, for the plan and the version of each.

    One query counts the seats of all shows whose version this process has not seen yet. It may see a
    newer version, as any query a moment later would.
    """
    keys = {show: (show, *version) for show, version in shows.items()}
    # Each key is looked up once: another thread may empty the cache at any moment.
    found = {show: left for show, key in keys.items() if (left := _cached.get(key)) is not None}
    unseen = {show: key for show, key in keys.items() if show not in found}
    if unseen:
        counted = _count_taken([show for show, key in unseen.items() if key[2].taken])
        if len(_cached) > MAX_CACHED:
            _cached.clear()
        for show, key in unseen.items():
            found[show] = _cached[key] = _subtract(key[1], counted.get((show, key[1]), Counter()))
    return found


Group = tuple[str, str]  # seat category, seat kind
TAKEN_BY_GROUP_SQL = f"""
    SELECT claim.show_id, seat.plan_id, seat.category, seat.kind, COUNT(*)
    FROM seat_claim AS claim JOIN seat ON seat.id = claim.seat_id
    WHERE {{chosen}} AND {IS_TAKEN_SQL}
    GROUP BY claim.show_id, seat.plan_id, seat.category, seat.kind
"""  # noqa: S608 (names of our own)


def _count_taken(shows: list[int]) -> dict[tuple[int, int], Counter[Group]]:
    """Return the taken seats by show and plan. One that moved may have blocks on seats of the old plan."""
    if not shows:
        return {}
    sql = TAKEN_BY_GROUP_SQL.format(chosen=key_in("claim.show_id", "shows"), now=clock.now_sql())
    counted: dict[tuple[int, int], Counter[Group]] = {}
    for show, plan, category, kind, taken in fetch_all(sql, {"shows": keys_param(shows)}):
        counted.setdefault((show, plan), Counter())[category, kind] = taken
    return counted


def _subtract(plan_id: int, taken: Counter[Group]) -> SeatsLeft:
    left = Counter(catalog.get_plan(plan_id).groups)
    left.subtract(taken)
    general = {
        category: left[category, kind] for category, kind in left if kind == SeatKind.STANDARD
    }
    return SeatsLeft(
        general=sum(general.values()),
        accessible=sum(number for (_, kind), number in left.items() if kind == SeatKind.WHEELCHAIR),
        categories=frozenset(category for category, number in general.items() if number),
    )
