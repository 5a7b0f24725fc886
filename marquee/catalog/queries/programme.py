"""Read what pages about a cinema's days show: cinemas, days with shows, and the shows of a day."""

from datetime import date

from marquee.catalog.models import Cinema, Format, Show
from marquee.catalog.queries.shows import filter_by_business_day, filter_not_ended
from marquee.catalog.records import CinemaRecord

MAX_DAYS = 40  # that a strip of days can show


def list_cinemas() -> list[CinemaRecord]:
    """Return all cinemas by name, by one query."""
    return [CinemaRecord(*row) for row in Cinema.objects.values_list(*CinemaRecord._fields)]


def business_days_with_shows(cinema_id: int, start: date) -> list[date]:
    """Return the next business days of a cinema, from a day on, with a show that has not ended."""
    shows = Show.objects.filter(
        auditorium__cinema=cinema_id, state=Show.State.SCHEDULED, business_day__gte=start
    )
    days = filter_not_ended(shows).order_by("business_day").values_list("business_day", flat=True)
    return list(days.distinct()[:MAX_DAYS])


def show_ids_on(cinema_id: int, day: date) -> list[int]:
    """Return the ids of the shows of a cinema's business day, those called off included."""
    shows = Show.objects.filter(auditorium__cinema=cinema_id).order_by("starts_at", "id")
    return list(filter_by_business_day(shows, day).values_list("id", flat=True))


def format_names() -> dict[str, str]:
    """Return the formats' names by code, in the order of lists."""
    return dict(Format.objects.values_list("code", "name"))
