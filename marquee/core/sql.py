"""Statements written out, and what the two engines spell differently in them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections


@cache
def is_postgresql() -> bool:
    """Return whether the engine is PostgreSQL. It does not change while the process lives."""
    return connection.vendor == "postgresql"


def fetch_all(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement with `%(name)s` for its values, and return its rows. Raises Django's errors.

    PostgreSQL keeps the statement prepared, so its text must be one of few. With
    SQL_THROUGH_DJANGO it goes through Django's cursor instead, as it does on SQLite.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    if hasattr(database, "execute_prepared"):  # core/postgresql/base.py
        return database.execute_prepared(sql, parameters)  # type: ignore[no-any-return]
    with database.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def array_literal(values: Iterable[object]) -> str:
    """Return values as an array literal of PostgreSQL, to be cast in the statement."""
    quoted = [str(value).replace("\\", r"\\").replace('"', r"\"") for value in values]
    return '{"' + '","'.join(quoted) + '"}' if quoted else "{}"


def key_in(column: str, name: str) -> str:
    """Return the condition that a column is one of the ids in a parameter from `keys_param`."""
    if is_postgresql():
        return f"{column} = ANY(%({name})s::bigint[])"
    return f"{column} IN (SELECT value FROM json_each(%({name})s))"  # noqa: S608 (our own)


def keys_param(values: Iterable[int]) -> str:
    """Return any number of ids as the parameter that `key_in` expects."""
    return array_literal(values) if is_postgresql() else json.dumps(list(values))


def json_rows(columns: str, rows: str) -> str:
    """Return an expression for the rows of a subquery as JSON text: an array of arrays, in order.

    Null or an empty array without a row.
    """
    return f"(SELECT {json_rows_agg(columns)} FROM ({rows}) AS one)"  # noqa: S608 (our own)


def json_rows_agg(columns: str) -> str:
    """Return an aggregate: some columns of all rows as JSON text, an array of arrays.

    Null or an empty array without a row.
    """
    gather, array = _json()
    return _as_text(f"{gather}({array}({columns}))")


def json_lists_where(column: str, conditions: Sequence[str]) -> str:
    """Return an aggregate: a column of the rows for which each condition holds, as JSON text.

    An array with one array for each condition; null or an empty array without a row.
    """
    gather, array = _json()
    lists = ", ".join(f"{gather}({column}) FILTER (WHERE {one})" for one in conditions)
    return _as_text(f"{array}({lists})")


def _json() -> tuple[str, str]:
    if is_postgresql():
        return "json_agg", "json_build_array"
    return "json_group_array", "json_array"


def _as_text(json: str) -> str:
    # JSON within JSON must be text on both engines. SQLite tags a value as JSON, even after a cast;
    # concatenation drops the tag.
    return f"CAST({json} AS text)" if is_postgresql() else f"({json} || '')"
