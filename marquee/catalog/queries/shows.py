"""Read shows: the columns of a show's record, and filters of lists of shows."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Min, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone

from marquee.catalog import local_time, rules
from marquee.catalog.models import Cinema, Format, Show
from marquee.catalog.records import OccupiedTime, ShowRecord
from marquee.catalog.states import ShowPhase, ShowState
from marquee.core import clock
from marquee.core.clock import DatabaseNow
from marquee.core.errors import BadInput
from marquee.core.languages import normalise_language
from marquee.core.text import name_key
from marquee.core.zones import utc_offset

# A day, from 00:00 or 06:00, in any zone from UTC-12 to UTC+14, around its noon in UTC.
HALF_WINDOW = timedelta(hours=30)
ONE_DAY = timedelta(days=1)

# The columns of ShowRecord, in its order. `{show}` is the alias of the table `show`.
SHOW_RECORD_COLUMNS = """
    {show}.starts_at, {show}.ends_at, {show}.sales_until, {show}.sales_from, {show}.id,
    {show}.seat_plan_id, {show}.price_card_id, {show}.format, {show}.language, {show}.subtitles,
    {show}.captions, {show}.state,
    movie.id, movie.title, movie.runtime_minutes, movie.certificate,
    auditorium.id, auditorium.name, cinema.id, cinema.name, cinema.city, cinema.timezone,
    cinema.cancel_until_minutes, {show}.utc_offset, {show}.call_off_reason,
    cinema.single_gaps
"""
SHOW_JOINS = """
    JOIN movie ON movie.id = {show}.movie_id
    JOIN auditorium ON auditorium.id = {show}.auditorium_id
    JOIN cinema ON cinema.id = auditorium.cinema_id
"""


def show_record(columns: Sequence[Any]) -> ShowRecord:
    """Return the record of a show from a row of SHOW_RECORD_COLUMNS."""
    # Sales may open at any time: then the fourth is NULL.
    times: Any = [time and clock.from_db_time(time) for time in columns[:4]]
    return ShowRecord(*times, *columns[4:])


def find_overlap(show: Show) -> OccupiedTime | None:
    """Return the first scheduled show that overlaps with this show in its auditorium, if any."""
    others = Show.objects.filter(
        auditorium=show.auditorium_id,
        state=Show.State.SCHEDULED,
        starts_at__lt=show.occupied_until,
        occupied_until__gt=show.starts_at,
    ).exclude(pk=show.pk)
    other = others.select_related("movie", "auditorium__cinema").first()
    if other is None:
        return None
    return OccupiedTime(
        other.pk,
        other.movie.title,
        other.auditorium.name,
        other.auditorium.cinema.tzinfo,
        other.starts_at,
        other.occupied_until,
    )


def filter_by_language(
    rows: QuerySet[Any], wanted: str, *, column: str, field: str | None = None
) -> QuerySet[Any]:
    """Return the rows in a language or a variety of it: pt finds pt-BR, too. Refuses with BadInput."""
    try:
        language = normalise_language(wanted)
    except ValueError as error:
        raise BadInput(str(error), field=field or column) from None
    words = Concat(
        Value(" "), F(column), Value(" "), output_field=TextField()
    )  # several languages have blanks between
    spoken = rows.alias(words=words)
    matches = Q(words__contains=f" {language} ") | Q(words__contains=f" {language}-")
    found: QuerySet[Any] = spoken.filter(matches)
    return found


def find_format(code: str, *, field: str = "format") -> str:
    """Return the code of a format, typed in any case. Refuses with BadInput an unknown one."""
    formats = dict(Format.objects.values_list("code_key", "code"))
    if found := formats.get(name_key(code)):
        return found
    known = ", ".join(formats.values())
    raise BadInput(f"There is no such format: there are {known}.", field=field)


def filter_not_ended(shows: QuerySet[Show]) -> QuerySet[Show]:
    """Return the shows that have not ended.

    None lasts longer than MAX_SHOW_LENGTH. So indexes, which have starts, pass over years of past shows.
    """
    now = timezone.now()
    return shows.filter(ends_at__gt=now, starts_at__gt=now - rules.MAX_SHOW_LENGTH)


def phase_q(phase: str) -> Q:
    """Return the condition for shows in a phase: see `rules.show_phase`."""
    if phase == ShowPhase.CALLED_OFF:
        return Q(state=ShowState.CALLED_OFF)
    now = DatabaseNow()
    return (
        ~Q(state=ShowState.CALLED_OFF)
        & {
            ShowPhase.UPCOMING: Q(starts_at__gt=now),
            ShowPhase.RUNNING: Q(starts_at__lte=now, ends_at__gt=now),
            ShowPhase.OVER: Q(ends_at__lte=now),
        }[ShowPhase(phase)]
    )


def earliest_end(shows: QuerySet[Show]) -> datetime | None:
    """Return when the first of these shows ends, or None if there is none."""
    end: datetime | None = shows.order_by().aggregate(end=Min("ends_at"))["end"]
    return end


def filter_by_local_day(shows: QuerySet[Show], on: date) -> QuerySet[Show]:
    """Return the shows that start on this day by their own cinema's clock."""
    return _filter_around(shows, on).filter(starts_on=on)


def filter_by_business_day(shows: QuerySet[Show], on: date) -> QuerySet[Show]:
    """Return the shows of this business day: from 06:00 to 05:59 by their own cinema's clock."""
    return _filter_around(shows, on).filter(business_day=on)


def _filter_around(shows: QuerySet[Show], on: date) -> QuerySet[Show]:
    """Keep the shows that may be of this day in any zone: the index on `starts_at` finds them."""
    if not local_time.FIRST_YEAR <= on.year <= local_time.LAST_YEAR:
        return shows.none()
    noon = datetime.combine(on, time(12), tzinfo=UTC)
    return shows.filter(starts_at__gte=noon - HALF_WINDOW, starts_at__lte=noon + HALF_WINDOW)


def zones_in_use() -> list[str]:
    """Return the time zones of the cinemas: those of most cinemas first."""
    zones = Cinema.objects.order_by().values_list("timezone").annotate(count=Count("pk"))
    return [zone for zone, _ in sorted(zones, key=lambda row: (-row[1], row[0]))]


def office_zone() -> str:
    """Return the time zone of most cinemas: what belongs to no cinema is shown by its clock."""
    return next(iter(zones_in_use()), "UTC")


def shows_off_their_clock() -> list[Show]:
    """Return the shows to come that no longer start when their cinema's clock shows the time sold.

    They come in an order in which none is in the way of the one before, where all move alike.
    """
    now = timezone.now()
    rows = Show.objects.filter(ends_at__gt=now - ONE_DAY).order_by().values_list("pk", *CLOCKS)
    off = [row[0] for row in rows if not _is_by_clock(*row[1:])]
    shows = Show.objects.select_related("movie", "auditorium__cinema").in_bulk(off).values()
    moves = [(show, by) for show in shows for by in [_move(show)] if _is_to_come(show, by, now)]
    return [show for show, _ in sorted(moves, key=_turn)]


CLOCKS = (
    "timezone", "auditorium__cinema__timezone", "starts_at", "utc_offset",
    "sales_until", "sales_until_offset", "sales_from", "sales_from_offset",
)  # fmt: skip


def _is_by_clock(sold_in: str, zone: str, *times: Any) -> bool:
    """Return whether the clock of a zone shows the times sold, each with its offset after it.

    It is quick, as most shows are right. A time without an offset moves with the start.
    """
    clock = ZoneInfo(zone)
    return sold_in == zone and all(
        offset is None or utc_offset(at, clock) == offset
        for at, offset in zip(times[::2], times[1::2], strict=True)
    )


def _is_to_come(show: Show, by: timedelta | None, now: datetime) -> bool:
    """Return whether a show is to come, before or after the move."""
    return show.starts_at + max(by or timedelta(), timedelta()) > now


def _turn(move: tuple[Show, timedelta | None]) -> float:
    """Sort by start: the last show first among those that move to a later time."""
    show, by = move
    at = show.starts_at.timestamp()
    return -at if by and by > timedelta() else at


def _move(show: Show) -> timedelta | None:
    """Return by how much a show must move to keep its wall-clock time; None if the clocks skip it."""
    zone = show.auditorium.cinema.tzinfo
    kept = local_time.kept_instant(show.starts_at, utc_offset=show.utc_offset, zone=zone)
    return None if kept is None else kept - show.starts_at
