"""What is read again and again. Plans and prices of a version never change: they stay in memory."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from marquee.catalog import local_time
from marquee.catalog.models import Auditorium, Cinema, Movie, Price, PriceCard, Seat, SeatPlan, Show
from marquee.core import clock
from marquee.core import sql as sql_of
from marquee.core.cache import cache_forever
from marquee.core.sql import fetch, json_rows


@dataclass(frozen=True, slots=True)
class PlanSeat:
    """One seat of a plan, as memory keeps it: see `Seat`."""

    id: int
    label: str
    row: str
    y: int
    x: int
    category: str
    kind: str


@dataclass(frozen=True)
class PlanData:
    """A seat plan as memory keeps it: its places from the screen back, each row from the left."""

    id: int
    places: tuple[PlanSeat, ...]

    @cached_property
    def by_label(self) -> Mapping[str, PlanSeat]:
        """The places by what is printed on them."""
        return {place.label: place for place in self.places}

    @cached_property
    def by_id(self) -> Mapping[int, PlanSeat]:
        """The places by their key."""
        return {place.id: place for place in self.places}

    @cached_property
    def categories(self) -> frozenset[str]:
        """The categories that there are seats of."""
        return frozenset(place.category for place in self.places)

    @cached_property
    def rows(self) -> tuple[tuple[PlanSeat, ...], ...]:
        """The rows from the screen back, each with its places from the left."""
        rows: dict[int, list[PlanSeat]] = {}
        for place in self.places:
            rows.setdefault(place.y, []).append(place)
        return tuple(tuple(row) for row in rows.values())


@cache_forever
def plan(plan_id: int) -> PlanData:
    """Return a seat plan, read once in a process's life. Raises SeatPlan.DoesNotExist."""
    fields = ("id", "label", "row", "y", "x", "category", "kind")
    seats = Seat.objects.filter(plan_id=plan_id).order_by("y", "x").values_list(*fields)
    places = tuple(PlanSeat(*seat) for seat in seats)
    if not places:
        raise SeatPlan.DoesNotExist
    return PlanData(id=plan_id, places=places)


class ShowRecord(NamedTuple):
    """What there is to tell of a show, and to decide by, as one moment has it.

    Equal facts are told alike, so what is made of them may be kept: see `api/shows.py`.
    """

    starts_at: datetime
    ends_at: datetime
    sales_until: datetime
    id: int
    seat_plan_id: int
    price_card_id: int
    format: str
    language: str
    subtitles: str
    state: str
    movie_id: int
    title: str
    runtime_minutes: int
    certificate: str
    auditorium_id: int
    auditorium: str
    cinema_id: int
    cinema: str
    city: str
    timezone: str
    cancel_until_minutes: int | None


# The same in SQL, in the same order; the joins begin at a row of `show`, whatever its alias.
SHOW_FACTS = """
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


def show_facts(columns: Sequence[Any]) -> ShowRecord:
    """Return the facts of a show, of the columns that SHOW_FACTS has read."""
    times: Any = map(clock.from_sql, columns[:3])
    return ShowRecord(*times, *columns[3:])


class Terms(NamedTuple):
    """What customers must observe to book a ticket: see `TicketType` and `Price`."""

    counter_only: bool = False
    needs_kind: str = ""
    needs_type: str | None = None


@dataclass(frozen=True, slots=True)
class PriceTable:
    """One version of a price card: minor units by (seat category, ticket type).

    `terms` has the same keys, but only those of restricted tickets.
    """

    version: int
    currency: str
    default_type: str
    amounts: Mapping[tuple[str, str], int]
    terms: Mapping[tuple[str, str], Terms] = field(default_factory=dict)
    wheelchair_limit: int = 1

    def types(self, category: str) -> list[str]:
        """Return the ticket types that customers can book for a seat category, in the card's order."""
        return [
            type_ for known, type_ in self.amounts if known == category and self.sells(known, type_)
        ]

    def sells(self, category: str, type_: str) -> bool:
        """Return whether customers can book this type in this seat category."""
        terms = self.terms.get((category, type_))
        return (category, type_) in self.amounts and not (terms and terms.counter_only)


@cache_forever
def prices(card_id: int, version: int) -> PriceTable:
    """Return a price card's prices of a version, or of a newer one if there is one already.

    Raises PriceCard.DoesNotExist. Read by one statement, so that version and prices belong together.
    """
    lines = list(
        Price.objects.filter(card_id=card_id)
        .order_by("category", "type__position", "type_id")
        .values_list(
            "category", "type_id", "amount", "counter_only",
            "type__counter_only", "type__needs_kind", "type__needs_type_id",
            "card__version", "card__cinema__currency", "card__default_type_id",
            "card__wheelchair_limit",
        )
    )  # fmt: skip
    if not lines:
        raise PriceCard.DoesNotExist
    newest, currency, default_type, wheelchair_limit = lines[0][7:]
    terms = {line[:2]: Terms(line[3] or line[4], *line[5:7]) for line in lines}
    return PriceTable(
        newest,
        currency,
        default_type,
        amounts={line[:2]: line[2] for line in lines},
        terms={key: restricted for key, restricted in terms.items() if restricted != Terms()},
        wheelchair_limit=wheelchair_limit,
    )


def revision() -> int | None:
    """Return which catalogue this is: it changes with every change. None while there is none.

    Read first, it holds for what is read afterwards, until it is another.
    """
    for (value,) in fetch("SELECT value FROM catalog_revision", {}):
        return int(value)
    return None


def newest_plan(auditorium: Auditorium) -> SeatPlan:
    """Return the plan that the auditorium's next show will have."""
    return newest_plans([auditorium.pk])[auditorium.pk]


def newest_plans(auditoriums: Iterable[int]) -> dict[int, SeatPlan]:
    """Return the newest plan of each auditorium, by the auditorium's key, in one query."""
    newer = SeatPlan.objects.filter(
        auditorium=OuterRef("auditorium"), version__gt=OuterRef("version")
    )
    plans = SeatPlan.objects.filter(~Exists(newer), auditorium__in=auditoriums)
    return {plan.auditorium_id: plan for plan in plans}


def categories(plans: Iterable[int]) -> set[str]:
    """Return the seat categories that these plans have seats of."""
    seats = Seat.objects.filter(plan__in=plans).order_by()
    return set(seats.values_list("category", flat=True).distinct())


class MovieListItem(NamedTuple):
    """A movie as answers tell of it; its genres as a JSON array of arrays with one name each."""

    id: int
    title: str
    original_title: str
    synopsis: str
    runtime_minutes: int
    certificate: str
    original_language: str
    release_date: date | None
    poster: str
    trailer: str
    genres: str | None


MOVIES = f"""
    SELECT {", ".join(MovieListItem._fields[:-1])}, {{genres}}
    FROM movie WHERE {{chosen}}
"""  # noqa: S608 (names of our own)
GENRES = """
    SELECT genre.name FROM movie_genres JOIN genre ON genre.id = movie_genres.genre_id
    WHERE movie_genres.movie_id = movie.id ORDER BY genre.name
"""


def listed_movies(keys: Sequence[int]) -> list[MovieListItem]:
    """Return the movies with these keys, in this order, by one query."""
    sql = MOVIES.format(genres=json_rows("name", GENRES), chosen=sql_of.among("movie.id", "movies"))
    rows = fetch(sql, {"movies": sql_of.keys(keys)})
    found = {row[0]: MovieListItem(*row) for row in rows}
    return [found[key] for key in keys if key in found]


def not_ended(shows: QuerySet[Show]) -> QuerySet[Show]:
    """Return those of the shows that are to come or running."""
    return shows.filter(ends_at__gt=timezone.now())


def first_end(shows: QuerySet[Show]) -> datetime | None:
    """Return when the first of these shows ends; None if there is none."""
    end: datetime | None = shows.order_by().aggregate(end=Min("ends_at"))["end"]
    return end


def on_local_day(shows: QuerySet[Show], on: date) -> QuerySet[Show]:
    """Return those of the shows that start on this day by their own cinema's clock."""
    if not local_time.FIRST_YEAR <= on.year <= local_time.LAST_YEAR:
        return shows.none()
    zones = Cinema.objects.order_by().values_list("timezone", flat=True).distinct()
    days: dict[tuple[datetime, datetime], list[str]] = {}  # and the zones in which it is that
    for zone in zones:
        days.setdefault(local_time.day(on, zone=ZoneInfo(zone)), []).append(zone)
    if not days:
        return shows.none()
    its_own = Q()
    for (start, end), alike in days.items():
        its_own |= Q(
            auditorium__cinema__timezone__in=alike, starts_at__gte=start, starts_at__lt=end
        )
    # The days of all zones together are one range, for which there is an index.
    first, last = min(start for start, _ in days), max(end for _, end in days)
    return shows.filter(its_own, starts_at__gte=first, starts_at__lt=last)


def with_words(movies: QuerySet[Movie], words: str) -> QuerySet[Movie]:
    """Return the movies with each of these words somewhere in a title of theirs, in any case.

    SQLite's LIKE knows the case of ASCII only; its regular expressions are Python's.
    """
    for word in words.split():
        pattern = re.escape(word)
        movies = movies.filter(Q(title__iregex=pattern) | Q(original_title__iregex=pattern))
    return movies


def of_genre(movies: QuerySet[Movie], name: str) -> QuerySet[Movie]:
    """Return the movies of a genre, by its name in any case."""
    tagged = Movie.genres.through.objects.filter(genre__name__iregex=f"^{re.escape(name)}$")
    return movies.filter(pk__in=tagged.values("movie"))


def of_shows(shows: QuerySet[Show]) -> Exists:
    """Return the condition on a movie that it has one of these shows, called off ones apart."""
    return Exists(shows.filter(movie=OuterRef("pk"), state=Show.State.SCHEDULED))
