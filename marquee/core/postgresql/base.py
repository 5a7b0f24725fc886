"""Django's PostgreSQL backend, with a short way for what every booking needs.

psycopg waits for the database in Python, so that it can be interrupted and can wait for many
connections at once. A thread that serves a request has nothing else to do: libpq, which waits
without holding Python's lock, takes less than half the CPU for the same round trip
(docs/decisions/0011). Whatever else is asked of a connection goes through Django and psycopg.
"""

import re
import select
from collections.abc import Mapping
from functools import lru_cache
from itertools import count
from typing import Any

from django.conf import settings
from django.db import InternalError
from django.db.backends.postgresql import base
from psycopg.adapt import Transformer
from psycopg.errors import OperationalError, error_from_result
from psycopg.pq import ExecStatus
from psycopg.types.datetime import TimestamptzLoader

PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|%)")
OK_STATUSES = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
# A migration gave a column another type, or somebody discarded what was prepared: to be sent again.
STALE_SQLSTATES = ("0A000", "26000")
REPLAN_EVERY = 1000  # statements of a connection


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    connections_made = 0  # by this process: see core/snapshot.py

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; nothing is prepared yet."""
        self._prepared: dict[str, tuple[bytes, tuple[str, ...]]] = {}
        self._statement_ids = count()
        connection = super().get_new_connection(conn_params)
        DatabaseWrapper.connections_made += 1
        self._defer_next_begin = self._begin_pending = False
        self._socket_poll = select.poll()
        self._socket_poll.register(connection.pgconn.socket, select.POLLIN)
        self._until_planned = REPLAN_EVERY
        # Times as psycopg reads them: Django's way is the same for UTC, and in Python.
        reader = connection.cursor()
        reader.adapters.register_loader("timestamptz", TimestamptzLoader)
        self._transformer = Transformer(reader)
        self._shows_statements = settings.DEBUG
        return connection

    def fetch(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run a statement of our own, and return its rows. Raises what a cursor would.

        It stays prepared for as long as the connection lives, so it must be one of few; psycopg
        prepares nothing, as it would then discard all that is prepared after each rollback. Values
        go as text, for PostgreSQL to read as what stands in their place: a list is written as an
        array (`core/sql.py`).
        """
        if self.connection is None:
            self.ensure_connection()
        # Somebody wants to see it pass: a test, or Django's log of queries.
        if self.execute_wrappers or self.force_debug_cursor or self._shows_statements:
            with self.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall() if cursor.description else []
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            self._until_planned -= 1
            if not self._until_planned:
                self._discard_plans()
            name, order = self._prepared.get(sql) or self._prepare(sql)
            values = [parameters[key] for key in order]
            run = (
                self._execute_with_begin
                if self._begin_pending
                else self.connection.pgconn.exec_prepared
            )
            result = run(name, [None if value is None else str(value).encode() for value in values])
            self._check(result)
            if not result.nfields:
                return []
            self._transformer.set_pgresult(result)
            return self._transformer.load_rows(0, result.ntuples, tuple)

    def _execute_with_begin(self, name: bytes, values: list[bytes | None]) -> Any:
        """Begin a transaction with a statement, in one round trip; return the statement's result.

        What fails halfway leaves a connection that cannot roll back, so Django closes it.
        """
        self._begin_pending = False
        pgconn = self.connection.pgconn
        pgconn.enter_pipeline_mode()
        pgconn.send_query_params(b"BEGIN", None)
        pgconn.send_query_prepared(name, values)
        pgconn.pipeline_sync()
        # Behind the results of a command is none; behind all of them, that of the sync.
        begun, _, result, _, _ = [self._next_result() for _ in range(5)]
        pgconn.exit_pipeline_mode()
        self._check(begun)
        return result

    def _next_result(self) -> Any:
        """Return the next result of a pipeline. To ask libpq before it is there would hold Python's lock."""
        pgconn = self.connection.pgconn
        while pgconn.is_busy():
            self._socket_poll.poll()
            pgconn.consume_input()
        return pgconn.get_result()

    def _discard_plans(self) -> None:
        """Have PostgreSQL plan by the sizes that tables have now, all that is prepared and all checks of keys.

        It keeps plans until autovacuum or somebody else has analysed a table again. Those made while
        tables were nearly empty read all of them: by then as many rows as were sold within a minute.
        """
        self._until_planned = REPLAN_EVERY
        self._check(self.connection.pgconn.exec_(b"DISCARD PLANS"))

    def _prepare(self, sql: str) -> tuple[bytes, tuple[str, ...]]:
        numbered, order = _numbered(sql)
        name = b"marquee_%d" % next(self._statement_ids)
        self._check(self.connection.pgconn.prepare(name, numbered))
        self._prepared[sql] = name, order
        return name, order

    def _check(self, result: Any) -> None:
        if result.status in OK_STATUSES:
            return
        error = error_from_result(result)
        if error.sqlstate in STALE_SQLSTATES:
            self._prepared.clear()
        if (
            error.sqlstate in STALE_SQLSTATES or self.connection.closed
        ):  # as it is when libpq has lost it
            raise OperationalError(str(error)) from error
        raise error

    # --- Transactions: psycopg stays in autocommit, and is told where one begins and ends ----------

    def defer_begin(self) -> None:
        """Have the next transaction begin with its first statement, in one round trip if that is by `fetch`."""
        self._defer_next_begin = not self.in_atomic_block

    def _start_transaction_under_autocommit(self) -> None:
        self._begin_pending, self._defer_next_begin = self._defer_next_begin, False
        if not self._begin_pending:
            self._say(b"BEGIN")

    def create_cursor(self, name: str | None = None) -> Any:
        """Return a cursor of psycopg's, within the transaction that was to begin."""
        if self._begin_pending:
            self._begin_pending = False
            self._say(b"BEGIN")
        return super().create_cursor(name)

    def _commit(self) -> None:
        """Keep the transaction. Raises InternalError when PostgreSQL had given it up, and rolls back."""
        if self._end(b"COMMIT") == b"ROLLBACK":
            raise InternalError("The transaction had failed: nothing of it is kept.")

    def _rollback(self) -> None:
        self._end(b"ROLLBACK")

    def _end(self, command: bytes) -> bytes | None:
        if self._begin_pending:  # nobody has said anything
            self._begin_pending = False
            return None
        return self._say(command)

    def _say(self, command: bytes) -> bytes | None:
        """Return what PostgreSQL says that it has done; None where there is no connection."""
        if self.connection is None:
            return None
        with self.wrap_database_errors:
            result = self.connection.pgconn.exec_(command)
            self._check(result)
            done: bytes | None = result.command_status
            return done

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 (Django's)
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)  # type: ignore[misc]


@lru_cache(maxsize=1000)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a statement as PostgreSQL numbers its places, and the names of these in order."""
    numbers: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        return f"${numbers.setdefault(found[1], len(numbers) + 1)}" if found[1] else "%"

    return PLACEHOLDER.sub(place, sql).encode(), tuple(numbers)
