"""Reads of the catalog, and the records they return."""

from marquee.catalog.queries.movies import (
    filter_by_genre,
    has_any_show,
    list_movies,
    movie_texts,
    search_titles,
)
from marquee.catalog.queries.plans import (
    get_plan,
    get_seat_label,
    newest_plan,
    newest_plans,
    upcoming_seat_categories,
)
from marquee.catalog.queries.prices import get_prices
from marquee.catalog.queries.programme import (
    business_days_with_shows,
    format_names,
    list_cinemas,
    show_ids_on,
)
from marquee.catalog.queries.revision import current_revision
from marquee.catalog.queries.short_shows import ShortShow, find_short_shows
from marquee.catalog.queries.shows import (
    SHOW_JOINS,
    SHOW_RECORD_COLUMNS,
    earliest_end,
    filter_by_business_day,
    filter_by_language,
    filter_by_local_day,
    filter_not_ended,
    find_format,
    find_overlap,
    office_zone,
    phase_q,
    show_record,
    shows_off_their_clock,
    zones_in_use,
)
from marquee.catalog.records import (
    CinemaRecord,
    MovieListItem,
    MovieText,
    PlanData,
    PlanSeat,
    PriceTable,
    ShowRecord,
    Terms,
)

__all__ = [
    "SHOW_JOINS",
    "SHOW_RECORD_COLUMNS",
    "CinemaRecord",
    "MovieListItem",
    "MovieText",
    "PlanData",
    "PlanSeat",
    "PriceTable",
    "ShortShow",
    "ShowRecord",
    "Terms",
    "business_days_with_shows",
    "current_revision",
    "earliest_end",
    "filter_by_business_day",
    "filter_by_genre",
    "filter_by_language",
    "filter_by_local_day",
    "filter_not_ended",
    "find_format",
    "find_overlap",
    "find_short_shows",
    "format_names",
    "get_plan",
    "get_prices",
    "get_seat_label",
    "has_any_show",
    "list_cinemas",
    "list_movies",
    "movie_texts",
    "newest_plan",
    "newest_plans",
    "office_zone",
    "phase_q",
    "search_titles",
    "show_ids_on",
    "show_record",
    "shows_off_their_clock",
    "upcoming_seat_categories",
    "zones_in_use",
]
