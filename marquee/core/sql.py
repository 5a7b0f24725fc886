"""SQL that the two engines spell differently."""

from django.db import connection


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
