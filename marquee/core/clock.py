"""The database's clock: the one clock that decides who may try (DESIGN 5). And how times are told."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import DateTimeField, Func

from marquee.core.sql import is_postgresql

# PostgreSQL's now() stands still within a transaction, so a transaction that waited for a lock
# would judge by the time before its wait. SQLite's clock has milliseconds, its text sorts by time.
POSTGRESQL_NOW = "clock_timestamp()"
SQLITE_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"


class DatabaseNow(Func):
    """What the database's clock shows when a row is looked at, for use in ORM queries."""

    template = POSTGRESQL_NOW
    output_field = DateTimeField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Write the expression as SQLite has it, doubled for the template and for the statement."""
        template = SQLITE_NOW.replace("%", "%%%%")
        return self.as_sql(compiler, connection, template=template, **context)


def now_sql() -> str:
    """Return the same as SQL, for statements written out. Percent signs are doubled for them."""
    return POSTGRESQL_NOW if is_postgresql() else SQLITE_NOW.replace("%", "%%")


def to_db_time(moment: datetime | None) -> Any:
    """Return a time as a parameter of a statement written out."""
    return None if moment is None else connection.ops.adapt_datetimefield_value(moment)


def from_db_time(value: Any) -> datetime:
    """Return a time that a statement written out has answered, in UTC.

    PostgreSQL answers aware times; SQLite naive ones for columns, and text for expressions.
    """
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def isoformat_in(moment: datetime, timezone: str) -> str:
    """Return a time as ISO 8601 with the offset that the cinema's time zone has then."""
    return moment.astimezone(ZoneInfo(timezone)).isoformat(timespec="seconds")
