"""Shows to come that are too short for their movie since its runtime changed."""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from marquee.catalog import rules
from marquee.catalog.models import Movie, Show
from marquee.catalog.rules import ShowTimes


class ShortShow(NamedTuple):
    """A show, and when it would have to end at the earliest."""

    show: Show
    needed_until: datetime


def find_short_shows(movie: Movie, *, runtime_before: int | None) -> list[ShortShow]:
    """Return the shows to come that are too short since the runtime changed, in the order of their starts.

    Without a runtime before: all that have no time for the adverts and the movie.
    """
    shows = Show.objects.filter(
        movie=movie, state=Show.State.SCHEDULED, starts_at__gt=timezone.now()
    )
    shows = shows.select_related("movie", "auditorium__cinema").order_by("starts_at", "pk")
    found = [ShortShow(show, _needed_until(show, movie, runtime_before)) for show in shows]
    return [short for short in found if short.show.ends_at < short.needed_until]


def _needed_until(show: Show, movie: Movie, runtime_before: int | None) -> datetime:
    return rules.needed_end(
        ShowTimes(show.starts_at, show.ends_at, show.sales_until),
        runtime_before=runtime_before,
        runtime=movie.runtime_minutes,
        adverts_minutes=settings.ADVERTS_MINUTES,
    )
