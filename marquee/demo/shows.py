"""What a house shows on a day: pure but for the store at the end, and the same every time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from django.conf import settings

from marquee.catalog.models import Movie, Show
from marquee.demo.cinemas import EVENING, HOUSES, MATINEE, DemoAuditorium, DemoCinema, Opened
from marquee.demo.movies import FILMS, SEVENTY_MM, THREE_D, DemoMovie, MovieGroup

OPENS, OPENS_AT_WEEKENDS = time(13), time(10, 30)
MATINEE_UNTIL = time(17)
LAST_START = time(22, 30)
# Nothing runs later than this, counted from the midnight that begins the day.
CLOSES_AFTER = timedelta(hours=25, minutes=45)
# A show in the small hours belongs to the evening before.
DAY_BEGINS = time(6)
# How many films of each shelf a house has in a week, besides those on 70 mm.
WEEKLY = {MovieGroup.FAMILY: 4, MovieGroup.CURRENT: 5, MovieGroup.WORLD: 6, MovieGroup.CLASSIC: 3}
FIVE_MINUTES = timedelta(minutes=5)
SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class Slot:
    """A show as planned. `room` counts the house's rooms."""

    room: int
    film: DemoMovie
    starts_at: datetime
    ends_at: datetime
    occupied_until: datetime
    card: str
    format: Show.Format
    language: str
    subtitles: str


def programme(house: DemoCinema, on: date) -> list[Slot]:
    """Return the shows of a house on a day, by room and time."""
    day = _Day(house, on)
    return [slot for room in range(len(house.rooms)) for slot in _room(day, room)]


def repertoire(house: DemoCinema, on: date) -> list[DemoMovie]:
    """Return what a house has in the week of a day.

    Houses take turns along each shelf, and go on in the next week where the last one stopped. A
    print on 70 mm stays where it can be shown.
    """
    turn = on.toordinal() // 7 * len(HOUSES) + house.number
    chosen = [film for film in FILMS if SEVENTY_MM in film.formats]
    for shelf, count in WEEKLY.items():
        films = [film for film in FILMS if film.shelf == shelf and film not in chosen]
        chosen += [films[(turn * count + place) % len(films)] for place in range(count)]
    return chosen


class _Day:
    """A day of a house while it is planned: what there is to show, and what was how often."""

    def __init__(self, house: DemoCinema, on: date) -> None:
        self.house, self.on = house, on
        self.films = repertoire(house, on)
        self.plays: Counter[str] = Counter()
        self.rng = Random(f"{house.name} {house.city} {on}")  # noqa: S311 (no secret)
        opens = OPENS_AT_WEEKENDS if on.weekday() >= SATURDAY else OPENS
        self.opens_at = _at(house, on, opens)
        self.evening_at = _at(house, on, MATINEE_UNTIL)
        self.last_start_at = _at(house, on, LAST_START)
        self.closes_at = _at(house, on, time()) + CLOSES_AFTER

    def choose(self, room: DemoAuditorium, starts_at: datetime) -> DemoMovie | None:
        """Return the film to show of those that suit room and hour, if any does."""
        shelves = room.afternoon if starts_at < self.evening_at else room.evening
        suitable = [
            film
            for film in self.films
            if film.shelf in shelves
            and starts_at + _length(film) <= self.closes_at
            and (SEVENTY_MM not in film.formats or SEVENTY_MM in room.formats)
        ]
        return min(suitable, key=self._rank, default=None)

    def _rank(self, film: DemoMovie) -> tuple[bool, int, float]:
        """Rank films: on Sundays what there is on 70 mm; then what was played least; then any."""
        is_treat = self.on.weekday() == SUNDAY and SEVENTY_MM in film.formats
        return not is_treat, self.plays[film.title], self.rng.random()


def _room(day: _Day, number: int) -> Iterator[Slot]:
    """Yield a room's shows one after the other: each begins when the room is clean again."""
    starts_at = day.opens_at + FIVE_MINUTES * day.rng.randrange(10)
    room = day.house.rooms[number]
    while starts_at <= day.last_start_at and (film := day.choose(room, starts_at)):
        day.plays[film.title] += 1
        slot = _slot(day, number, film, starts_at)
        yield slot
        starts_at = _on_five_minutes(slot.occupied_until)


def _slot(day: _Day, number: int, film: DemoMovie, starts_at: datetime) -> Slot:
    room = day.house.rooms[number]
    ends_at = starts_at + _length(film)
    language, subtitles = _languages(film, day.house, day.rng)
    return Slot(
        room=number,
        film=film,
        starts_at=starts_at,
        ends_at=ends_at,
        occupied_until=ends_at + timedelta(minutes=room.turnaround_minutes),
        card=MATINEE if starts_at < day.evening_at else EVENING,
        format=_format(film, room, day.rng),
        language=language,
        subtitles=subtitles,
    )


def _at(house: DemoCinema, on: date, clock: time) -> datetime:
    return datetime.combine(on, clock, tzinfo=house.zone).astimezone(UTC)


def _length(film: DemoMovie) -> timedelta:
    return timedelta(minutes=film.minutes + settings.ADVERTS_MINUTES)


def _on_five_minutes(moment: datetime) -> datetime:
    return moment + (datetime.min.replace(tzinfo=UTC) - moment) % FIVE_MINUTES


def _format(film: DemoMovie, room: DemoAuditorium, rng: Random) -> Show.Format:
    """Return the grandest that film and room have in common; 3D only every other time."""
    common = [format_ for format_ in film.formats if format_ in room.formats]
    if not common or (common[-1] == THREE_D and rng.random() < 0.5):
        return Show.Format.TWO_D
    return common[-1]


def _languages(film: DemoMovie, house: DemoCinema, rng: Random) -> tuple[str, str]:
    """Return what is spoken and what is written below: nothing where the house understands."""
    dubbed = film.shelf == MovieGroup.FAMILY or (
        house.dubs and film.shelf == MovieGroup.CURRENT and rng.random() < 0.5
    )
    if dubbed or film.language == house.language:
        return house.language, ""
    return film.language, house.language


def not_planned_yet(
    slots: Iterable[Slot], house: DemoCinema, cinema: Opened, on: date
) -> list[Slot]:
    """Leave out the rooms where anything is on that day already, called off or not.

    So nothing is planned twice, and nothing collides with what the staff planned.
    """
    busy = set(
        Show.objects.filter(
            auditorium__in=cinema.auditoriums,
            starts_at__lt=_at(house, on + timedelta(days=1), DAY_BEGINS),
            occupied_until__gt=_at(house, on, DAY_BEGINS),
        ).values_list("auditorium_id", flat=True)
    )
    return [slot for slot in slots if cinema.auditoriums[slot.room].pk not in busy]


def store(slots: Iterable[Slot], cinema: Opened, movies: Mapping[str, Movie]) -> list[Show]:
    """Store the shows of these slots, in their order, and return them."""
    return Show.objects.bulk_create(
        Show(
            movie=movies[slot.film.title],
            auditorium=cinema.auditoriums[slot.room],
            seat_plan=cinema.plans[slot.room],
            price_card=cinema.cards[slot.card],
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            occupied_until=slot.occupied_until,
            sales_until=slot.starts_at,
            format=slot.format,
            language=slot.language,
            subtitles=slot.subtitles,
        )
        for slot in slots
    )
