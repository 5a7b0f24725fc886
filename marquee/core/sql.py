"""Statements written out, and what the two engines spell differently in them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections


def fetch(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement that stands in our code, with `%(name)s` for its values; return its rows.

    Raises Django's errors. PostgreSQL keeps it prepared, so its text must not vary with its values.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "postgresql":
        return database.fetch(sql, parameters)  # type: ignore[no-any-return]  # postgresql/base.py
    with database.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()  # type: ignore[no-any-return]


def array(values: Iterable[object]) -> str:
    """Return values as PostgreSQL writes an array, to be cast in the statement."""
    quoted = (str(value).replace("\\", r"\\").replace('"', r"\"") for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def gathered(columns: str, rows: str) -> str:
    """Return an expression for the rows of a subquery as JSON text: an array of arrays, in order.

    Null where there is no row.
    """
    if connection.vendor == "postgresql":
        return f"(SELECT json_agg(json_build_array({columns}))::text FROM ({rows}) AS one)"  # noqa: S608 (our own)
    return f"(SELECT json_group_array(json_array({columns})) FROM ({rows}) AS one)"  # noqa: S608 (our own)


def listed(column: str, condition: str) -> str:
    """Return an aggregate: a column of the rows for which a condition holds, as JSON text.

    Null, or an empty list, where there is none.
    """
    gather = "json_agg" if connection.vendor == "postgresql" else "json_group_array"
    return f"CAST({gather}({column}) FILTER (WHERE {condition}) AS text)"
