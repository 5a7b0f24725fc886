"""The days on a cinema's calendar, as columns that the database computes from a time and its offset."""

from typing import Any

from django.db.models import DateField, Func
from django.utils.deconstruct import deconstructible

POSTGRESQL = "CAST(%(expressions)s * interval '1 minute' - interval '{hours} hours' AS date)"
SQLITE = "date(%(expressions)s || ' minutes', '-{hours} hours')"


@deconstructible(path="marquee.core.local_day.LocalDay")
class LocalDay(Func):
    """The day of a time whose offset from UTC is in another column, in minutes.

    `begins_at` is the hour at which a day begins: what is earlier belongs to the day before.
    """

    output_field = DateField()

    def __init__(self, moment: Any, utc_offset: Any, *, begins_at: int = 0) -> None:
        super().__init__(moment, utc_offset)
        self.begins_at = begins_at

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Compile for PostgreSQL. Only a fixed zone is immutable, as a generated column must be."""
        template = POSTGRESQL.format(hours=self.begins_at)
        joiner = " AT TIME ZONE 'UTC' + "
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Compile for SQLite."""
        template = SQLITE.format(hours=self.begins_at)
        return self.as_sql(compiler, connection, template=template, arg_joiner=", ")
