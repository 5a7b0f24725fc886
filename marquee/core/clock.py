"""The database's clock, which alone decides whether something has expired (DESIGN 5)."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Func

from marquee.core.sql import fetch_all, is_postgresql

# PostgreSQL's now() is the start of the transaction: one that waited for a lock would decide by the
# time before its wait. SQLite's clock has milliseconds, and its text sorts by time.
POSTGRESQL_NOW = "clock_timestamp()"
SQLITE_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"


class DatabaseNow(Func):
    """The time of the database when it evaluates a row, for ORM queries."""

    template = POSTGRESQL_NOW
    output_field = DateTimeField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Compile for SQLite. Percent signs are escaped twice: for the template and the statement."""
        template = SQLITE_NOW.replace("%", "%%%%")
        return self.as_sql(compiler, connection, template=template, **context)


def now_sql() -> str:
    """Return the same as SQL, for statements of our own: their percent signs are escaped."""
    return POSTGRESQL_NOW if is_postgresql() else SQLITE_NOW.replace("%", "%%")


def database_now() -> datetime:
    """Return the database's time, by one query."""
    ((now,),) = fetch_all(f"SELECT {now_sql()}", {})
    return from_db_time(now)


def to_db_time(moment: datetime | None) -> Any:
    """Return a time as a parameter of a statement of our own."""
    return None if moment is None else connection.ops.adapt_datetimefield_value(moment)


def from_db_time(value: Any) -> datetime:
    """Return a time that a statement of our own returned, in UTC.

    PostgreSQL returns aware times. SQLite returns naive ones for columns, and text for expressions.
    """
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
