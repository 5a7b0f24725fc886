"""Time zones: times by a zone's clock, and which names are places. Importing this loads no database."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo


def isoformat_in(moment: datetime, timezone: str) -> str:
    """Return a time as ISO 8601, with the offset that a time zone has then."""
    return moment.astimezone(ZoneInfo(timezone)).isoformat(timespec="seconds")


def isoformat_utc(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC: `2026-11-24T19:15:00Z`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def write_time(moment: datetime, zone: str, *, utc_offset: int | None = None) -> str:
    """Return a time for people, with its zone: `2026-11-24 20:15 (Europe/Vienna)`.

    An hour that comes twice, when the clocks go back, has its offset, too. `utc_offset` is the one
    that was stored, in minutes, where there is one: see `zone_as_stored`.
    """
    clock = ZoneInfo(zone) if utc_offset is None else zone_as_stored(moment, zone, utc_offset)
    local = moment.astimezone(clock)
    written = local.isoformat(" ", timespec="minutes")  # with the offset
    return f"{written if comes_twice(local) else written[:16]} ({zone})"


def comes_twice(local: datetime) -> bool:
    """Return whether a local time is in an hour that comes twice, when the clocks go back."""
    return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()


def utc_offset(moment: datetime, zone: tzinfo) -> int:
    """Return by how many minutes a zone's clock is ahead of UTC at a time."""
    ahead = moment.astimezone(zone).utcoffset() or timedelta()
    return round(ahead / timedelta(minutes=1))


def zone_as_stored(moment: datetime, zone: str, offset: int) -> tzinfo:
    """Return the zone if its offset then is the stored one, else a zone with that offset only.

    They differ after a change of the zone's rules, until `keep_local_times` has moved the time.
    """
    by_name = ZoneInfo(zone)
    if utc_offset(moment, by_name) == offset:
        return by_name
    return timezone(timedelta(minutes=offset))


# --- Which zones are places -----------------------------------------------------------------------


def refusal_of(zone: str) -> str | None:
    """Return why a time zone is no place where a cinema can be, and what to write; None if it is one.

    Places are the zones of zone.tab in the IANA data (the package `tzdata`). UTC, `Etc/GMT-1`, `CET`,
    `EST5EDT`, `localtime` and `posixrules` are none, and `US/Pacific` is the former name of one.
    """
    if zone in _places():
        return None
    if place := _meant_place(zone):
        return f"{zone} is not the current name of a place in the IANA time zones: write {place}."
    return (
        f"{zone} is no place in the IANA time zones (zone.tab). Write the zone of the cinema's city, "
        "such as Europe/Vienna."
    )


def _meant_place(zone: str) -> str | None:
    """Return the place that a former name, another case, a city alone or a misspelling stands for."""
    if len(zone) > 64:
        return None
    former = _links().get(zone)
    # All in capitals is an abbreviation, such as EST: of many places.
    if former in _places() and not zone.isupper():
        return former
    by_name = {place.casefold(): place for place in _places()}
    by_city = {place.rpartition("/")[2].casefold(): place for place in _places()}
    wanted = zone.strip().casefold().replace(" ", "_")
    if place := by_name.get(wanted) or by_city.get(wanted):
        return place
    close = get_close_matches(wanted, by_name, n=1, cutoff=0.85)
    return by_name[close[0]] if close else None


def is_same_zone(one: str, other: str) -> bool:
    """Return whether two names stand for one zone with one history, as `US/Pacific` does."""
    links = _links()
    return links.get(one, one) == links.get(other, other)


def is_known(zone: str) -> bool:
    """Return whether this is a name in the IANA data, also a former one, or one that is no place."""
    return zone in _names()


@cache
def _names() -> frozenset[str]:
    return frozenset((files("tzdata") / "zones").read_text("utf-8").split())


@cache
def _places() -> frozenset[str]:
    rows = _read("zone.tab")
    return frozenset(row.split("\t")[2] for row in rows if row and not row.startswith("#"))


@cache
def _links() -> dict[str, str]:
    """Return the zone that each other name stands for."""
    rows = [row.split() for row in _read("tzdata.zi") if row.startswith("L ")]
    return {name: zone for _, zone, name in rows}


def _read(name: str) -> list[str]:
    return (files("tzdata") / "zoneinfo" / name).read_text("utf-8").splitlines()
