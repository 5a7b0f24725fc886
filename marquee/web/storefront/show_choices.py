"""The filters of "what's on" in words: what there is to choose, and what was chosen."""

from collections.abc import Iterator, Mapping
from typing import Any

from babel import Locale
from django.utils.translation import gettext as _

from marquee.core import locales
from marquee.core.text import fold
from marquee.web.storefront import show_words
from marquee.web.storefront.cinema_days import CinemaDay
from marquee.web.storefront.show_filters import ShowQuery


def filter_choices(part: CinemaDay, query: ShowQuery, locale: Locale) -> list[dict[str, Any]]:
    """Return the filters with the values that the day's shows have, and with the chosen one."""
    return [
        _choice(name, label, known, getattr(query, name))
        for name, label, known in (
            ("genre", _("Genre"), _genres(part)),
            ("format", _("Format"), _formats(part)),
            ("language", _("Language"), _languages(part, locale)),
            ("subtitles", _("Subtitles"), _subtitles(part, locale)),
        )
    ]


def _choice(name: str, label: str, known: Mapping[str, str], chosen: str) -> dict[str, Any]:
    options = [
        {"value": value, "name": text, "is_current": fold(value) == fold(chosen)}
        for value, text in known.items()
    ]
    if chosen and not any(option["is_current"] for option in options):
        options.append({"value": chosen, "name": chosen, "is_current": True})
    return {"name": name, "label": label, "options": options}


def _genres(part: CinemaDay) -> dict[str, str]:
    names = {name for movie in part.movies.values() for name in movie.genres}
    return _sorted({name: show_words.genre_name(name) for name in names})


def _formats(part: CinemaDay) -> dict[str, str]:
    used = {show.record.format for show in part.shows}
    return {code: name for code, name in part.formats.items() if code in used}


def _languages(part: CinemaDay, locale: Locale) -> dict[str, str]:
    return _named({show.record.language for show in part.shows if show.record.language}, locale)


def _subtitles(part: CinemaDay, locale: Locale) -> dict[str, str]:
    return _named({tag for show in part.shows for tag in show.record.subtitles.split()}, locale)


def _named(tags: set[str], locale: Locale) -> dict[str, str]:
    return _sorted({tag: locales.language_name(tag, locale) for tag in tags})


def _sorted(names: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(names.items(), key=lambda item: fold(item[1])))


def active_filters(part: CinemaDay, query: ShowQuery, locale: Locale) -> list[dict[str, str]]:
    """Return the filters that are set in words, each with the URL without it."""
    return [
        {"label": label, "url": query.url(**{name: "" if isinstance(value, str) else False})}
        for name, label in _labels(part, query, locale)
        for value in [getattr(query, name)]
    ]


def _labels(part: CinemaDay, query: ShowQuery, locale: Locale) -> Iterator[tuple[str, str]]:
    if query.search:
        yield "search", _("“%(words)s”") % {"words": query.search}
    if query.genre:
        yield "genre", show_words.genre_name(query.genre)
    if query.format:
        yield "format", part.formats.get(query.format, query.format)
    if query.language:
        yield "language", locales.language_name(query.language, locale)
    if query.subtitles:
        names = locales.language_name(query.subtitles, locale)
        yield "subtitles", _("subtitles: %(languages)s") % {"languages": names}
    if query.captions:
        yield "captions", _("With captions for the deaf")
    if query.accessible:
        yield "accessible", _("With wheelchair spaces left")
