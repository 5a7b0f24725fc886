"""Shows as lists present them, with the seats left."""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import orjson

from marquee.booking.queries.availability import IS_TAKEN_SQL, MOMENT
from marquee.catalog import queries as catalog
from marquee.catalog.queries import SHOW_JOINS, SHOW_RECORD_COLUMNS, ShowRecord, show_record
from marquee.core import clock
from marquee.core.sql import fetch_all, json_rows_agg, key_in, keys_param


class ShowListItem(NamedTuple):
    """A show with what lists present beside its record. It changes with the catalog only."""

    record: ShowRecord
    card_version: int
    poster: str

    @property
    def seats_total(self) -> int:
        """How many seats its plan has."""
        return len(catalog.get_plan(self.record.seat_plan_id).seats)


SHOW_LIST_SQL = f"""
    SELECT {{more}} price_card.version, movie.poster, {SHOW_RECORD_COLUMNS.format(show="show")}
    FROM show {SHOW_JOINS.format(show="show")}
        JOIN price_card ON price_card.id = show.price_card_id
    WHERE {{condition}} ORDER BY show.starts_at, show.id
"""  # noqa: S608 (names of our own)
COUNT_TAKEN_SQL = f"(SELECT COUNT(*) FROM seat_claim WHERE show_id = show.id AND {IS_TAKEN_SQL}),"  # noqa: S608


def get_show_list_items(ids: Iterable[int]) -> list[ShowListItem]:
    """Return the shows with these ids, in the order in which they start, by one query."""
    sql = SHOW_LIST_SQL.format(more="", condition=key_in("show.id", "shows"))
    return [_item(*row) for row in fetch_all(sql, {"shows": keys_param(ids)})]


def get_show_list_item(show_id: int) -> tuple[ShowListItem, int] | None:
    """Return a show and how many of its seats are taken, by one query; None if there is none."""
    sql = SHOW_LIST_SQL.format(
        more=COUNT_TAKEN_SQL.format(now=clock.now_sql()), condition="show.id = %(show)s"
    )
    for taken, *columns in fetch_all(sql, {"show": show_id}):
        return _item(*columns), taken
    return None


def _item(card_version: int, poster: str, *columns: Any) -> ShowListItem:
    return ShowListItem(show_record(columns), card_version, poster)


SHOW_LIST_VERSION_SQL = f"""
    WITH moment AS (SELECT {{now}} AS now)
    SELECT (SELECT value FROM catalog_revision), {{counts}}
    FROM (
        SELECT show_id, COUNT(*) AS taken FROM seat_claim
        WHERE {{condition}} AND {IS_TAKEN_SQL.format(now=MOMENT)} GROUP BY show_id ORDER BY show_id
    ) AS counted
"""  # noqa: S608 (names of our own)


class ShowListVersion(NamedTuple):
    """What a list of shows was made of. Lists of the same shows and version are the same."""

    revision: int | None  # of the catalog
    counts: str | None  # JSON text: how many seats are taken, of the shows that have any

    def taken(self) -> dict[int, int]:
        """Return how many seats are taken, by show; shows without any are left out."""
        return dict(orjson.loads(self.counts or "[]"))


def show_list_version(ids: Iterable[int]) -> ShowListVersion:
    """Return the current version of a list of these shows, by one query."""
    ((revision, counts),) = fetch_all(_list_version_sql(), {"shows": keys_param(ids)})
    return ShowListVersion(revision, counts)


@cache
def _list_version_sql() -> str:
    return SHOW_LIST_VERSION_SQL.format(
        now=clock.now_sql(),
        counts=json_rows_agg("show_id, taken"),
        condition=key_in("show_id", "shows"),
    )
