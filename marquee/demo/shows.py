"""Plan what a cinema shows on a day: deterministic, and pure but for the last functions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from django.conf import settings

from marquee.catalog.models import Movie, Show
from marquee.demo.cinemas import (
    DEMO_CINEMAS,
    EVENING,
    MATINEE,
    DemoAuditorium,
    DemoCinema,
    StoredCinema,
)
from marquee.demo.movies import DEMO_MOVIES, SEVENTY_MM, THREE_D, TWO_D, DemoMovie, MovieGroup

OPENS, OPENS_AT_WEEKENDS = time(13), time(10, 30)
MATINEE_UNTIL = time(17)
LAST_START = time(22, 30)
# No show ends later than this after the midnight that begins the day.
CLOSES_AFTER = timedelta(hours=25, minutes=45)
# A show in the small hours belongs to the evening before.
DAY_BEGINS = time(6)
# How many movies of each group a cinema has in a week, besides the movies on 70 mm.
WEEKLY = {MovieGroup.FAMILY: 4, MovieGroup.CURRENT: 5, MovieGroup.WORLD: 6, MovieGroup.CLASSIC: 3}
FIVE_MINUTES = timedelta(minutes=5)
SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class Slot:
    """A planned show. `auditorium` is an index into the cinema's auditoriums."""

    auditorium: int
    movie: DemoMovie
    starts_at: datetime
    ends_at: datetime
    occupied_until: datetime
    card: str
    format: str
    language: str
    subtitles: str


def plan_day(cinema: DemoCinema, on: date) -> list[Slot]:
    """Return the shows of a cinema on a day, by auditorium and time."""
    day = _Day(cinema, on)
    return [
        slot
        for auditorium in range(len(cinema.auditoriums))
        for slot in _plan_auditorium(day, auditorium)
    ]


def weekly_movies(cinema: DemoCinema, on: date) -> list[DemoMovie]:
    """Return the movies of a cinema in the week of a day.

    Cinemas rotate through each group. Each week begins where the week before stopped. Movies on 70 mm
    are in every week: only auditoriums with that format show them.
    """
    turn = on.toordinal() // 7 * len(DEMO_CINEMAS) + cinema.number
    chosen = [movie for movie in DEMO_MOVIES if SEVENTY_MM in movie.formats]
    for group, count in WEEKLY.items():
        movies = [movie for movie in DEMO_MOVIES if movie.group == group and movie not in chosen]
        chosen += [movies[(turn * count + place) % len(movies)] for place in range(count)]
    return chosen


class _Day:
    """A day of a cinema while it is planned: its movies, and how often each was planned."""

    def __init__(self, cinema: DemoCinema, on: date) -> None:
        self.cinema, self.on = cinema, on
        self.movies = weekly_movies(cinema, on)
        self.plays: Counter[str] = Counter()
        self.rng = Random(f"{cinema.name} {cinema.city} {on}")  # noqa: S311 (no secret)
        opens = OPENS_AT_WEEKENDS if on.weekday() >= SATURDAY else OPENS
        self.opens_at = _at(cinema, on, opens)
        self.evening_at = _at(cinema, on, MATINEE_UNTIL)
        self.last_start_at = _at(cinema, on, LAST_START)
        self.closes_at = _at(cinema, on, time()) + CLOSES_AFTER

    def choose(self, auditorium: DemoAuditorium, starts_at: datetime) -> DemoMovie | None:
        """Return the best of the movies that suit the auditorium and the hour, or None."""
        groups = auditorium.afternoon if starts_at < self.evening_at else auditorium.evening
        suitable = [
            movie
            for movie in self.movies
            if movie.group in groups
            and starts_at + _length(movie) <= self.closes_at
            and (SEVENTY_MM not in movie.formats or SEVENTY_MM in auditorium.formats)
        ]
        return min(suitable, key=self._rank, default=None)

    def _rank(self, movie: DemoMovie) -> tuple[bool, int, float]:
        """Rank movies: on Sundays movies on 70 mm first; then the least played; then at random."""
        is_treat = self.on.weekday() == SUNDAY and SEVENTY_MM in movie.formats
        return not is_treat, self.plays[movie.title], self.rng.random()


def _plan_auditorium(day: _Day, number: int) -> Iterator[Slot]:
    """Yield the shows of an auditorium. Each begins after the turnaround of the one before."""
    starts_at = day.opens_at + FIVE_MINUTES * day.rng.randrange(10)
    auditorium = day.cinema.auditoriums[number]
    while starts_at <= day.last_start_at and (movie := day.choose(auditorium, starts_at)):
        day.plays[movie.title] += 1
        slot = _slot(day, number, movie, starts_at)
        yield slot
        starts_at = _round_up_to_five_minutes(slot.occupied_until)


def _slot(day: _Day, number: int, movie: DemoMovie, starts_at: datetime) -> Slot:
    auditorium = day.cinema.auditoriums[number]
    ends_at = starts_at + _length(movie)
    language, subtitles = _languages(movie, day.cinema, day.rng)
    return Slot(
        auditorium=number,
        movie=movie,
        starts_at=starts_at,
        ends_at=ends_at,
        occupied_until=ends_at + timedelta(minutes=auditorium.turnaround_minutes),
        card=MATINEE if starts_at < day.evening_at else EVENING,
        format=_format(movie, auditorium, day.rng),
        language=language,
        subtitles=subtitles,
    )


def _at(cinema: DemoCinema, on: date, clock: time) -> datetime:
    return datetime.combine(on, clock, tzinfo=cinema.zone).astimezone(UTC)


def _length(movie: DemoMovie) -> timedelta:
    return timedelta(minutes=movie.minutes + settings.ADVERTS_MINUTES)


def _round_up_to_five_minutes(at: datetime) -> datetime:
    return at + (datetime.min.replace(tzinfo=UTC) - at) % FIVE_MINUTES


def _format(movie: DemoMovie, auditorium: DemoAuditorium, rng: Random) -> str:
    """Return the best format that movie and auditorium share; 3D only every other time."""
    common = [format_ for format_ in movie.formats if format_ in auditorium.formats]
    if not common or (common[-1] == THREE_D and rng.random() < 0.5):
        return TWO_D
    return common[-1]


def _languages(movie: DemoMovie, cinema: DemoCinema, rng: Random) -> tuple[str, str]:
    """Return the spoken language and the subtitles: none in the cinema's own language."""
    dubbed = movie.group == MovieGroup.FAMILY or (
        cinema.dubs and movie.group == MovieGroup.CURRENT and rng.random() < 0.5
    )
    if dubbed or movie.language == cinema.language:
        return cinema.language, ""
    return movie.language, cinema.language


def skip_planned_auditoriums(
    slots: Iterable[Slot], cinema: DemoCinema, stored: StoredCinema, on: date
) -> list[Slot]:
    """Leave out the slots of auditoriums that already have a show on that day, called off or not.

    So no show is planned twice, and none overlaps with what staff planned.
    """
    busy = set(
        Show.objects.filter(
            auditorium__in=stored.auditoriums,
            starts_at__lt=_at(cinema, on + timedelta(days=1), DAY_BEGINS),
            occupied_until__gt=_at(cinema, on, DAY_BEGINS),
        ).values_list("auditorium_id", flat=True)
    )
    return [slot for slot in slots if stored.auditoriums[slot.auditorium].pk not in busy]


def bulk_create(
    slots: Iterable[Slot],
    stored: StoredCinema,
    movies: Mapping[str, Movie],
    sales_from: Mapping[Slot, datetime],
) -> list[Show]:
    """Store the shows of these slots, some on sale from a time on; return them in the same order."""
    return Show.objects.bulk_create(
        _show(slot, stored, movies, sales_from.get(slot)) for slot in slots
    )


def _show(
    slot: Slot, stored: StoredCinema, movies: Mapping[str, Movie], sales_from: datetime | None
) -> Show:
    show = Show(
        movie=movies[slot.movie.title],
        auditorium=stored.auditoriums[slot.auditorium],
        seat_plan=stored.plans[slot.auditorium],
        price_card=stored.cards[slot.card],
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        occupied_until=slot.occupied_until,
        sales_until=slot.starts_at,
        sales_from=sales_from,
        format=slot.format,
        language=slot.language,
        subtitles=slot.subtitles,
    )
    show.set_clock(stored.cinema.timezone)
    show.set_sales_clock("sales_from")
    return show
