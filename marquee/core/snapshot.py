"""Reading again only what may be another by now: PostgreSQL tells whether anything was committed since.

A statement sees the rows of all transactions that are complete in its snapshot, and no others
(PostgreSQL's manual, 13.2.1 and 9.27, `pg_current_snapshot`). So a statement with the same snapshot
as an earlier one sees the same rows, and need not read them: what it makes of them can be another
only by the clock. That holds where rows are written, not on a standby, whose snapshots do not tell
what is under way. SQLite tells a connection only of what others commit, so there all is read anew.
"""

from typing import Any, NamedTuple

import orjson
from django.db import DEFAULT_DB_ALIAS, connections

from marquee.core import clock
from marquee.core.sql import fetch_all, is_postgresql, json_row

# One for all rows. As a value of its own, and not a row to join with, it is compared where rows are read.
MOMENT = "(SELECT now FROM moment)"

# The numbers of transactions that left nothing behind are given out again after a crash. Whoever
# loses a connection forgets what was seen (`connections_made`); whoever asks by way of a pool that
# hides the crash, after a second.
POSTGRESQL = """
    WITH moment AS (SELECT {now} AS now, pg_current_snapshot()::text AS snapshot)
    SELECT CASE WHEN snapshot = %(snapshot)s AND now >= %(since)s AND now < %(until)s THEN NULL
        ELSE {row} END
    FROM moment
"""
SQLITE = "WITH moment AS (SELECT {now} AS now) SELECT {row}"
WHEN = "moment.snapshot, moment.now, LEAST(one.ends, moment.now + interval '1 second')"


class Seen(NamedTuple):
    """When a row was seen, as PostgreSQL writes it, and when by the clock alone it is another."""

    snapshot: str
    since: str
    until: str
    connections_made: int | None


NEVER = Seen("", "infinity", "infinity", None)


def unless_seen(columns: str, row: str) -> str:
    """Return a query as `fetch_unless_seen` runs it: of these columns of a subquery that has one row.

    Its column `ends` is when the clock will change the row, or null; what the clock shows is `MOMENT`.
    """
    if is_postgresql():
        row = json_row(f"{WHEN}, {columns}", row)
        return POSTGRESQL.format(now=clock.now_sql(), row=row)
    return SQLITE.format(now=clock.now_sql(), row=json_row(columns, row))


def fetch_unless_seen(
    sql: str, parameters: dict[str, Any], seen: Seen | None
) -> tuple[list[Any], Seen | None] | None:
    """Return the row as JSON has it, and when it was seen; None while it is what was seen before.

    What was seen must have been seen by the same query with the same parameters.
    """
    if not is_postgresql():
        ((text,),) = fetch_all(sql, parameters)
        return orjson.loads(text), None
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.connection is None:
        database.ensure_connection()  # before they are counted
    made = getattr(database, "connections_made", None)  # with SQL_THROUGH_DJANGO
    # Its snapshots do not tell what a transaction has done itself.
    in_transaction = database.in_atomic_block
    if seen is None or made is None or seen.connections_made != made or in_transaction:
        seen = NEVER
    ((text,),) = fetch_all(sql, parameters | seen._asdict())
    if text is None:
        return None
    snapshot, since, until, *row = orjson.loads(text)
    return row, None if in_transaction else Seen(snapshot, since, until, made)
