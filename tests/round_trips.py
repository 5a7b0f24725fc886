"""Count round trips to PostgreSQL where they are made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


class CountingConnection:
    """A proxy of libpq's connection that records the round trips by name."""

    def __init__(self, pgconn: Any) -> None:
        self.pgconn = pgconn
        self.made: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name in {"exec_", "exec_prepared"}:
            self.made.append(name)
        return getattr(self.pgconn, name)


@contextmanager
def count_round_trips() -> Iterator[list[str]]:
    """Yield the names of the round trips to libpq that the block makes."""
    psycopg_connection: Any = connection.connection
    counting = CountingConnection(psycopg_connection.pgconn)
    psycopg_connection.pgconn = counting
    try:
        yield counting.made
    finally:
        psycopg_connection.pgconn = counting.pgconn
