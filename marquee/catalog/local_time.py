"""Convert between a cinema's local time and UTC. Importing this loads no database."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from marquee.core.errors import BadInput

# Before 1980, some zones had offsets with seconds, which ISO 8601 cannot express.
FIRST_YEAR, LAST_YEAR = 1980, 2199


def to_utc(value: datetime, *, zone: tzinfo, field: str) -> datetime:
    """Return a time in UTC, to the second. A time without an offset is local to the zone.

    When the clocks go back, an hour comes twice: we take the first. Refuses with BadInput a time
    that is skipped when the clocks go forward, and a year beyond FIRST_YEAR and LAST_YEAR.
    """
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise BadInput(f"Write a year from {FIRST_YEAR} to {LAST_YEAR}.", field=field)
    value = value.replace(microsecond=0)
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    in_utc = value.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if in_utc.astimezone(zone).replace(tzinfo=None) != value.replace(fold=0):
        raise BadInput(
            f"{value:%H:%M} does not exist there on {value:%Y-%m-%d}: the clocks go forward.",
            field=field,
        )
    return in_utc


def day_bounds(on: date, *, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return when a local day and the next one begin, in UTC: 23 to 25 hours apart."""
    return _midnight(on, zone), _midnight(on + timedelta(days=1), zone)


def _midnight(on: date, zone: tzinfo) -> datetime:
    # Where the clocks skip midnight, this is when they go forward.
    return datetime.combine(on, time(), tzinfo=zone).astimezone(UTC)
