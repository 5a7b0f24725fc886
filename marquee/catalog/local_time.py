"""A cinema's own clock: what a time without an offset means there, and when a day begins. Pure."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from marquee.core.errors import BadInput

# Earlier, some zones were seconds off the minute, which ISO 8601 cannot say.
FIRST_YEAR, LAST_YEAR = 1980, 2199


def to_utc(value: datetime, *, zone: tzinfo, field: str) -> datetime:
    """Return a time in UTC, to the second; one without an offset is read off the zone's clock.

    When the clocks go back, an hour comes twice: the first is meant. Refuses with BadInput when
    they go forward and the time is skipped, and for years that no show is in.
    """
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise BadInput(f"Write a year from {FIRST_YEAR} to {LAST_YEAR}.", field=field)
    value = value.replace(microsecond=0)
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    meant = value.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if meant.astimezone(zone).replace(tzinfo=None) != value.replace(fold=0):
        raise BadInput(
            f"{value:%H:%M} does not exist there on {value:%Y-%m-%d}: the clocks go forward.",
            field=field,
        )
    return meant


def day_bounds(on: date, *, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return when a local day begins and when the next one does, in UTC: 23 to 25 hours later."""
    return _midnight(on, zone), _midnight(on + timedelta(days=1), zone)


def _midnight(on: date, zone: tzinfo) -> datetime:
    # Where midnight itself is skipped, this is the moment when the clocks go forward: the same.
    return datetime.combine(on, time(), tzinfo=zone).astimezone(UTC)
