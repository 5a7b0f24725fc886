"""Load a chain of a hundred cinemas for benchmarks, with as many shows and bookings as requested."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count, islice
from random import Random
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone
from tqdm import tqdm

from marquee.catalog.models import Cinema, Movie, Show
from marquee.catalog.queries import get_plan
from marquee.demo import bookings as demo_bookings
from marquee.demo import shows as demo_shows
from marquee.demo import users as demo_users
from marquee.demo.bookings import PlannedBooking
from marquee.demo.cinemas import DEMO_CINEMAS, DemoCinema, get_or_add_cinema
from marquee.demo.load import LoadResult, get_or_add_movies, midnight
from marquee.demo.shows import Slot
from marquee.mail import planning

CINEMA_COUNT = 100
NAMES = ("Marquee Central", "Marquee Park", "Marquee Riverside")
CUSTOMERS = 20_000
CUSTOMERS_FOR = timedelta(days=365)


class City(NamedTuple):
    """A city with up to three cinemas of the chain, and an adult's price there in the evening."""

    name: str
    timezone: str
    currency: str
    language: str
    price: str
    step: str


CITIES = (
    City("Amsterdam", "Europe/Amsterdam", "EUR", "nl", "13", "0.5"),
    City("Athens", "Europe/Athens", "EUR", "el", "9", "0.5"),
    City("Auckland", "Pacific/Auckland", "NZD", "en", "21", "0.5"),
    City("Bangkok", "Asia/Bangkok", "THB", "th", "260", "10"),
    City("Barcelona", "Europe/Madrid", "EUR", "es", "9.5", "0.5"),
    City("Berlin", "Europe/Berlin", "EUR", "de", "13", "0.5"),
    City("Bogotá", "America/Bogota", "COP", "es", "18000", "500"),
    City("Brussels", "Europe/Brussels", "EUR", "fr", "12", "0.5"),
    City("Buenos Aires", "America/Argentina/Buenos_Aires", "ARS", "es", "9000", "500"),
    City("Cape Town", "Africa/Johannesburg", "ZAR", "en", "130", "5"),
    City("Chicago", "America/Chicago", "USD", "en", "16", "0.5"),
    City("Copenhagen", "Europe/Copenhagen", "DKK", "da", "130", "5"),
    City("Dublin", "Europe/Dublin", "EUR", "en", "13", "0.5"),
    City("Helsinki", "Europe/Helsinki", "EUR", "fi", "15", "0.5"),
    City("Istanbul", "Europe/Istanbul", "TRY", "tr", "260", "10"),
    City("Kathmandu", "Asia/Kathmandu", "NPR", "ne", "500", "10"),
    City("Kuwait City", "Asia/Kuwait", "KWD", "ar", "4", "0.25"),
    City("Lisbon", "Europe/Lisbon", "EUR", "pt", "8", "0.5"),
    City("Los Angeles", "America/Los_Angeles", "USD", "en", "18", "0.5"),
    City("Melbourne", "Australia/Melbourne", "AUD", "en", "24", "0.5"),
    City("Mexico City", "America/Mexico_City", "MXN", "es", "95", "5"),
    City("Milan", "Europe/Rome", "EUR", "it", "10", "0.5"),
    City("Montreal", "America/Toronto", "CAD", "fr", "15", "0.5"),
    City("Mumbai", "Asia/Kolkata", "INR", "hi", "400", "10"),
    City("Nairobi", "Africa/Nairobi", "KES", "en", "900", "50"),
    City("Oslo", "Europe/Oslo", "NOK", "no", "160", "5"),
    City("Paris", "Europe/Paris", "EUR", "fr", "14", "0.5"),
    City("Prague", "Europe/Prague", "CZK", "cs", "240", "5"),
    City("Reykjavík", "Atlantic/Reykjavik", "ISK", "is", "2300", "50"),
    City("São Paulo", "America/Sao_Paulo", "BRL", "pt", "42", "1"),
    City("Seoul", "Asia/Seoul", "KRW", "ko", "15000", "500"),
    City("Singapore", "Asia/Singapore", "SGD", "en", "15", "0.5"),
    City("St. John's", "America/St_Johns", "CAD", "en", "14", "0.5"),
    City("Warsaw", "Europe/Warsaw", "PLN", "pl", "34", "1"),
)


def large_chain() -> Iterator[DemoCinema]:
    """Yield the cinemas of the chain. Each has all auditoriums of the demo but the smallest."""
    auditoriums = [auditorium for cinema in DEMO_CINEMAS for auditorium in cinema.auditoriums][:-1]
    screens = tuple(
        replace(auditorium, name=f"Screen {number}")
        for number, auditorium in enumerate(auditoriums, 1)
    )
    places = ((name, city) for name in NAMES for city in CITIES)
    for number, (name, city) in enumerate(islice(places, CINEMA_COUNT)):
        yield DemoCinema(
            number, name, city.name, city.timezone, city.currency,
            Decimal(city.price), Decimal(city.step), city.language, screens,
        )  # fmt: skip


def load(*, today: date | None = None, shows: int, bookings: int) -> LoadResult:
    """Add the chain with this many shows and bookings, one transaction a cinema, then ANALYZE.

    Existing cinemas are skipped: for a larger chain, begin with an empty database. When the shows have
    too few seats, there are fewer bookings. Nobody gets mail about them.
    """
    today = today or timezone.now().date()
    _disable_statement_timeout()
    planning.plan_everything()
    movies = get_or_add_movies()
    customers = demo_users.customers(CUSTOMERS, since=midnight(today) - CUSTOMERS_FOR)
    added = LoadResult()
    with tqdm(total=bookings, desc="Loading the chain", unit=" bookings", disable=None) as bar:
        for cinema in large_chain():
            if Cinema.objects.filter(name=cinema.name, city=cinema.city).exists():
                continue
            wanted = _share_of(shows, cinema), _share_of(bookings, cinema)
            sold = _add(cinema, today, *wanted, movies, customers)
            added.shows += wanted[0]
            added.bookings += sold
            bar.update(sold)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return added


def _disable_statement_timeout() -> None:
    """Disable the statement timeout, which is meant for requests."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")


def _share_of(total: int, cinema: DemoCinema) -> int:
    """Return a cinema's share of a total. All shares add up to the total."""
    return total * (cinema.number + 1) // CINEMA_COUNT - total * cinema.number // CINEMA_COUNT


@transaction.atomic
def _add(
    cinema: DemoCinema,
    today: date,
    shows: int,
    bookings: int,
    movies: Mapping[str, Movie],
    customers: Sequence[int],
) -> int:
    """Add a cinema with its shows, and return how many bookings they have."""
    stored = get_or_add_cinema(cinema)
    slots = list(islice(_slots(cinema, today), shows))
    scheduled = demo_shows.bulk_create(slots, stored, movies, {})
    sold = demo_bookings.bulk_create(
        _plan_bookings(cinema, slots, scheduled, bookings, customers, midnight(today))
    )
    planning.begin_after_now()
    return sold


def _slots(cinema: DemoCinema, today: date) -> Iterator[Slot]:
    """Yield a cinema's shows by the time they start, without end."""
    for ahead in count(1):
        yield from sorted(
            demo_shows.plan_day(cinema, today + timedelta(days=ahead)),
            key=lambda slot: slot.starts_at,
        )


def _plan_bookings(
    cinema: DemoCinema,
    slots: Sequence[Slot],
    shows: Sequence[Show],
    bookings: int,
    customers: Sequence[int],
    before: datetime,
) -> Iterator[PlannedBooking]:
    """Yield this many bookings, spread over the shows at random, weighted by their seats."""
    rng = Random(cinema.number)  # noqa: S311 (a demo)
    weights = [show.seat_plan.seats_total * rng.uniform(0.7, 1.3) for show in shows]
    left, weight_left = bookings, sum(weights)
    for slot, show, weight in zip(slots, shows, weights, strict=True):
        chosen = demo_bookings.split_into_parties(get_plan(show.seat_plan_id), rng)[
            : round(left * weight / weight_left)
        ]
        left -= len(chosen)
        weight_left -= weight
        owners = demo_bookings.cycle_customers(customers, rng)
        yield from demo_bookings.plan_bookings(show, slot.movie, chosen, owners, before, rng)
