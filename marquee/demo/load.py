"""Load the demo: three cinemas, two weeks of shows, some of their seats sold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from random import Random

from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from marquee.accounts.models import User
from marquee.booking.operations import call_off
from marquee.catalog import operations
from marquee.catalog.models import Cinema, Movie, Show
from marquee.catalog.queries import get_plan
from marquee.catalog.records import Translation
from marquee.demo import bookings as demo_bookings
from marquee.demo import shows as demo_shows
from marquee.demo import users as demo_users
from marquee.demo.bookings import PlannedBooking
from marquee.demo.cinemas import DEMO_CINEMAS, EVENING, DemoCinema, StoredCinema, get_or_add_cinema
from marquee.demo.german import GERMAN
from marquee.demo.highlights import REASON, Highlight, find_highlights
from marquee.demo.movies import DEMO_MOVIES, DemoMovie
from marquee.demo.shows import Slot
from marquee.mail import planning

CUSTOMERS = 400
# How long before today the customers signed up.
CUSTOMERS_FOR = timedelta(days=90)
FRIDAY = 4
# A show that is called off has sold about this share. Nearly sold out leaves these parties' seats.
SOLD_BEFORE_CALL_OFF, PARTIES_LEFT = 0.25, 2
# On these days ahead, the customer with a password sees the first cinema's big movie.
REGULAR_DAYS = {2, 9}


@dataclass(slots=True)
class LoadResult:
    """How many rows a load has added."""

    shows: int = 0
    bookings: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a cinema, `ahead` days after today."""

    cinema: DemoCinema
    stored: StoredCinema
    today: date
    ahead: int
    now: datetime

    @property
    def on(self) -> date:
        """The date in the cinema's time zone."""
        return self.today + timedelta(days=self.ahead)


def is_loaded() -> bool:
    """Return whether the demo still has a week of shows ahead, by one query."""
    names = [cinema.name for cinema in DEMO_CINEMAS]
    ahead = timezone.now() + timedelta(days=7)
    return Show.objects.filter(auditorium__cinema__name__in=names, starts_at__gt=ahead).exists()


def is_in_use(*, cinemas: Iterable[tuple[str, str]]) -> bool:
    """Return whether the database has accounts or a catalog, but none of these cinemas, (name, city).

    Cinemas identify a demo, because only staff can add them. The demo's e-mail addresses do not: any
    customer can sign up with them.
    """
    if not any(model.objects.exists() for model in (User, Cinema, Movie)):
        return False
    return not set(Cinema.objects.values_list("name", "city")) & set(cinemas)


@transaction.atomic
def load(*, today: date | None = None, days: int) -> LoadResult:
    """Add what is missing: accounts, movies, cinemas, and shows for this many days from today.

    Today is the given day, or today in each cinema's time zone. One transaction: a load that fails adds
    nothing. A second load adds only what is missing. Nobody gets mail about the demo's bookings.
    """
    planning.plan_everything()
    demo_users.create_login_accounts()
    movies = get_or_add_movies()
    customers = [
        User.objects.values_list("id", flat=True).get(email=demo_users.CUSTOMER),
        *demo_users.customers(CUSTOMERS, since=midnight(today) - CUSTOMERS_FOR),
    ]
    added = LoadResult()
    for day in tqdm(_days(today, days), desc="Loading the demo", unit=" days", disable=None):
        slots = demo_shows.plan_day(day.cinema, day.on)
        slots = demo_shows.skip_planned_auditoriums(slots, day.cinema, day.stored, day.on)
        special = find_highlights(day.cinema, slots, today=day.today, ahead=day.ahead, now=day.now)
        shows = demo_shows.bulk_create(slots, day.stored, movies, special.sales_from)
        added.shows += len(shows)
        planned = _plan_bookings(day, slots, shows, customers, special.by_slot)
        added.bookings += demo_bookings.bulk_create(planned)
        _call_off(slots, shows, special.by_slot)
    if added.bookings:
        planning.begin_after_now()
    return added


def get_or_add_movies() -> Mapping[str, Movie]:
    """Return the stored movies by title. Missing movies are added."""
    movies = Movie.objects.filter(title__in=[movie.title for movie in DEMO_MOVIES])
    known = {movie.title: movie for movie in movies.order_by("-id")}
    return {movie.title: known.get(movie.title) or _add(movie) for movie in DEMO_MOVIES}


def _add(movie: DemoMovie) -> Movie:
    return operations.add_movie(
        title=movie.title,
        original_title=movie.original_title,
        original_language=movie.language,
        release_date=movie.released,
        runtime_minutes=movie.minutes,
        certificate=movie.certificate,
        genres=movie.genres,
        synopsis=movie.synopsis,
        translations=[Translation("de", *GERMAN[movie.title])],
    )


def midnight(today: date | None) -> datetime:
    """Return when a day, or today, begins in UTC."""
    return datetime.combine(today or timezone.now().date(), time(), tzinfo=UTC)


def _days(today: date | None, count: int) -> list[Day]:
    """Return the days to load. On a given day, it is midnight; else it is as late as it is."""
    return [
        Day(cinema, stored, first, ahead, _midnight(first, cinema) if today else timezone.now())
        for cinema in DEMO_CINEMAS
        for first in [today or timezone.now().astimezone(cinema.zone).date()]
        for stored in [get_or_add_cinema(cinema)]
        for ahead in range(count)
    ]


def _midnight(on: date, cinema: DemoCinema) -> datetime:
    return datetime.combine(on, time(), tzinfo=cinema.zone).astimezone(UTC)


def _plan_bookings(
    day: Day,
    slots: Sequence[Slot],
    shows: Sequence[Show],
    customers: Sequence[int],
    special: Mapping[Slot, Highlight],
) -> Iterator[PlannedBooking]:
    """Yield the bookings of a day's shows, made before the cinema's today began."""
    before = _midnight(day.today, day.cinema)
    for slot, show in zip(slots, shows, strict=True):
        rng = Random(f"{day.cinema.name} {slot.auditorium} {slot.starts_at}")  # noqa: S311 (a demo)
        parties = demo_bookings.split_into_parties(get_plan(show.seat_plan_id), rng)
        count = _count_sold(len(parties), _occupancy(day, slot, rng), special.get(slot))
        owners = demo_bookings.cycle_customers(customers[1:], rng)
        if _is_regulars(day, slot, slots, special.get(slot)):
            owners = chain(customers[:1], owners)
        yield from demo_bookings.plan_bookings(
            show, slot.movie, parties[:count], owners, before, rng
        )


def _call_off(
    slots: Sequence[Slot], shows: Sequence[Show], special: Mapping[Slot, Highlight]
) -> None:
    for slot, show in zip(slots, shows, strict=True):
        if special.get(slot) == Highlight.CALLED_OFF:
            call_off(show=show, reason=REASON)


def _count_sold(parties: int, share: float, special: Highlight | None) -> int:
    """Return how many of a show's parties have booked."""
    if special == Highlight.NEARLY_SOLD_OUT:
        return max(0, parties - PARTIES_LEFT)
    shares = {
        Highlight.SOLD_OUT: 1.0,
        Highlight.CALLED_OFF: SOLD_BEFORE_CALL_OFF,
        Highlight.NOT_ON_SALE: 0.0,
    }
    return round(shares.get(special, share) * parties) if special else round(share * parties)


def _occupancy(day: Day, slot: Slot, rng: Random) -> float:
    """Return the sold share of an ordinary show: more in the evening, at weekends, and soon."""
    share = 0.8 if slot.card == EVENING else 0.4
    if day.on.weekday() >= FRIDAY:
        share *= 1.3
    return min(0.97, share * 0.92**day.ahead * rng.uniform(0.5, 1.3))


def _is_regulars(day: Day, slot: Slot, slots: Sequence[Slot], special: Highlight | None) -> bool:
    """Return whether the customer with a password has booked: big movies, and what was called off."""
    if day.cinema.number:
        return False
    is_big = day.ahead in REGULAR_DAYS and slot is _first_evening(slots, auditorium=0)
    return is_big or special == Highlight.CALLED_OFF


def _first_evening(slots: Sequence[Slot], *, auditorium: int) -> Slot | None:
    return next(
        (slot for slot in slots if slot.auditorium == auditorium and slot.card == EVENING), None
    )
