"""Convert between a cinema's local time and UTC. Importing this loads no database."""

from datetime import UTC, date, datetime, timedelta, tzinfo

from marquee.core.errors import BadInput

# Before 1980, some zones had offsets with seconds, which ISO 8601 cannot express.
FIRST_YEAR, LAST_YEAR = 1980, 2199
# No local time of the first year is earlier, whatever its offset.
EARLIEST = datetime(FIRST_YEAR - 1, 12, 31, tzinfo=UTC)
BUSINESS_DAY_BEGINS = 6  # o'clock, by the cinema's clock (DESIGN 2)


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
            f"{value:%H:%M} does not exist on {value:%Y-%m-%d} in {zone}: the clocks go forward.",
            field=field,
        )
    return in_utc


def business_day(local: datetime) -> date:
    """Return the business day of a local time: before BUSINESS_DAY_BEGINS, that of the evening before."""
    return (local.replace(tzinfo=None) - timedelta(hours=BUSINESS_DAY_BEGINS)).date()


def kept_instant(moment: datetime, *, utc_offset: int, zone: tzinfo) -> datetime | None:
    """Return when a zone's clock shows the wall-clock time that was sold, by the rules of today.

    `moment` and `utc_offset`, in minutes, are how the time is stored. Of an hour that comes twice we
    take the one with the stored offset, else the first. None if the clocks skip the time.
    """
    wall = (moment.astimezone(UTC) + timedelta(minutes=utc_offset)).replace(tzinfo=None)
    twice = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    shown = [at for at in twice if at.astimezone(zone).replace(tzinfo=None) == wall]
    if moment in shown:
        return moment
    return shown[0] if shown else None
