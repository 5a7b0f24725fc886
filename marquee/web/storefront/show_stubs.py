"""Movies and their shows as HTML, built once for each state and language, and cached.

Equal arguments give equal HTML, so nothing here becomes outdated.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from marquee.booking.sales_states import SalesState
from marquee.catalog.local_time import business_day
from marquee.catalog.queries import MovieListItem, MovieText
from marquee.core import locales
from marquee.web.storefront import show_words
from marquee.web.storefront.listings import ListedMovie, LiveShow
from marquee.web.storefront.poster_urls import poster_url

# Shows that a page of their own says more about. One that has begun is of no use to anybody.
LINKED = {
    SalesState.ON_SALE,
    SalesState.WHEELCHAIRS_ONLY,
    SalesState.SOLD_OUT,
    SalesState.NOT_OPEN,
    SalesState.CALLED_OFF,
}
BOOKABLE = {SalesState.ON_SALE, SalesState.WHEELCHAIRS_ONLY}


class Stub(NamedTuple):
    """What the template of a show's button says."""

    url: str
    starts_at: str
    time: str
    night: str
    format: str
    languages: str
    price: str
    words: str
    shape: str
    is_bookable: bool


def show_path(show_id: int) -> str:
    """Return the path of the page where the seats of a show are chosen."""
    return reverse("show", args=[show_id])


def poster_path(movie_id: int) -> str:
    """Return the path of the poster that we draw: pages load no picture from another site."""
    return reverse("movie-poster", args=[movie_id])


@lru_cache(maxsize=20_000)
def show_stub(show: LiveShow, format_name: str, language: str) -> SafeString:
    """Return a show as a button, or as a line of text if it cannot be booked any more."""
    return SafeString(
        render_to_string("components/show_stub.html", _stub(show, format_name, language)._asdict())
    )


def _stub(show: LiveShow, format_name: str, language: str) -> Stub:
    record = show.item.record
    locale = locales.locale_of(language, record.timezone)
    local = show_words.local_start(record)
    is_after_midnight = business_day(local) != local.date()
    is_bookable = show.state in BOOKABLE
    return Stub(
        url=show_path(record.id) if show.state in LINKED else "",
        starts_at=local.isoformat(timespec="minutes"),
        time=show_words.clock(local, locale),
        night=locales.format_short_day(local, locale) if is_after_midnight else "",
        format=format_name,
        languages=show_words.languages(record, locale),
        price=locales.format_money(show.price_from, locale)
        if is_bookable or show.state == SalesState.NOT_OPEN
        else "",
        words=_words(show, language),
        shape=show.fullness.value if show.state == SalesState.ON_SALE else show.state.value,
        is_bookable=is_bookable,
    )


def _words(show: LiveShow, language: str) -> str:
    record = show.item.record
    if show.state == SalesState.ON_SALE:
        return str(show_words.FULLNESS_WORDS[show.fullness])
    if show.state == SalesState.NOT_OPEN and record.sales_from:
        locale = locales.locale_of(language, record.timezone)
        opens = record.sales_from.astimezone(ZoneInfo(record.timezone))
        when = f"{locales.format_short_day(opens, locale)}, {locales.format_clock(opens, locale)}"
        return _("on sale from %(when)s") % {"when": when}
    return str(show_words.STATE_WORDS[show.state])


@lru_cache(maxsize=5_000)
def movie_head(
    movie: MovieListItem, text: MovieText, genres: tuple[str, ...], language: str
) -> SafeString:
    """Return a movie's poster, title and facts, as they stand before its shows."""
    facts = {
        "id": movie.id,
        "url": reverse("movie", args=[movie.id]),
        "poster": poster_url(movie, text.title, genres, language),
        "title": text.title,
        "synopsis": text.synopsis,
        "certificate": movie.certificate,
        "runtime": show_words.runtime(movie.runtime_minutes),
        "genres": [show_words.genre_name(name) for name in genres],
        "language": language,
    }
    return SafeString(render_to_string("components/movie_head.html", facts))


def head_of(movie: ListedMovie, language: str) -> SafeString:
    """Return the cached head of a movie in a language."""
    return movie_head(movie.item, movie.texts[language], movie.genres, language)


def stubs_of(
    shows: Iterable[LiveShow], formats: Mapping[str, str], language: str
) -> list[SafeString]:
    """Return the cached buttons of shows in a language."""
    return [
        show_stub(show, formats.get(show.item.record.format, show.item.record.format), language)
        for show in shows
    ]
