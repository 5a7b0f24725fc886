"""Shows as lists present them, with the seats left."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar

import orjson

from marquee.booking.queries.availability import IS_TAKEN_SQL, MOMENT
from marquee.booking.queries.seats_left import SeatsLeft, SeatVersion, seats_left
from marquee.catalog.queries import (
    SHOW_JOINS,
    SHOW_RECORD_COLUMNS,
    ShowRecord,
    current_revision,
    show_record,
)
from marquee.core import clock
from marquee.core.sql import fetch_all, json_rows, json_rows_agg, key_in, keys_param
from marquee.core.transactions import REMOVED, snapshot

Result = TypeVar("Result")

ATTEMPTS_WITHOUT_SNAPSHOT = 2


class ShowListItem(NamedTuple):
    """A show with what lists present beside its record. It changes with the catalog only."""

    record: ShowRecord
    card_version: int
    poster: str


SHOW_LIST_SQL = f"""
    SELECT {{more}} price_card.version, movie.poster, {SHOW_RECORD_COLUMNS.format(show="show")}
    FROM show {SHOW_JOINS.format(show="show")}
        JOIN price_card ON price_card.id = show.price_card_id
    WHERE {{condition}} ORDER BY show.starts_at, show.id
"""  # noqa: S608 (names of our own)
SEAT_VERSION_COLUMNS = f"""
    COUNT(CASE WHEN {IS_TAKEN_SQL} THEN 1 END) AS taken, CAST(SUM(gen) AS bigint) AS gen
"""
SEAT_VERSION_SQL = f"SELECT {SEAT_VERSION_COLUMNS} FROM seat_claim WHERE show_id = show.id"  # noqa: S608


def get_show_list_items(ids: Iterable[int]) -> list[ShowListItem]:
    """Return the shows with these ids, in the order in which they start, by one query."""
    sql = SHOW_LIST_SQL.format(more="", condition=key_in("show.id", "shows"))
    return [_item(*row) for row in fetch_all(sql, {"shows": keys_param(ids)})]


def get_show_list_item(show_id: int) -> tuple[ShowListItem, SeatVersion] | None:
    """Return a show and the version of its seats, by one query; None if there is none."""
    version = json_rows("taken, gen", SEAT_VERSION_SQL.format(now=clock.now_sql()))
    sql = SHOW_LIST_SQL.format(more=f"{version},", condition="show.id = %(show)s")
    for version, *columns in fetch_all(sql, {"show": show_id}):
        ((taken, gen),) = orjson.loads(version)
        return _item(*columns), SeatVersion(taken, gen or 0)
    return None


def _item(card_version: int, poster: str, *columns: Any) -> ShowListItem:
    return ShowListItem(show_record(columns), card_version, poster)


SHOW_LIST_VERSION_SQL = f"""
    WITH moment AS (SELECT {{now}} AS now)
    SELECT (SELECT value FROM catalog_revision), {{seats}}
    FROM (
        SELECT show_id, {SEAT_VERSION_COLUMNS.format(now=MOMENT)} FROM seat_claim
        WHERE {{condition}} GROUP BY show_id ORDER BY show_id
    ) AS counted
"""  # noqa: S608 (names of our own)


class ShowListVersion(NamedTuple):
    """What a list of shows was made of. Lists of the same shows and version are the same."""

    revision: int | None  # of the catalog
    seats: str | None  # JSON text: the version of the seats of each show that somebody claimed once

    def seat_versions(self) -> dict[int, SeatVersion]:
        """Return the version of the seats by show; shows that nobody ever booked are left out."""
        return {
            show: SeatVersion(taken, gen) for show, taken, gen in orjson.loads(self.seats or "[]")
        }


def show_list_version(ids: Iterable[int]) -> ShowListVersion:
    """Return the current version of a list of these shows, by one query."""
    ((revision, seats),) = fetch_all(_list_version_sql(), {"shows": keys_param(ids)})
    return ShowListVersion(revision, seats)


@cache
def _list_version_sql() -> str:
    return SHOW_LIST_VERSION_SQL.format(
        now=clock.now_sql(),
        seats=json_rows_agg("show_id, taken, gen"),
        condition=key_in("show_id", "shows"),
    )


def read_at_one_revision(
    read: Callable[[], Result], shows: Callable[[Result], Iterable[int]]
) -> tuple[Result, ShowListVersion]:
    """Return what `read` reads of the catalog, and the version of the shows in it.

    It is read between two readings of the catalog's revision. If that has changed, the rows may be of
    two moments, or were removed, and are read again: at last in a snapshot, however fast the catalog changes.
    """
    for _ in range(ATTEMPTS_WITHOUT_SNAPSHOT):
        revision = current_revision()
        try:
            result = read()
        except REMOVED:
            if current_revision() == revision:
                raise
            continue
        version = show_list_version(shows(result))
        if version.revision == revision:
            return result, version
    with snapshot():
        result = read()
        return result, show_list_version(shows(result))


def seats_left_at(version: ShowListVersion, plans: Mapping[int, int]) -> dict[int, SeatsLeft]:
    """Return the seats left by show, at a version of a list. `plans` are the shows' seat plans."""
    seats, unclaimed = version.seat_versions(), SeatVersion()
    return seats_left({show: (plan, seats.get(show, unclaimed)) for show, plan in plans.items()})
