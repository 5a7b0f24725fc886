"""Django's PostgreSQL backend, with a shorter way to run the statements of `core/sql.py`.

psycopg waits for the database in Python, so that a wait can be interrupted and one thread can wait for
many connections. A thread that serves a request waits for one. libpq waits without holding the
GIL, and takes less than half the CPU for the same round trip (docs/decisions/0011). All other
statements, the ORM's among them, go through Django and psycopg.

SQL_THROUGH_DJANGO leaves this module out: docs/operating.md lists the private APIs that it overrides.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import count
from types import TracebackType
from typing import Any

from django.conf import settings
from django.db import InternalError
from django.db import OperationalError as DjangoOperationalError
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg.adapt import Transformer
from psycopg.errors import OperationalError, ReadOnlySqlTransaction, error_from_result
from psycopg.pq import ExecStatus
from psycopg.types.datetime import TimestamptzLoader

PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|%)")
OK_STATUSES = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
# feature_not_supported, when a migration has changed a column's type, and
# invalid_sql_statement_name, when prepared statements were discarded. The statement is prepared
# again when the client repeats the request.
STALE_SQLSTATES = ("0A000", "26000")
REPLAN_EVERY = 1000  # statements of a connection


class ErrorWrapper(DatabaseErrorWrapper):
    """Turns psycopg's errors into Django's. A server that may not be written is unavailable, too.

    It became a standby, or is being repaired. The connection is closed when the request ends, as the next
    one may lead to the primary, or to other defaults.
    """

    wrapper: Any

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Raise Django's error for psycopg's."""
        if exc_value is None:
            return
        if isinstance(exc_value, ReadOnlySqlTransaction):
            self.wrapper.errors_occurred, self.wrapper.close_at = True, 0.0
            raise DjangoOperationalError(*exc_value.args) from exc_value
        super().__exit__(exc_type, exc_value, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    @cached_property
    def wrap_database_errors(self) -> ErrorWrapper:
        """Return the context manager that turns psycopg's errors into Django's."""
        return ErrorWrapper(self)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, with no statement prepared."""
        self._prepared: dict[str, tuple[bytes, tuple[str, ...]]] = {}
        self._statement_ids = count()
        connection = super().get_new_connection(conn_params)
        self._until_replan = REPLAN_EVERY
        # psycopg's loader of times, in C. Django's returns the same for UTC, in Python.
        reader = connection.cursor()
        reader.adapters.register_loader("timestamptz", TimestamptzLoader)
        self._transformer = Transformer(reader)
        self._is_debug = settings.DEBUG
        return connection

    def execute_prepared(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows. Raises what a cursor would.

        The statement stays prepared while the connection lives, so its text must be one of few.
        Values are sent as text, which PostgreSQL parses by the type of the placeholder. An array is
        written as a literal (`core/sql.py`).
        """
        if self.connection is None:
            self.ensure_connection()
        if self.execute_wrappers or self.force_debug_cursor or self._is_debug:
            return self._execute_by_cursor(sql, parameters)
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            self._replan_if_due()
            name, order = self._prepared.get(sql) or self._prepare(sql)
            values = [_as_text(parameters[key]) for key in order]
            result = self.connection.pgconn.exec_prepared(name, values)
            self._raise_for_status(result)
            if not result.nfields:
                return []
            self._transformer.set_pgresult(result)
            return self._transformer.load_rows(0, result.ntuples, tuple)

    def _execute_by_cursor(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run a statement where a test or Django's log of queries records it."""
        with self.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def _replan_if_due(self) -> None:
        """Re-plan prepared statements and checks of foreign keys every so many executions.

        PostgreSQL keeps plans until a table is analysed again. Plans made while tables were nearly
        empty read whole tables, which may have as many rows as were sold within a minute.
        """
        self._until_replan -= 1
        if not self._until_replan:
            self._discard_plans()

    def _discard_plans(self) -> None:
        self._until_replan = REPLAN_EVERY
        self._raise_for_status(self.connection.pgconn.exec_(b"DISCARD PLANS"))

    def _prepare(self, sql: str) -> tuple[bytes, tuple[str, ...]]:
        """Prepare a statement by libpq. psycopg would discard it after each rollback."""
        numbered, order = _number_placeholders(sql)
        name = b"marquee_%d" % next(self._statement_ids)
        self._raise_for_status(self.connection.pgconn.prepare(name, numbered))
        self._prepared[sql] = name, order
        return name, order

    def _raise_for_status(self, result: Any) -> None:
        """Raise psycopg's error for a result, OperationalError if the request may be repeated."""
        if result.status in OK_STATUSES:
            return
        error = error_from_result(result)
        is_stale = error.sqlstate in STALE_SQLSTATES
        if is_stale:
            self._prepared.clear()
        if is_stale or self.connection.closed:
            raise OperationalError(str(error)) from error
        raise error

    # --- Transactions: psycopg stays in autocommit, and BEGIN and COMMIT go by libpq, too -----------

    def _start_transaction_under_autocommit(self) -> None:
        self._exec(b"BEGIN")

    def _commit(self) -> None:
        """Commit. Raises InternalError if PostgreSQL rolls back, as it does after a failed statement."""
        if self._exec(b"COMMIT") == b"ROLLBACK":
            raise InternalError("The transaction had failed: nothing of it is kept.")

    def _rollback(self) -> None:
        self._exec(b"ROLLBACK")

    def _exec(self, command: bytes) -> bytes | None:
        """Run a command, and return what PostgreSQL did. Returns None without a connection."""
        if self.connection is None:
            return None
        with self.wrap_database_errors:
            result = self.connection.pgconn.exec_(command)
            self._raise_for_status(result)
            done: bytes | None = result.command_status
            return done

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 (Django's)
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)  # type: ignore[misc]


def _as_text(value: object) -> bytes | None:
    return None if value is None else str(value).encode()


@lru_cache(maxsize=1000)
def _number_placeholders(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a statement with `$1` for `%(name)s`, and the names in the order of their numbers."""
    numbers: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        return f"${numbers.setdefault(found[1], len(numbers) + 1)}" if found[1] else "%"

    return PLACEHOLDER.sub(numbered, sql).encode(), tuple(numbers)
