"""What is on in a cinema on one business day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from marquee.booking.queries import ShowListItem, get_show_list_items
from marquee.catalog import queries
from marquee.catalog.local_time import business_day
from marquee.catalog.queries import CinemaRecord
from marquee.core.cache import on_clear_caches
from marquee.web.storefront.listings import ListedMovie, Listing, get_listing, listed_movies

STRIP_DAYS = 10


@dataclass(frozen=True, eq=False)
class CinemaDay:
    """A business day of a cinema, as the catalog has it. Each is equal to itself alone."""

    cinemas: tuple[CinemaRecord, ...]
    cinema: CinemaRecord | None
    day: date
    days: tuple[date, ...]  # with shows, from today on
    formats: Mapping[str, str]
    shows: tuple[ShowListItem, ...]
    movies: Mapping[int, ListedMovie]
    auditoriums: tuple[tuple[str, int], ...] = ()  # each with its seats


DayListing = Listing[CinemaDay]
_cinemas: list[tuple[CinemaRecord, ...]] = []  # as they were read last: perhaps outdated
on_clear_caches(_cinemas.clear)


def today_in(cinema: CinemaRecord, now: datetime) -> date:
    """Return the business day of a cinema now."""
    return business_day(now.astimezone(ZoneInfo(cinema.timezone)))


def get_day_listing(*, cinema_ids: Sequence[int], day: date | None, now: datetime) -> DayListing:
    """Return what is on in the first of these cinemas that there is, else in the first of all.

    Without a day, or with one that is over, it is today. Without any cinema the listing has none. It is
    one query while the catalog does not change.
    """
    known = next(iter(_cinemas), None) or tuple(queries.list_cinemas())
    listing = _of_cinema(_choose(known, cinema_ids), day, now)
    if listing.part.cinemas != known:
        listing = _of_cinema(_choose(listing.part.cinemas, cinema_ids), day, now)
    _cinemas[:] = [listing.part.cinemas]
    return listing


def _choose(cinemas: Sequence[CinemaRecord], wanted: Sequence[int]) -> CinemaRecord | None:
    by_id = {cinema.id: cinema for cinema in cinemas}
    found = next((by_id[one] for one in wanted if one in by_id), None)
    return found or next(iter(cinemas), None)


def _of_cinema(cinema: CinemaRecord | None, day: date | None, now: datetime) -> DayListing:
    today = now.date() if cinema is None else today_in(cinema, now)
    shown = max(day or today, today)
    cinema_id = cinema and cinema.id
    return get_listing((cinema_id, shown, today), lambda: _read_day(cinema_id, shown, today))


def _read_day(cinema_id: int | None, day: date, today: date) -> CinemaDay:
    cinemas = tuple(queries.list_cinemas())
    cinema = next((one for one in cinemas if one.id == cinema_id), None)
    if cinema is None:
        return CinemaDay(cinemas, None, day, (), {}, (), {})
    shows = tuple(get_show_list_items(queries.show_ids_on(cinema.id, day)))
    return CinemaDay(
        cinemas,
        cinema,
        day,
        tuple(queries.business_days_with_shows(cinema.id, today)),
        queries.format_names(),
        shows,
        listed_movies({show.record.movie_id for show in shows}),
        tuple(queries.list_auditoriums(cinema.id)),
    )


def strip_of_days(listing: DayListing, today: date) -> list[date]:
    """Return the days to choose from: the next ten, later ones with shows, and the chosen one."""
    days = {today + timedelta(days=ahead) for ahead in range(STRIP_DAYS)}
    return sorted(days | set(listing.part.days) | {listing.part.day})
