"""Shows as lists present them, with the seats left."""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple, cast

import orjson

from marquee.booking.queries.availability import TAKEN
from marquee.catalog import queries as catalog
from marquee.catalog.queries import SHOW_FACTS, SHOW_JOINS, ShowRecord, show_facts
from marquee.core import clock
from marquee.core import sql as sql_of
from marquee.core.snapshot import MOMENT, Seen, fetch_unless_seen, unless_seen
from marquee.core.sql import fetch_all, json_rows_agg


class ShowListItem(NamedTuple):
    """A show with what lists tell of it beside its facts."""

    facts: ShowRecord
    card_version: int
    poster: str
    seats_total: int
    seats_left: int


LISTED = f"""
    SELECT price_card.version, movie.poster,
        (SELECT COUNT(*) FROM seat_claim WHERE show_id = show.id AND {TAKEN}),
        {SHOW_FACTS.format(show="show")}
    FROM show {SHOW_JOINS.format(show="show")}
        JOIN price_card ON price_card.id = show.price_card_id
    WHERE {{chosen}} ORDER BY show.starts_at, show.id
"""  # noqa: S608 (names of our own)


def listed_shows(keys: Iterable[int]) -> list[ShowListItem]:
    """Return the shows with these keys, in the order in which they start: by one query."""
    return _listed_shows(sql_of.key_in("show.id", "shows"), {"shows": sql_of.keys_param(keys)})


def listed_show(key: int) -> ShowListItem | None:
    """Return the show with this key, if there is one. PostgreSQL plans for one what is for one."""
    return next(iter(_listed_shows("show.id = %(show)s", {"show": key})), None)


def _listed_shows(chosen: str, parameters: dict[str, Any]) -> list[ShowListItem]:
    sql = LISTED.format(now=clock.now_sql(), chosen=chosen)
    return [_listed(*row) for row in fetch_all(sql, parameters)]


COUNTED = f"""
    SELECT MIN(ends) AS ends, (SELECT value FROM catalog_revision) AS revision, {{taken}} AS taken
    FROM (
        SELECT show_id, COUNT(*) AS taken, MIN(CASE WHEN state = 'held' THEN expires_at END) AS ends
        FROM seat_claim WHERE {{these}} AND {TAKEN.format(now=MOMENT)} GROUP BY show_id
    ) AS one
"""  # noqa: S608 (names of our own)


class SeatsTaken(NamedTuple):
    """How many seats of some shows nobody could book, and the catalogue's revision, at one moment."""

    revision: int | None
    counts: dict[int, int]  # of the shows that have any
    seen: Seen | None


def seats_taken(keys: Iterable[int], known: SeatsTaken | None = None) -> SeatsTaken:
    """Return this of some shows, by one query: what is known of the same shows, while it holds."""
    answer = fetch_unless_seen(
        _seats_taken_sql(), {"shows": sql_of.keys_param(keys)}, known and known.seen
    )
    if answer is None:
        return cast("SeatsTaken", known)
    (revision, counts), seen = answer
    return SeatsTaken(revision, dict(orjson.loads(counts or "[]")), seen)


@cache
def _seats_taken_sql() -> str:
    these = sql_of.key_in("show_id", "shows")
    counted = COUNTED.format(these=these, taken=json_rows_agg("show_id, taken"))
    return unless_seen("revision, taken", counted)


def _listed(card_version: int, poster: str, taken: int, *columns: Any) -> ShowListItem:
    facts = show_facts(columns)
    seats_total = len(catalog.get_plan(facts.seat_plan_id).places)
    return ShowListItem(facts, card_version, poster, seats_total, seats_total - taken)
