"""What the benchmarks of one run share: a PostgreSQL, the ground in it, the orders, the turns."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg

from bench import dataset, workloads
from bench.dataset import ENVIRONMENT
from bench.interleaved_runs import InterleavedRuns
from bench.process_stats import ProcessTree
from bench.workloads import Workloads
from tests import postgres
from tests.server import MARQUEE, Server, running

SHOWS = 5_000


@dataclass(frozen=True)
class Session:
    """Made on first use, so that `--only sqlite` starts no PostgreSQL."""

    runs: InterleavedRuns
    seed: int
    is_quick: bool
    stack: ExitStack

    @cached_property
    def url(self) -> str:
        """A PostgreSQL with fsync and synchronous commit on, an empty database in it.

        By its Unix socket, as all that asks it is on the same host.
        """
        return self.stack.enter_context(postgres.running(durable=True, by_socket=True))

    @cached_property
    def database(self) -> ProcessTree:
        """The processes of that PostgreSQL."""
        return ProcessTree.of_postgresql(self.url)

    @cached_property
    def data(self) -> dataset.Dataset:
        """What there is to book in the database."""
        return dataset.create(self.url, shows=SHOWS)

    @cached_property
    def workloads(self) -> Workloads:
        """The seats of the ground that are still to be asked for."""
        return Workloads(self.data, self.seed)

    @contextmanager
    def serving(self, command: Sequence[str] = MARQUEE) -> Iterator[Server]:
        """Run a server on the ground until the end."""
        one_show_per_auditorium = self.data.one_show_per_auditorium
        with serving(self.url, command) as server:
            workloads.warm_up(server, one_show_per_auditorium)
            yield server

    def another(self, name: str) -> str:
        """Make another database in the same PostgreSQL; return its URL."""
        execute(self.url, f"CREATE DATABASE {name}")
        return f"{self.url.rpartition('/')[0]}/{name}"

    def before_measuring(self) -> None:
        """Do what autovacuum would have done after a while, before it does so in the middle."""
        execute(self.url, "VACUUM ANALYZE")


def serving(url: str, command: Sequence[str] = MARQUEE) -> AbstractContextManager[Server]:
    """Run a server on a database, with the settings of the benchmarks, for the length of a block."""
    return running(ENVIRONMENT | {"DATABASE_URL": url}, command=command)


def execute(url: str, statement: str) -> None:
    """Run a statement outside a transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def rows(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with psycopg.connect(url) as connection:
        return connection.execute(query, values).fetchall()


@contextmanager
def beginning(runs: InterleavedRuns, *, seed: int, is_quick: bool) -> Iterator[Session]:
    """Yield a session; what it started ends with it."""
    with ExitStack() as stack:
        yield Session(runs, seed, is_quick, stack)
