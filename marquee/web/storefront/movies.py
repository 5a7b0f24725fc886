"""The page of a movie: its facts, and its shows by cinema and day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from http import HTTPStatus
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from marquee.booking.queries import ShowListItem, get_show_list_items
from marquee.catalog import queries
from marquee.catalog.local_time import business_day
from marquee.core import locales
from marquee.web import errors
from marquee.web.error_texts import NO_MOVIE
from marquee.web.language import language_of
from marquee.web.public_pages import PublicPage
from marquee.web.storefront import show_stubs, show_words
from marquee.web.storefront.listings import ListedMovie, Listing, get_listing, listed_movies
from marquee.web.storefront.poster_urls import poster_url
from marquee.web.storefront.remembered_cinema import remembered_cinema
from marquee.web.storefront.show_filters import read_query
from marquee.web.structured_data import json_ld, movie_data, screening_event

MAX_SHOWS = 300
MAX_EVENTS = 20  # for search engines
# Of the cinema that the visitor chose, and of each other one.
MAX_SHOWS_CHOSEN, MAX_SHOWS_OTHER = 40, 12


@dataclass(frozen=True)
class MoviePart:
    """A movie with its shows to come, as the catalog has them."""

    movie: ListedMovie | None
    formats: Mapping[str, str]
    shows: tuple[ShowListItem, ...]


class MovieView(PublicPage):
    """`/movies/<id>/`."""

    def get(self, request: HttpRequest, movie_id: int) -> HttpResponse:
        """Show a movie, and when it is on."""
        listing = get_listing(("movie", movie_id), lambda: _read_movie(movie_id))
        if listing.part.movie is None:
            return errors.error_page(request, HTTPStatus.NOT_FOUND, NO_MOVIE)
        chosen = read_query(request.GET).cinema or remembered_cinema(request)
        page = MoviePage(listing, listing.part.movie, chosen, language_of(request))
        return self.render(
            "storefront/movie.html",
            page=page,
            canonical=request.path,
            structured_data=page.structured_data(request.build_absolute_uri("/")[:-1]),
        )


def _read_movie(movie_id: int) -> MoviePart:
    movie = listed_movies({movie_id}).get(movie_id)
    if movie is None:
        return MoviePart(None, {}, ())
    ids = queries.show_ids_of_movie(movie_id, limit=MAX_SHOWS)
    return MoviePart(movie, queries.format_names(), tuple(get_show_list_items(ids)))


class MoviePage:
    """What the page says of a movie, to a reader of one language."""

    def __init__(
        self, listing: Listing[MoviePart], movie: ListedMovie, chosen: int | None, language: str
    ) -> None:
        self.listing, self.movie, self.chosen, self.language = listing, movie, chosen, language
        self.now = timezone.now()
        self.item, self.text = movie.item, movie.texts[language]

    @property
    def runtime(self) -> str:
        """How long it is."""
        return show_words.runtime(self.item.runtime_minutes)

    @property
    def poster(self) -> str:
        """The URL of its poster."""
        return poster_url(self.item, self.text.title, self.movie.genres, self.language)

    @property
    def genres(self) -> str:
        """Its genres."""
        return ", ".join(show_words.genre_name(name) for name in self.movie.genres)

    @property
    def original_language(self) -> str:
        """The language it was made in."""
        tag = self.item.original_language
        return locales.language_name(tag, locales.locale_of(self.language, "")) if tag else ""

    @property
    def original_title(self) -> str:
        """The original title, if it is another one."""
        title = self.item.original_title
        return "" if title == self.text.title else title

    def structured_data(self, origin: str) -> SafeString:
        """Return the movie and its next shows for search engines."""
        shows = [self.listing.live(one, self.now) for one in self._shows[:MAX_EVENTS]]
        title = self.text.title
        movie = movie_data(self.item, self.text, self.movie.genres, origin=origin)
        return json_ld(
            [movie, *(screening_event(one, title=title, origin=origin) for one in shows)]
        )

    @cached_property
    def _shows(self) -> list[ShowListItem]:
        return [one for one in self.listing.part.shows if one.record.ends_at > self.now]

    @property
    def cinemas(self) -> list[dict[str, Any]]:
        """The cinemas that show it, the chosen one first, each with its days."""
        by_cinema: dict[int, list[ShowListItem]] = {}
        for show in self._shows:
            by_cinema.setdefault(show.record.cinema_id, []).append(show)
        order = sorted(by_cinema, key=lambda cinema: cinema != self.chosen)
        return [self._cinema(by_cinema[cinema], is_first=cinema == order[0]) for cinema in order]

    def _cinema(self, shows: list[ShowListItem], *, is_first: bool) -> dict[str, Any]:
        record = shows[0].record
        kept = shows[: MAX_SHOWS_CHOSEN if is_first else MAX_SHOWS_OTHER]
        return {
            "id": record.cinema_id,
            "name": record.cinema,
            "city": record.city,
            "zone": locales.zone_note(
                record.timezone, locales.locale_of(self.language, record.timezone)
            ),
            "days": list(self._days(kept)),
            "has_more": len(kept) < len(shows),
        }

    def _days(self, shows: list[ShowListItem]) -> Iterator[dict[str, Any]]:
        for day, items in groupby(shows, key=_day_of):
            live = [self.listing.live(show, self.now) for show in items]
            record = live[0].item.record
            locale = locales.locale_of(self.language, record.timezone)
            yield {
                "day": locales.format_short_day(day, locale),
                "iso": day.isoformat(),
                "stubs": show_stubs.stubs_of(live, self.listing.part.formats, self.language),
            }


def _day_of(show: ShowListItem) -> date:
    return business_day(show_words.local_start(show.record))
