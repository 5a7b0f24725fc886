"""A box office of its own to break: database, server, customers, shows.

The server is the real one, as `make run` starts it; only limits are set for a crowd.
"""

import atexit
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from prove import audit_log, environment, http_client, rounds
from prove.faults.postgres_server import Cluster
from prove.results import Finding
from tests.server import ROOT, WITHOUT_LIMITS, Server

SETTINGS = {
    **WITHOUT_LIMITS,
    "ACCESS_TOKEN_MINUTES": "10080",
    "HOLD_MINUTES": "60",
    "LOG_LEVEL": "WARNING",
    # What the caller's environment says must not leak in.
    "DJANGO_SETTINGS_MODULE": "marquee.settings",
    "DEBUG": "0",
}
ROW = 20
MIN_FREE_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class People:
    """Who there is and what is on: (key, token) of each customer, keys of shows, labels."""

    users: Sequence[tuple[int, str]] = ()
    staff: str = ""
    shows: list[int] = field(default_factory=list)
    seats: list[str] = field(default_factory=list)


class ServerUnderTest:
    """One database with its server. Files are in `directory/files`, whatever the engine."""

    def __init__(
        self,
        engine: str,
        directory: Path,
        settings: Mapping[str, str],
        like: "ServerUnderTest | None",
    ) -> None:
        """Make one, or a copy of one that is stopped. `directory` is empty."""
        self.engine, self.directory = engine, directory
        self.files = directory / "files"
        self.cluster: Cluster | None = None
        if engine == "postgresql":
            self.cluster = Cluster(directory, like.cluster if like else None)
        elif like:
            shutil.copytree(like.files, self.files)
        else:
            self.files.mkdir()
        secret = like.web.environment["SECRET_KEY"] if like else secrets.token_hex(32)
        variables = SETTINGS | {"SECRET_KEY": secret} | dict(settings) | {"DATABASE_URL": self.url}
        self.web: Server = Server(variables, log=directory / "web.log")
        self.people: People = like.people if like else People()
        self.cinema = self.auditorium = self.card = self.clerks_card = self.movie = 0

    @property
    def url(self) -> str:
        """The DATABASE_URL."""
        return self.cluster.url if self.cluster else f"sqlite:///{self.files / 'marquee.sqlite3'}"

    @property
    def clerk(self) -> tuple[str, int]:
        """The token of staff, and the price card that they rename all day."""
        return self.people.staff, self.clerks_card

    @property
    def address(self) -> str:
        """The base URL of the server."""
        return self.web.address

    def fill(self) -> None:
        """Make the tables and the customers. Raises RuntimeError."""
        command = [sys.executable, "-m", "prove.environment"]
        variables = os.environ | self.web.environment
        said = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        if said.returncode:
            raise RuntimeError(f"The database could not be filled:\n{said.stdout}{said.stderr}")
        # Faults send tokens only: they need no sessions of pages.
        filled = environment.People.of(json.loads(said.stdout.splitlines()[-1]))
        audit_log.install_triggers(self.url)
        customers = [(key, token) for key, token, _ in filled.customers]
        self.people = People(customers, filled.staff[1])

    def open(self, users: int, shows: int, rows: int) -> None:
        """Serve so many customers, with shows in one auditorium of 20 seats a row."""
        self.web.start()
        plan = [f"{chr(65 + row)}: {'s' * ROW}" for row in range(rows)]
        self.people = People(
            self.people.users[:users], self.people.staff, [], environment.labels(plan)
        )
        self.auditorium = self.add_auditorium(plan)
        self.people.shows.extend(self.add_show(3 + day) for day in range(shows))

    def post(self, path: str, **body: object) -> int:
        """Add something to the catalog, as staff would; return its id."""
        return int(http_client.call(self.address, self.people.staff, "POST", path, body)["id"])

    def add_auditorium(self, plan: list[str]) -> int:
        """Return a new auditorium, of a cinema of its own, with a price card and a movie to show."""
        place = {"city": "Vienna", "timezone": "Europe/Vienna", "currency": "EUR"}
        self.cinema = cinema = self.post("cinemas/", name="Fault", **place)
        prices = [{"category": "standard", "type": "adult", "amount": "12.50"}]
        self.card = self.post(
            "price-cards/", cinema=cinema, name="Usual", default_type="adult", prices=prices
        )
        self.clerks_card = self.post(
            "price-cards/", cinema=cinema, name="Clerk's", default_type="adult", prices=prices
        )
        self.movie = self.post("movies/", title="Faults", runtime_minutes=90)
        return self.post("auditoriums/", cinema=cinema, name="Auditorium", rows=plan)

    def add_show(self, in_days: float) -> int:
        """Return a new show, so many days from now."""
        return self.post("shows/", **self.show_body(in_days))

    def show_body(self, in_days: float) -> dict[str, object]:
        """Return what is sent to add one."""
        of = {"movie": self.movie, "auditorium": self.auditorium, "price_card": self.card}
        return of | {"starts_at": self.moment(in_days)}

    @staticmethod
    def moment(in_days: float) -> str:
        """Return a time, so many days from now."""
        return (datetime.now(UTC) + timedelta(days=in_days)).isoformat(timespec="seconds")

    def workers(self) -> list[int]:
        """Return the ids of granian's workers, which handle the requests."""
        return self.web.child_pids()[1:]

    def close(self) -> None:
        """End everything and remove all files."""
        self.web.close()
        if self.cluster:
            self.cluster.remove()
        shutil.rmtree(self.directory, ignore_errors=True)

    # --- The database, as it is -------------------------------------------------------------------

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what a query finds, asked of the database itself."""
        if self.cluster:
            with self.cluster.connect() as server:
                return server.execute(sql).fetchall()
        with closing(
            sqlite3.connect(f"file:{self.files}/marquee.sqlite3?mode=ro", uri=True, timeout=20)
        ) as file:
            return file.execute(sql).fetchall()

    def change(self, sql: str) -> None:
        """Run a statement on the database itself."""
        if self.cluster:
            with self.cluster.connect() as server:
                server.execute(sql)
            return
        with closing(sqlite3.connect(self.files / "marquee.sqlite3", timeout=20)) as file, file:
            file.execute(sql)


@contextmanager
def start_target(
    engine: str,
    *,
    users: int = 12,
    shows: int = 2,
    rows: int = 3,
    **settings: str,
) -> Iterator[ServerUnderTest]:
    """Yield a box office that sells; it and its files go at the end."""
    like = _template(engine)
    directory = _place()
    target: ServerUnderTest | None = None
    try:
        target = ServerUnderTest(engine, directory, settings, like)
        target.open(users, shows, rows)
        yield target
    finally:
        if target is not None:
            target.close()
        shutil.rmtree(directory, ignore_errors=True)


@cache
def _template(engine: str) -> ServerUnderTest:
    """Return one with tables and customers, stopped: to be copied, which takes a moment."""
    directory = _place()
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    target = ServerUnderTest(engine, directory, {}, None)
    try:
        target.fill()
    finally:
        target.web.close()
        if target.cluster:
            target.cluster.stop()
    return target


def save_evidence(target: ServerUnderTest, finding: Finding) -> None:
    """Keep what was said and stored, if anything was wrong: the last requests, logs, SQLite."""
    if not finding.violations:
        return
    saved_in = rounds.SAVED_RUNS / f"{finding.name.replace(' ', '-')}-{target.engine}"
    shutil.rmtree(saved_in, ignore_errors=True)
    saved_in.mkdir(parents=True)
    for name in ("history", "web.log", "log", "files/marquee.sqlite3", "files/marquee.sqlite3-wal"):
        if (target.directory / name).is_file():
            shutil.copy(target.directory / name, saved_in)
    finding.saved_in = str(saved_in.relative_to(ROOT))


def _place() -> Path:
    """Return a new directory: in memory that is mounted as a disk, if there is enough.

    There fsync is at once; that it is asked for, where it must be, is what the power cuts prove.
    """
    shared = Path("/dev/shm")  # a directory that only we make is made in it
    is_there = shared.is_dir() and shutil.disk_usage(shared).free > MIN_FREE_BYTES
    directory = Path(tempfile.mkdtemp(prefix="marquee-fault-", dir=shared if is_there else None))
    directory.chmod(0o755)  # PostgreSQL runs as somebody else when we are root
    return directory
