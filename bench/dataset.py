"""What the benchmarks book: auditoriums of 300 seats, one large auditorium, thousands of shows and customers.

    ground = lay(url, shows=5000)

As a program, `python -m bench.dataset`, it fills the empty database of the environment, and prints
what is there. It goes past HTTP: sign-ups by the thousand would only measure Argon2.
"""

import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from tests.server import ROOT, WITHOUT_LIMITS

CUSTOMERS = 5_000
PASSWORD = "popcorn and velvet"
AUDITORIUMS = 50
ROWS = [f"{letter}: {'s' * 20}" for letter in "ABCDEFGHIJKLMNO"]
HOT_ROWS = [f"{a}{b}: {'s' * 100}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJ"]
HOT_SHOWS = 24
STAMPEDE_SHOWS = 4  # shows of 300 seats that nobody has booked
SLOT = timedelta(hours=3)
ENVIRONMENT = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "JWT_SIGNING_KEY": secrets.token_hex(32),
    **WITHOUT_LIMITS,
    "ACCESS_TOKEN_MINUTES": "10080",
    # An auditorium is booked more often in one run than customers may: what is measured is the counting.
    "SEAT_LIMIT": "1000",
    "HOLD_MINUTES": "600",
    "CANCEL_UNTIL_MINUTES": "0",
}


@dataclass(frozen=True, slots=True)
class Dataset:
    """What there is to book, and who books."""

    tokens: dict[int, str]  # by the keys of the customers
    staff: str
    shows: list[int]
    hot: list[int]
    stampedes: list[int]
    day: str  # on which there are shows
    cinema: int

    @property
    def one_show_per_auditorium(self) -> list[int]:
        """One show in each auditorium."""
        return [*self.shows[:: len(self.shows) // AUDITORIUMS], self.hot[0], self.stampedes[0]]


def create(url: str, *, shows: int) -> Dataset:
    """Fill an empty database and return what is there. Raises RuntimeError."""
    output = python(url, "-m", "bench.dataset", str(shows))
    created = json.loads(output.splitlines()[-1])
    return Dataset(
        **created | {"tokens": {int(key): token for key, token in created["tokens"].items()}}
    )


def python(url: str, *words: str) -> str:
    """Run Python beside a database and return what it printed. Raises RuntimeError."""
    completed = subprocess.run(
        [sys.executable, *words],
        env=os.environ | ENVIRONMENT | {"DATABASE_URL": url},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if completed.returncode:
        raise RuntimeError(f"{' '.join(words)} failed:\n{completed.stdout}{completed.stderr}")
    return completed.stdout


@cache
def labels(rows: tuple[str, ...] = tuple(ROWS)) -> list[str]:
    """Return the labels of the seats of a plan without gaps."""
    named = [row.split(": ") for row in rows]
    return [f"{name}{n}" for name, seats in named for n in range(1, len(seats) + 1)]


# --- In a process of its own, with Django ---------------------------------------------------------


def fill_database(shows: int) -> dict[str, Any]:
    """Migrate the database of the environment and fill it; return what is there, as `Dataset`."""
    set_up()
    from django.core.management import call_command  # noqa: PLC0415 (Django is up only now)

    from marquee.accounts.models import User  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    if User.objects.exists():
        sys.exit("This database has accounts: the benchmarks fill an empty one.")
    users = _add_users()
    cinema, one_show_per_auditorium = _add_cinema(shows, len(users))
    day = (
        _show_model()
        .objects.filter(pk=one_show_per_auditorium["shows"][0])
        .values_list("starts_at", flat=True)
    )
    _execute("ANALYZE")
    return {
        "tokens": dict(users[:-1]),
        "staff": users[-1][1],
        "day": day[0].date().isoformat(),
        "cinema": cinema,
        **one_show_per_auditorium,
    }


def set_up() -> None:
    """Start Django, with the settings of the environment."""
    import django  # noqa: PLC0415 (settings are read from an environment that only we have)

    os.environ["DJANGO_SETTINGS_MODULE"] = "marquee.settings"
    django.setup()


def token(user: Any) -> str:
    """Return a token of a user, as a login would."""
    from rest_framework_simplejwt.tokens import AccessToken  # noqa: PLC0415

    access = AccessToken.for_user(user)
    access["epoch"] = user.token_epoch
    return str(access)


def _add_users() -> list[tuple[int, str]]:
    """Add customers and, last, one of the staff; return their keys and tokens."""
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415

    from marquee.accounts.models import AddressKey, User  # noqa: PLC0415

    password = make_password(PASSWORD)
    users = [
        User(email=f"customer{n}@example.com", name=f"Customer {n}", password=password)
        for n in range(CUSTOMERS)
    ]
    staff = {"is_staff": True, "is_superuser": True}
    users.append(User(email="staff@example.com", name="Staff", password=password, **staff))
    users = User.objects.bulk_create(users)
    AddressKey.add(*users)
    return [(user.pk, token(user)) for user in users]


def _add_cinema(shows: int, people: int) -> tuple[int, dict[str, list[int]]]:
    """Add a cinema with its auditoriums, and shows in them; return its key, and theirs by what they are."""
    from decimal import Decimal  # noqa: PLC0415

    from marquee.catalog import operations  # noqa: PLC0415

    cinema = operations.add_cinema(
        name="Bench", city="Vienna", timezone="Europe/Vienna", currency="EUR"
    )
    prices = [
        operations.PriceLine("standard", "adult", Decimal("12.50")),
        operations.PriceLine("standard", "child", Decimal("9.00")),
    ]
    card = operations.add_price_card(
        cinema=cinema, name="Usual", default_type="adult",
        prices=prices,
    )  # fmt: skip
    movies = [
        operations.add_movie(
            title=f"Movie {n}", runtime_minutes=90, genres=["Drama", f"Genre {n % 7}"]
        )
        for n in range(60)
    ]

    def auditorium_shows(name: str, rows: list[str], number: int) -> list[int]:
        auditorium = operations.add_auditorium(cinema=cinema, name=name, rows=rows)
        return _schedule(auditorium, movies, card, number)

    return cinema.pk, {
        "shows": [
            key
            for n in range(AUDITORIUMS)
            for key in auditorium_shows(f"Auditorium {n}", ROWS, shows // AUDITORIUMS)
        ],
        "hot": auditorium_shows("Arena", HOT_ROWS, HOT_SHOWS),
        "stampedes": auditorium_shows("Premiere", ROWS, STAMPEDE_SHOWS),
    }


def _show_model() -> Any:
    from marquee.catalog.models import Show  # noqa: PLC0415

    return Show


def _schedule(auditorium: Any, movies: list[Any], card: Any, number: int) -> list[int]:
    from django.utils import timezone  # noqa: PLC0415

    first = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    plan = auditorium.seat_plans.get()
    show = _show_model()
    shows = [
        show(
            movie=movies[n % len(movies)], auditorium=auditorium, seat_plan=plan,
            price_card=card, starts_at=first + n * SLOT, sales_until=first + n * SLOT,
            ends_at=first + n * SLOT + timedelta(minutes=110),
            occupied_until=first + n * SLOT + timedelta(minutes=125), language="en",
        )
        for n in range(number)
    ]  # fmt: skip
    for one in shows:
        one.set_clock(auditorium.cinema.timezone)
    return [one.pk for one in show.objects.bulk_create(shows)]


def _execute(sql: str) -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(sql)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(fill_database(int(sys.argv[1]))))
