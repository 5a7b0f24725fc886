"""The query of "what's on": which cinema and day, and which shows. Pure: no queries."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict

from marquee.booking.sales_states import SalesState
from marquee.catalog.local_time import FIRST_YEAR, LAST_YEAR
from marquee.core.languages import is_variety
from marquee.core.text import find_problem, fold, search_words
from marquee.web.storefront.listings import ListedMovie, LiveShow
from marquee.web.storefront.remembered_cinema import ID

DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_LENGTH = 100
TEXTS = ("format", "language", "subtitles", "genre", "search")
FLAGS = ("captions", "accessible")


@dataclass(frozen=True, slots=True)
class ShowQuery:
    """What a visitor asks for. Blank values ask for nothing; `unreadable` names what we ignore."""

    cinema: int | None = None
    day: date | None = None
    format: str = ""
    language: str = ""
    subtitles: str = ""
    genre: str = ""
    search: str = ""
    captions: bool = False
    accessible: bool = False
    unreadable: tuple[str, ...] = ()

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, as parameters of a URL."""
        return {
            name: value if isinstance(value, str) else "1"
            for name in (*TEXTS, *FLAGS)
            if (value := getattr(self, name))
        }

    def url(self, **changes: object) -> str:
        """Return the URL of this query with some changes."""
        query = replace(self, **changes)  # type: ignore[arg-type]  # names and values of our own
        chosen = {"cinema": query.cinema, "day": query.day}
        parameters = {name: value for name, value in chosen.items() if value} | query.filters
        return f"?{urlencode(parameters)}" if parameters else "?"

    def accepts_movie(self, movie: ListedMovie) -> bool:
        """Return whether a movie has the genre, and the words in one of its titles."""
        if not (self.genre or self.search):
            return True
        genre = fold(self.genre)
        return (not genre or any(fold(one) == genre for one in movie.genres)) and all(
            any(form in movie.search_text for form in forms) for forms in search_words(self.search)
        )

    def accepts_show(self, show: LiveShow) -> bool:
        """Return whether a show has the format and languages, and the places that are asked for."""
        record = show.item.record
        return (
            (not self.format or fold(record.format) == fold(self.format))
            and (not self.language or _speaks(record.language, self.language))
            and (not self.subtitles or _speaks(record.subtitles, self.subtitles))
            and (not self.captions or bool(record.captions))
            and (not self.accessible or _has_space(show))
        )


def _speaks(languages: str, wanted: str) -> bool:
    return any(is_variety(one.lower(), wanted.lower()) for one in languages.split())


def _has_space(show: LiveShow) -> bool:
    can_be_booked = show.state in {SalesState.ON_SALE, SalesState.WHEELCHAIRS_ONLY}
    return show.accessible_left and can_be_booked


def read_query(parameters: QueryDict) -> ShowQuery:
    """Return what a URL asks for. What nobody can read is left out, and named."""
    texts = dict(_texts(parameters))
    unreadable = [name for name, text in texts.items() if text is None]
    cinema, day = parameters.get("cinema", ""), parameters.get("day", "")
    if cinema and not ID.fullmatch(cinema):
        unreadable.append("cinema")
    if day and _day(day) is None:
        unreadable.append("day")
    return ShowQuery(
        cinema=int(cinema) if ID.fullmatch(cinema) else None,
        day=_day(day),
        captions=parameters.get("captions", "") in {"1", "true"},
        accessible=parameters.get("accessible", "") in {"1", "true"},
        unreadable=tuple(unreadable),
        **{name: text or "" for name, text in texts.items()},
    )


def _texts(parameters: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    for name in TEXTS:
        text = " ".join(parameters.get(name, "").split())
        yield name, None if len(text) > MAX_LENGTH or find_problem(text) else text


def _day(text: str) -> date | None:
    if not DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
