"""Times, money and languages as people of a place write them. Pure: no database.

The forms are CLDR's, by the package Babel. The language is the reader's. Where the place of the cinema
speaks it, its own forms are used: English has 20:15 in London and 8:15 PM in New York.
"""

from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    get_timezone_location,
    get_timezone_name,
)
from babel.languages import get_official_languages
from babel.numbers import format_currency, parse_pattern
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import trans_real

from marquee.core.money import Money, minor_digits
from marquee.core.zones import comes_twice

# English where people speak another language: dates with the day first, and 24 hours.
FALLBACKS = {"en": "en_GB"}


@lru_cache(maxsize=1024)
def requested_language(accept_language: str) -> str:
    """Return the first of LANGUAGES that an Accept-Language header asks for; blank for none.

    `de-AT` asks for `de`, too, and `*` for nothing in particular. A header that nobody can read asks for nothing.
    """
    offered = {code.lower(): code for code, _name in settings.LANGUAGES}
    for tag, quality in trans_real.parse_accept_lang_header(accept_language.lower()):
        if not quality:
            continue
        if language := offered.get(tag) or offered.get(tag.partition("-")[0]):
            return language
    return ""


def known_language(*languages: str) -> str:
    """Return the first of these that is one of LANGUAGES, else the default language."""
    offered = {code for code, _name in settings.LANGUAGES}
    return next((one for one in languages if one in offered), settings.LANGUAGE_CODE)


@lru_cache(maxsize=256)
def locale_of(language: str, zone: str) -> Locale:
    """Return the locale of a language at a place, which is given as its time zone."""
    territory = _territories().get(zone, "")
    if language not in get_official_languages(territory, de_facto=True):
        return Locale.parse(FALLBACKS.get(language, language))
    return Locale.parse(f"{language}_{territory}")


@cache
def _territories() -> dict[str, str]:
    """Return the territory of each time zone that is a place: AT for Europe/Vienna."""
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    rows = (row.split("\t") for row in text.splitlines() if row and not row.startswith("#"))
    return {row[2]: row[0] for row in rows}


def format_day(local: date, locale: Locale) -> str:
    """Return a day with its weekday: `Tuesday, 24 November 2026`."""
    return format_date(local, "full", locale=locale)


def format_short_day(local: date, locale: Locale) -> str:
    """Return a day in few words, for a subject: `Tue, 24 Nov`."""
    return format_skeleton("MMMEd", local, locale=locale)


def format_weekday(day: date, locale: Locale) -> str:
    """Return the weekday in few signs: `Tue`."""
    return format_date(day, "EEE", locale=locale)


def format_month_day(day: date, locale: Locale) -> str:
    """Return a day without its weekday and year: `24 Nov`."""
    return format_skeleton("MMMd", day, locale=locale)


def format_clock(local: datetime, locale: Locale) -> str:
    """Return a time of day as people say it: `20:15`, `8:15 PM`, `20:15 Uhr`."""
    time = format_time(local, "short", locale=locale)
    return f"{time} Uhr" if locale.language == "de" else time


def format_moment(local: datetime, locale: Locale) -> str:
    """Return a day and a time: `Tuesday, 24 November 2026, 20:15`.

    `local` has the zone of the place. An hour that comes twice says which of the two it is.
    """
    moment = f"{format_day(local, locale)}, {format_clock(local, locale)}"
    if not comes_twice(local):
        return moment
    return f"{moment} ({get_timezone_name(local, locale=locale)})"


def zone_note(zone: str, locale: Locale) -> str:
    """Return whose clock a time is by: `Vienna time`."""
    city = get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True)
    return _("%(city)s time") % {"city": city}


@lru_cache(maxsize=4096)
def format_money(money: Money, locale: Locale) -> str:
    """Return an amount as the locale writes it, with all of the currency's decimals: `€12.50`.

    Babel alone would write 1500.50 HUF as 1,501: its decimals are CLDR's, for display.
    """
    digits = minor_digits(money.currency)
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (digits, digits)
    return format_currency(
        Decimal(money.amount), money.currency, pattern, locale=locale, currency_digits=False
    )


def language_name(tag: str, locale: Locale) -> str:
    """Return the name of a language: `German`; the tag itself where nobody knows it."""
    try:
        named = Locale.parse(tag, sep="-").get_display_name(locale)
    except (UnknownLocaleError, ValueError):
        return str(locale.languages.get(tag.partition("-")[0], tag))
    return named or tag
