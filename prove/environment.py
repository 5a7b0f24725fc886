"""Databases and servers to prove things on, and a cinema with shows to sell.

    with Engine("postgresql") as engine:        # one PostgreSQL, or a directory for SQLite
        url = engine.database()                 # a database of its own, in a tenth of a second
        with serving(url, engine.environment) as address:
            stage = build(address, engine.people, seed=1)

As a program, `python -m prove.environment`, it fills an empty database: it migrates, adds customers with
tokens, and prints those. That is the one thing done past HTTP: thousands of sign-ups would only
measure Argon2.
"""

import json
import os
import random
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import psycopg

from prove import audit_log, http_client, pages
from tests import postgres
from tests.server import ROOT, WITHOUT_LIMITS, Server, running

if TYPE_CHECKING:
    from marquee.accounts.models import User

HOLD_SECONDS = 1.2
SEAT_LIMIT = 6
CUSTOMERS = 40
# Two sell everywhere while they have a role; the third has one at a cinema that no round sells for.
SELLERS = 3
ENVIRONMENT = {
    "HOLD_MINUTES": str(HOLD_SECONDS / 60),
    "SEAT_LIMIT": str(SEAT_LIMIT),
    **WITHOUT_LIMITS,
    "ACCESS_TOKEN_MINUTES": "10080",
    "WORKER_SECONDS": "1",
}
WORKER = (sys.executable, "manage.py", "run_worker")


@dataclass(frozen=True, slots=True)
class People:
    """Who has an account: customers, an administrator and sellers, each a key with a token and a session."""

    customers: list[tuple[int, str, str]]
    staff: tuple[int, str, str]
    sellers: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def cookies(self) -> str:
        """The cookies of the administrator, for the pages of Django's admin."""
        return f"sessionid={self.staff[2]}"

    @classmethod
    def of(cls, rows: list[list[Any]]) -> "People":
        """Return them as `fill_database` prints them."""
        everybody: list[Any] = [tuple(row) for row in rows]
        sellers = everybody[CUSTOMERS : CUSTOMERS + SELLERS]
        return cls(everybody[:CUSTOMERS], everybody[-1], sellers)


class Engine:
    """A database engine, and a template with people in it, from which databases are copied.

    PostgreSQL runs without fsync unless `durable`; SQLite's files lie in memory then, too.
    """

    def __init__(self, name: str, *, durable: bool = False) -> None:
        self.name = name
        self.durable = durable
        self.environment = ENVIRONMENT | {"SECRET_KEY": secrets.token_urlsafe(50)}
        self.people = People([], (0, "", ""))
        self._exits = ExitStack()
        self._numbers = count(1)
        self._base = ""
        self._prefix = f"prove_{secrets.token_hex(4)}_"
        self._names: list[str] = []

    def __enter__(self) -> "Engine":
        shared = Path("/dev/shm")
        where = shared if shared.is_dir() and not self.durable else None
        directory = tempfile.TemporaryDirectory(prefix="marquee-prove-", dir=where)
        self.directory = Path(self._exits.enter_context(directory))
        try:
            self._fill()
        except BaseException:
            self._exits.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exits.close()

    def _fill(self) -> None:
        if self.name == "postgresql":
            server = postgres.running(durable=self.durable)
            self._base = self._exits.enter_context(server).rpartition("/")[0]
        template = self._url("template")
        if self.name == "postgresql":
            self._execute(f"CREATE DATABASE {self._name('template')}")
        completed = subprocess.run(
            [sys.executable, "-m", "prove.environment"],
            env=os.environ | self.environment | {"DATABASE_URL": template},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if completed.returncode:
            raise RuntimeError(
                f"The database could not be filled:\n{completed.stdout}{completed.stderr}"
            )
        self.people = People.of(json.loads(completed.stdout.splitlines()[-1]))
        audit_log.install_triggers(template)
        if self.name == "sqlite":
            checkpoint(self._file("template"))

    def database(self) -> str:
        """Return the DATABASE_URL of a new copy of the template."""
        name = str(next(self._numbers))
        if self.name == "postgresql":
            self._execute(f"CREATE DATABASE {self._name(name)} TEMPLATE {self._name('template')}")
        else:
            shutil.copy(self._file("template"), self._file(name))
        return self._url(name)

    def _url(self, name: str) -> str:
        if self.name == "postgresql":
            return f"{self._base}/{self._name(name)}"
        return f"sqlite:///{self._file(name)}"

    def _name(self, name: str) -> str:
        """Return the name of a database of ours, on a server that may have others."""
        if name not in self._names:
            self._names.append(name)
            self._exits.callback(
                self._execute, f"DROP DATABASE IF EXISTS {self._prefix}{name} WITH (FORCE)"
            )
        return f"{self._prefix}{name}"

    def _file(self, name: str) -> Path:
        return self.directory / f"{name}.sqlite3"

    def _execute(self, sql: str) -> None:
        with psycopg.connect(f"{self._base}/postgres", autocommit=True) as server:
            server.execute(sql)


def checkpoint(file: Path) -> None:
    """Bring what stands in SQLite's log into the file, so that the file alone is all."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def serving(
    url: str, environment: Mapping[str, str], *, code: Path = ROOT, log: Path | None = None
) -> Iterator[str]:
    """Serve a database with the code in a directory, the worker beside it; yield the address."""
    variables = dict(environment) | {"DATABASE_URL": url, "PYTHONPATH": str(code)}
    worker = Server(variables, command=WORKER, directory=code, log=log)
    with running(variables, directory=code, log=log) as server:
        worker.launch()
        try:
            yield server.address
        finally:
            worker.stop()
            worker.close()


# --- What there is to sell ------------------------------------------------------------------------

# Small auditoriums where everybody wants to be, and larger ones. The amounts are all different, so that
# a wrong category or type is a wrong total.
HOT, SPREAD = ["A: ssssss_pp", "B: rrrr"], ["A: ssssssssss", "B: ssssss_pppp", "C: rrrrrrrr"]
PRICES = {
    ("standard", "adult"): 1250,
    ("standard", "child"): 901,
    ("premium", "adult"): 1503,
    ("premium", "child"): 1107,
    ("recliner", "adult"): 1990,
    ("recliner", "child"): 1411,
}
HOT_SHOWS, SPREAD_SHOWS = 10, 10


@dataclass(slots=True)
class RoundData:
    """The shows of one round of the workload, and who is there."""

    people: People
    movie: int
    card: int
    hot_shows: list[int] = field(default_factory=list)
    spread_shows: list[int] = field(default_factory=list)
    closed_show: int = 0  # sales are over
    soon_show: int = 0  # begins so soon that nobody may cancel
    labels: dict[int, list[str]] = field(default_factory=dict)  # show: its seats
    opened_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    contested_auditorium: int = 0  # an auditorium that staff schedule shows in at once
    moving_show: int = 0  # a show that staff move, and nobody books
    spare_card: int = 0  # a price card of no show, that sellers rename
    sellers: list[tuple[int, bool]] = field(default_factory=list)  # and whether they may sell here
    first: int = 0  # the lowest key of a show of this round


def create_round_data(address: str, people: People, seed: int) -> RoundData:
    """Add auditoriums and shows for one round, as staff would; return them."""
    rng = random.Random(seed)
    _, token, _ = people.staff

    def post(path: str, **body: object) -> int:
        return int(http_client.call(address, token, "POST", path, body)["id"])

    unique_suffix = f"{seed}-{rng.getrandbits(32):08x}-{time.monotonic_ns()}"
    cinema = post(
        "cinemas/",
        name=f"Cinema {unique_suffix}",
        city="Vienna",
        timezone="Europe/Vienna",
        currency="EUR",
    )
    prices = [
        {"category": category, "type": type_, "amount": f"{cents / 100:.2f}"}
        for (category, type_), cents in PRICES.items()
    ]
    cards = [
        post("price-cards/", cinema=cinema, name=name, default_type="adult", prices=prices)
        for name in ("Usual", "Spare")
    ]
    movie = post("movies/", title=f"Movie {unique_suffix}", runtime_minutes=90)
    data = RoundData(people, movie, cards[0], spare_card=cards[1])
    numbers = count(1)

    def add_auditorium(rows: list[str]) -> int:
        return post("auditoriums/", cinema=cinema, name=f"Auditorium {next(numbers)}", rows=rows)

    def show(auditorium: int, rows: list[str], starts_in: timedelta) -> int:
        starts_at = (datetime.now(UTC) + starts_in).isoformat()
        key = post(
            "shows/", movie=movie, auditorium=auditorium, price_card=data.card, starts_at=starts_at
        )
        data.labels[key] = labels(rows)
        return key

    for shows, rows, number in (
        (data.hot_shows, HOT, HOT_SHOWS),
        (data.spread_shows, SPREAD, SPREAD_SHOWS),
    ):
        auditorium = add_auditorium(rows)
        shows += [show(auditorium, rows, timedelta(days=day)) for day in range(1, number + 1)]
    data.first = min(data.labels)
    data.soon_show = show(add_auditorium(HOT), HOT, timedelta(minutes=15))
    data.closed_show = show(add_auditorium(HOT), HOT, timedelta(minutes=-15))
    data.contested_auditorium = add_auditorium(HOT)
    data.moving_show = show(add_auditorium(HOT), HOT, timedelta(days=1))
    data.sellers = [(user, may_sell(address, people, user)) for user, *_ in people.sellers]
    return data


def may_sell(address: str, people: People, seller: int) -> bool:
    """Return whether a seller has a role at the cinemas of all rounds: the last round may have taken it."""
    if seller == people.sellers[-1][0]:
        return False
    page = http_client.send(address, pages.get(pages.account_page(seller), people.cookies))
    return bool(pages.role_of(page))


def labels(rows: list[str]) -> list[str]:
    """Return the labels of the seats of a plan written as text."""
    found = []
    for row in rows:
        name, _, seats = row.partition(": ")
        found += [f"{name}{n}" for n in range(1, len(seats.replace("_", "")) + 1)]
    return found


# --- In a process of its own, with Django ---------------------------------------------------------


def fill_database() -> None:
    """Migrate the database of the environment, add people, and print their keys, tokens and sessions."""
    import django  # noqa: PLC0415 (settings are read from an environment that only we have)

    os.environ["DJANGO_SETTINGS_MODULE"] = "marquee.settings"
    django.setup()
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415 (Django is up only now)
    from rest_framework_simplejwt.tokens import AccessToken  # noqa: PLC0415

    from marquee.accounts.models import User  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    if User.objects.exists():
        sys.exit("This database has accounts: the proof fills an empty one.")
    password = make_password(pages.PASSWORD)
    users = [
        User(email=f"customer{n}@example.com", name=f"Customer {n}", password=password)
        for n in range(CUSTOMERS)
    ]
    work = {"password": "!", "is_staff": True}
    sellers = [
        User(email=f"seller{n}@example.com", name=f"Seller {n}", **work) for n in range(SELLERS)
    ]
    boss = User(email="staff@example.com", name="Staff", is_superuser=True, **work)
    people = []
    for user in [*users, *sellers, boss]:
        user.save()
        token = AccessToken.for_user(user)
        token["epoch"] = user.token_epoch
        people.append([user.pk, str(token), new_session(user)])
    give_roles(sellers)
    sys.stdout.write(json.dumps(people))


def give_roles(sellers: "list[User]") -> None:
    """Let all but the last seller work at all cinemas; that one at another one than the rounds'."""
    from marquee.accounts.operations import give_role  # noqa: PLC0415 (Django is up only now)
    from marquee.accounts.states import Role  # noqa: PLC0415
    from marquee.catalog.operations import add_cinema  # noqa: PLC0415

    other = add_cinema(name="Elsewhere", city="Graz", timezone="Europe/Vienna", currency="EUR")
    cinemas = [*(None for _ in sellers[1:]), other.pk]
    for seller, cinema_id in zip(sellers, cinemas, strict=True):
        give_role(user=seller, role=Role.MANAGER, cinema_id=cinema_id)


def new_session(user: "User") -> str:
    """Log a user in, as a browser is; return the key of the session."""
    from django.contrib.auth import login  # noqa: PLC0415 (Django is up only now)
    from django.http import HttpRequest  # noqa: PLC0415

    from marquee.accounts.browser_sessions import SessionStore  # noqa: PLC0415

    request = HttpRequest()
    request.session = SessionStore()
    login(request, user)
    request.session.save()
    return str(request.session.session_key)


if __name__ == "__main__":
    fill_database()
