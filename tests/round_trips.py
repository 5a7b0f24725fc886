"""Round trips to PostgreSQL, counted where they are made."""

from contextlib import contextmanager

from django.db import connection


class Trips:
    """Stands before libpq, and counts the round trips by name."""

    def __init__(self, pgconn):
        self.pgconn, self.made = pgconn, []

    def __getattr__(self, name):
        if name in {"exec_", "exec_prepared"}:
            self.made.append(name)
        return getattr(self.pgconn, name)


@contextmanager
def trips():
    """Count the round trips that our own way to libpq makes meanwhile."""
    psycopgs = connection.connection
    counting = Trips(psycopgs.pgconn)
    psycopgs.pgconn = counting
    try:
        yield counting.made
    finally:
        psycopgs.pgconn = counting.pgconn
