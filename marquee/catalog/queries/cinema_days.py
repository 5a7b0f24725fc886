"""Read what pages about a cinema's days show: cinemas, days with shows, and the shows of a day."""

from datetime import date

from django.db.models import OuterRef, Subquery

from marquee.catalog.models import Auditorium, Cinema, Format, SeatPlan, Show
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


def show_ids_of_movie(movie_id: int, *, limit: int) -> list[int]:
    """Return the ids of the next shows of a movie that have not ended, those called off included."""
    shows = filter_not_ended(Show.objects.filter(movie=movie_id)).order_by("starts_at", "id")
    return list(shows.values_list("id", flat=True)[:limit])


def list_auditoriums(cinema_id: int) -> list[tuple[str, int]]:
    """Return the names of a cinema's auditoriums, each with how many seats its next show will have."""
    newest = SeatPlan.objects.filter(auditorium=OuterRef("pk")).order_by("-version")
    auditoriums = Auditorium.objects.filter(cinema=cinema_id).order_by("sort_name", "id")
    seats = Subquery(newest.values("seats_total")[:1])
    return list(auditoriums.annotate(seats=seats).values_list("name", "seats"))
