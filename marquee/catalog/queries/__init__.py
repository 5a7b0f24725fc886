"""Reads of the catalog, and the records they return."""

from marquee.catalog.queries.movies import (
    listed_movies,
    of_genre,
    of_shows,
    search_titles,
)
from marquee.catalog.queries.plans import (
    get_plan,
    newest_plan,
    newest_plans,
    upcoming_seat_categories,
)
from marquee.catalog.queries.prices import get_prices
from marquee.catalog.queries.revision import current_revision
from marquee.catalog.queries.shows import (
    SHOW_JOINS,
    SHOW_RECORD_COLUMNS,
    earliest_end,
    find_overlap,
    not_ended,
    on_local_day,
    show_record,
)
from marquee.catalog.records import MovieListItem, PlanData, PlanSeat, PriceTable, ShowRecord, Terms

__all__ = [
    "SHOW_JOINS",
    "SHOW_RECORD_COLUMNS",
    "MovieListItem",
    "PlanData",
    "PlanSeat",
    "PriceTable",
    "ShowRecord",
    "Terms",
    "current_revision",
    "earliest_end",
    "find_overlap",
    "get_plan",
    "get_prices",
    "listed_movies",
    "newest_plan",
    "newest_plans",
    "not_ended",
    "of_genre",
    "of_shows",
    "on_local_day",
    "search_titles",
    "show_record",
    "upcoming_seat_categories",
]
