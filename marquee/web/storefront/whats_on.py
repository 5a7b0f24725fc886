"""What is on: the movies and shows of a cinema's day."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from marquee.booking.sales_states import SalesState
from marquee.catalog import queries
from marquee.core import locales
from marquee.core.cache import on_clear_caches
from marquee.web.language import language_of
from marquee.web.public_pages import PublicPage
from marquee.web.storefront import cinema_days, show_stubs
from marquee.web.storefront.cinema_days import CinemaDay, DayListing
from marquee.web.storefront.listings import ListedMovie, LiveShow
from marquee.web.storefront.remembered_cinema import remember_cinema, remembered_cinema
from marquee.web.storefront.show_choices import active_filters, filter_choices
from marquee.web.storefront.show_filters import ShowQuery, read_query

# With more cinemas, a list to choose from is quicker than links.
MAX_CINEMA_LINKS = 6
MAX_FOUND_ELSEWHERE = 12
GONE = {SalesState.STARTED, SalesState.OVER, SalesState.CALLED_OFF}


# By day, query, today and language. When full it is just emptied.
MAX_CHOICES = 256
_choices: dict[tuple[CinemaDay, ShowQuery, date, str], SafeString] = {}
on_clear_caches(_choices.clear)


class WhatsOnView(PublicPage):
    """`/`."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a cinema's day. An unknown cinema is 404, and the page of another one."""
        query, now = read_query(request.GET), timezone.now()
        remembered = remembered_cinema(request)
        wanted = [one for one in (query.cinema, remembered) if one]
        listing = cinema_days.get_day_listing(cinema_ids=wanted, day=query.day, now=now)
        page = WhatsOn(listing, query, now=now, language=language_of(request))
        status = HTTPStatus.NOT_FOUND if page.is_unknown_cinema else HTTPStatus.OK
        response = self.render(
            "storefront/whats_on.html", status=status, page=page, canonical=page.canonical
        )
        if query.cinema and query.cinema != remembered and not page.is_unknown_cinema:
            remember_cinema(response, query.cinema)
        return response


class WhatsOn:
    """What the page says of a listing, to a reader of one language."""

    def __init__(
        self, listing: DayListing, query: ShowQuery, *, now: datetime, language: str
    ) -> None:
        self.listing, self.now, self.language = listing, now, language
        self.asked, self.part = query, listing.part
        self.cinema = self.part.cinema
        self.query = query if self.cinema is None else _settled(query, listing)
        self.locale = locales.locale_of(language, self.cinema.timezone if self.cinema else "")

    @property
    def title(self) -> str:
        """The title of the page."""
        if self.cinema is None:
            return _("What's on")
        return _("What's on at %(cinema)s, %(city)s") % {
            "cinema": self.cinema.name,
            "city": self.cinema.city,
        }

    @property
    def canonical(self) -> str:
        """The path that search engines list: without the day and the filters, which change."""
        if self.is_unknown_cinema or self.cinema is None:
            return ""
        return f"/?cinema={self.asked.cinema}" if self.asked.cinema else "/"

    @property
    def is_unknown_cinema(self) -> bool:
        """Whether the visitor asked for a cinema that there is not."""
        unreadable = "cinema" in self.asked.unreadable
        unknown = self.asked.cinema and self.cinema and self.asked.cinema != self.cinema.id
        return bool(unreadable or unknown)

    @property
    def notices(self) -> list[str]:
        """What the page does otherwise than the URL asked for."""
        notices = []
        if self.is_unknown_cinema:
            notices.append(_("There is no such cinema. This is what is on in another one."))
        if "day" in self.asked.unreadable:
            notices.append(_("There is no such day. This is today."))
        elif self.asked.day and self.asked.day != self.part.day:
            notices.append(_("That day is over. This is today."))
        if {*self.asked.unreadable} - {"cinema", "day"}:
            notices.append(_("A filter could not be read, and was left out."))
        return notices

    # --- Cinemas and days -------------------------------------------------------------------------

    @property
    def choice(self) -> SafeString:
        """The cinemas, days, search and filters as HTML, cached: it changes with the catalog alone."""
        key = (self.part, self.query, self._today, self.language)
        if (html := _choices.get(key)) is None:
            html = SafeString(render_to_string("components/day_choice.html", {"page": self}))
            if len(_choices) >= MAX_CHOICES:
                _choices.clear()
            _choices[key] = html
        return html

    @property
    def cinema_links(self) -> list[dict[str, Any]]:
        """The cinemas as links, if they are few."""
        if not 1 < len(self.part.cinemas) <= MAX_CINEMA_LINKS:
            return []
        return [
            {
                "name": one.name,
                "city": one.city,
                "url": self.query.url(cinema=one.id),
                "is_current": one == self.cinema,
            }
            for one in self.part.cinemas
        ]

    @property
    def cinema_options(self) -> list[dict[str, Any]]:
        """The cinemas as options, if they are many."""
        if len(self.part.cinemas) <= MAX_CINEMA_LINKS:
            return []
        return [
            {"name": f"{one.name}, {one.city}", "value": one.id, "is_current": one == self.cinema}
            for one in self.part.cinemas
        ]

    @property
    def days(self) -> Iterator[dict[str, Any]]:
        """The days to choose from. The first is today."""
        for day in cinema_days.strip_of_days(self.listing, self._today):
            yield {
                "url": self.query.url(day=day),
                "weekday": self._weekday(day),
                "date": locales.format_month_day(day, self.locale),
                "has_shows": day in self.part.days,
                "is_current": day == self.part.day,
            }

    @property
    def day(self) -> str:
        """The day that is shown."""
        return locales.format_day(self.part.day, self.locale)

    @property
    def zone(self) -> str:
        """Whose clock the times are by."""
        return locales.zone_note(self.cinema.timezone, self.locale) if self.cinema else ""

    @property
    def next_day(self) -> dict[str, str] | None:
        """The next day with shows, where this one has none."""
        later = (day for day in self.part.days if day > self.part.day)
        day = next(later, None) or next(iter(self.part.days), None)
        if day is None or day == self.part.day:
            return None
        label = _("See %(day)s") % {"day": locales.format_day(day, self.locale)}
        return {"url": self.query.url(day=day), "label": label}

    @cached_property
    def _today(self) -> date:
        return cinema_days.today_in(self.cinema, self.now) if self.cinema else self.part.day

    def _weekday(self, day: date) -> str:
        ahead = (day - self._today).days
        if ahead in {0, 1}:
            return _("Tomorrow") if ahead else _("Today")
        return locales.format_weekday(day, self.locale)

    # --- Filters ----------------------------------------------------------------------------------

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The filters with what there is to choose on this day."""
        return filter_choices(self.part, self.query, self.locale)

    @cached_property
    def active(self) -> list[dict[str, str]]:
        """The filters that are set, each with the URL without it."""
        return active_filters(self.part, self.query, self.locale)

    @property
    def filter_count(self) -> int:
        """How many filters are set, without the search, which has a field of its own."""
        return len(self.query.filters.keys() - {"search"})

    @property
    def unfiltered_url(self) -> str:
        """The URL of this cinema and day without any filter."""
        return ShowQuery(cinema=self.query.cinema, day=self.query.day).url()

    @property
    def kept_with_cinema(self) -> list[tuple[str, object]]:
        """What the form for another cinema sends along."""
        return [*self._day_parameter, *self.query.filters.items()]

    @property
    def kept_with_search(self) -> list[tuple[str, object]]:
        """What the search sends along."""
        kept = {name: value for name, value in self.query.filters.items() if name != "search"}
        return [*self._cinema_parameter, *self._day_parameter, *kept.items()]

    @property
    def kept_with_filters(self) -> list[tuple[str, object]]:
        """What the form of the filters sends along."""
        search = [("search", self.query.search)] if self.query.search else []
        return [*self._cinema_parameter, *self._day_parameter, *search]

    @property
    def _cinema_parameter(self) -> list[tuple[str, object]]:
        return [("cinema", self.query.cinema)] if self.query.cinema else []

    @property
    def _day_parameter(self) -> list[tuple[str, object]]:
        return [("day", self.query.day.isoformat())] if self.query.day else []

    # --- Movies -----------------------------------------------------------------------------------

    @cached_property
    def movies(self) -> list[dict[str, Any]]:
        """The movies with a show that the filters accept: what starts next comes first."""
        chosen: dict[int, list[LiveShow]] = {}
        for item in self.part.shows:
            movie = item.record.movie_id
            if self.query.accepts_movie(self.part.movies[movie]):
                show = self.listing.live(item, self.now)
                if self.query.accepts_show(show):
                    chosen.setdefault(movie, []).append(show)
        found = sorted(chosen.items(), key=lambda entry: _turn(entry[1]))
        return [self._movie(self.part.movies[movie], shows) for movie, shows in found]

    def _movie(self, movie: ListedMovie, shows: Sequence[LiveShow]) -> dict[str, object]:
        stubs = show_stubs.stubs_of(shows, self.part.formats, self.language)
        return {
            "id": movie.item.id,
            "head": show_stubs.head_of(movie, self.language),
            "stubs": stubs,
        }

    @property
    def empty(self) -> str:
        """Why there is no movie."""
        if self.filter_count:
            return _("No show of this day is like that.")
        if self.query.search:
            return _("No movie of this day is found by that search.")
        return _("There are no shows on this day.")

    @property
    def elsewhere(self) -> list[dict[str, str]]:
        """The movies that a search finds beside those of this day, by two queries."""
        if not self.query.search:
            return []
        ids = queries.find_showing_movies(self.query.search, limit=MAX_FOUND_ELSEWHERE)
        here = {show.record.movie_id for show in self.part.shows}
        texts = queries.movie_texts([one for one in ids if one not in here], self.language)
        return [
            {"title": texts[one].title, "url": reverse("movie", args=[one])}
            for one in ids
            if one in texts
        ]


def _settled(query: ShowQuery, listing: DayListing) -> ShowQuery:
    """Return the query for the cinema and the day that are shown; a day that nobody chose stays open."""
    part = listing.part
    return replace(
        query, cinema=part.cinema and part.cinema.id, day=query.day and part.day, unreadable=()
    )


def _turn(shows: Sequence[LiveShow]) -> tuple[bool, datetime]:
    """Sort movies: by their next show that takes place; last those whose shows are over."""
    starts = [show.item.record.starts_at for show in shows if show.state not in GONE]
    return not starts, min(starts or [show.item.record.starts_at for show in shows])
