"""Read shows: the columns of a show's record, and filters of lists of shows."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from marquee.catalog import local_time
from marquee.catalog.models import Cinema, Show
from marquee.catalog.records import OccupiedTime, ShowRecord
from marquee.core import clock

# The columns of ShowRecord, in its order. `{show}` is the alias of the table `show`.
SHOW_RECORD_COLUMNS = """
    {show}.starts_at, {show}.ends_at, {show}.sales_until, {show}.id, {show}.seat_plan_id,
    {show}.price_card_id, {show}.format, {show}.language, {show}.subtitles, {show}.state,
    movie.id, movie.title, movie.runtime_minutes, movie.certificate,
    auditorium.id, auditorium.name, cinema.id, cinema.name, cinema.city, cinema.timezone,
    cinema.cancel_until_minutes
"""
SHOW_JOINS = """
    JOIN movie ON movie.id = {show}.movie_id
    JOIN auditorium ON auditorium.id = {show}.auditorium_id
    JOIN cinema ON cinema.id = auditorium.cinema_id
"""


def show_record(columns: Sequence[Any]) -> ShowRecord:
    """Return the record of a show from a row of SHOW_RECORD_COLUMNS."""
    times: Any = map(clock.from_db_time, columns[:3])
    return ShowRecord(*times, *columns[3:])


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


def filter_not_ended(shows: QuerySet[Show]) -> QuerySet[Show]:
    """Return the shows that have not ended."""
    return shows.filter(ends_at__gt=timezone.now())


def earliest_end(shows: QuerySet[Show]) -> datetime | None:
    """Return when the first of these shows ends, or None if there is none."""
    end: datetime | None = shows.order_by().aggregate(end=Min("ends_at"))["end"]
    return end


def filter_by_local_day(shows: QuerySet[Show], on: date) -> QuerySet[Show]:
    """Return the shows that start on this day in their own cinema's time zone."""
    if not local_time.FIRST_YEAR <= on.year <= local_time.LAST_YEAR:
        return shows.none()
    zones = Cinema.objects.order_by().values_list("timezone", flat=True).distinct()
    days: dict[tuple[datetime, datetime], list[str]] = {}  # the zones by their bounds of the day
    for zone in zones:
        days.setdefault(local_time.day_bounds(on, zone=ZoneInfo(zone)), []).append(zone)
    if not days:
        return shows.none()
    starts_on_day = Q()
    for (start, end), same_zones in days.items():
        starts_on_day |= Q(
            auditorium__cinema__timezone__in=same_zones, starts_at__gte=start, starts_at__lt=end
        )
    # The range around the days of all zones, for the index on `starts_at`.
    first, last = min(start for start, _ in days), max(end for _, end in days)
    return shows.filter(starts_on_day, starts_at__gte=first, starts_at__lt=last)
