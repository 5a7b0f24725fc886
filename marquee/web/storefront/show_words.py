"""Movies and shows in the words of the reader's language."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from babel import Locale
from babel.dates import get_timezone_name
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from marquee.booking.sales_states import Fullness, SalesState
from marquee.catalog.queries import ShowRecord
from marquee.core import locales
from marquee.core.zones import comes_twice, zone_as_stored

# Genres that most catalogs name like this, which are shown in the reader's language.
USUAL_GENRES = frozenset(
    {
        gettext_noop("Action"),
        gettext_noop("Adventure"),
        gettext_noop("Animation"),
        gettext_noop("Biography"),
        gettext_noop("Comedy"),
        gettext_noop("Crime"),
        gettext_noop("Documentary"),
        gettext_noop("Drama"),
        gettext_noop("Family"),
        gettext_noop("Fantasy"),
        gettext_noop("History"),
        gettext_noop("Horror"),
        gettext_noop("Music"),
        gettext_noop("Musical"),
        gettext_noop("Mystery"),
        gettext_noop("Romance"),
        gettext_noop("Science fiction"),
        gettext_noop("Sport"),
        gettext_noop("Thriller"),
        gettext_noop("War"),
        gettext_noop("Western"),
    }
)
FULLNESS_WORDS = {
    Fullness.PLENTY: gettext_lazy("plenty of seats"),
    Fullness.FILLING_UP: gettext_lazy("filling up"),
    Fullness.FEW_LEFT: gettext_lazy("few seats left"),
    Fullness.SOLD_OUT: gettext_lazy("sold out"),
}
STATE_WORDS = {
    SalesState.WHEELCHAIRS_ONLY: gettext_lazy("only wheelchair spaces left"),
    SalesState.SOLD_OUT: gettext_lazy("sold out"),
    SalesState.CLOSED: gettext_lazy("no longer on sale here"),
    SalesState.STARTED: gettext_lazy("has started"),
    SalesState.OVER: gettext_lazy("over"),
    SalesState.CALLED_OFF: gettext_lazy("called off"),
}


def genre_name(name: str) -> str:
    """Return the name of a genre in the reader's language, where it is a usual one."""
    return _(name) if name in USUAL_GENRES else name


def runtime(minutes: int) -> str:
    """Return a runtime: `1 h 42 min`, `2 h`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)s min") % {"minutes": rest}
    if not rest:
        return _("%(hours)s h") % {"hours": hours}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}


def local_start(show: ShowRecord) -> datetime:
    """Return the start by the cinema's clock, as it was sold."""
    return show.starts_at.astimezone(clock_of(show))


def clock_of(show: ShowRecord) -> tzinfo:
    """Return the cinema's time zone, with the offset by which the show was sold."""
    return zone_as_stored(show.starts_at, show.timezone, show.utc_offset)


def clock(local: datetime, locale: Locale) -> str:
    """Return a time of day in few signs: `20:15`. An hour that comes twice says which of the two it is."""
    time = locales.format_clock(local, locale).removesuffix(" Uhr")
    return f"{time} ({get_timezone_name(local, locale=locale)})" if comes_twice(local) else time


def languages(show: ShowRecord, locale: Locale) -> str:
    """Return the languages of a show: `English, subtitles: German`; blank if nobody said."""
    parts: list[str] = []
    if show.language:
        parts.append(locales.language_name(show.language, locale))
    if show.subtitles:
        parts.append(
            _("subtitles: %(languages)s") % {"languages": _names(show.subtitles.split(), locale)}
        )
    if show.captions:
        parts.append(_("with captions for the deaf"))
    return ", ".join(parts)


def _names(tags: Sequence[str], locale: Locale) -> str:
    return ", ".join(locales.language_name(tag, locale) for tag in tags)
