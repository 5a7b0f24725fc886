"""Every operation of the API, from the schema, with URLs of rows that exist."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from drf_spectacular.generators import SchemaGenerator

from marquee.booking.models import Booking
from marquee.catalog.models import Format

RESOURCES = ("shows", "movies", "auditoriums", "cinemas", "price-cards", "formats")
METHODS = ("get", "post", "put", "patch", "delete")


class Operation(NamedTuple):
    """One method of one path."""

    method: str
    path: str
    needs_token: bool
    takes_body: bool

    def address(self, booking: Booking | None = None) -> str:
        """Return the path with the ids of a booking and its show, or with ids that do not exist."""
        resource, _, rest = self.path.removeprefix("/api/v1/").partition("/")
        key = str(_keys(booking)[resource]) if "{" in rest else ""
        return f"/api/v1/{resource}/{re.sub('{.*}', key, rest)}"

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


@cache
def schema() -> dict[str, Any]:
    """Return the schema of the API."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return schema


def _keys(booking: Booking | None) -> dict[str, int | str]:
    """Return the id of one row of each resource, by the resource's name."""
    if booking is None:
        return dict.fromkeys(RESOURCES, 1) | {"bookings": "K7Q2MXW4"}
    show = booking.show
    format_ = Format.objects.get(code=show.format)
    rows = (
        show, show.movie, show.auditorium, show.auditorium.cinema, show.price_card, format_,
    )  # fmt: skip
    keys = dict(zip(RESOURCES, [row.pk for row in rows], strict=True))
    return keys | {"bookings": booking.reference}


def operations() -> Iterator[Operation]:
    """Yield every operation."""
    for path, item in schema()["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                yield Operation(
                    method, path, bool(operation.get("security")), "requestBody" in operation
                )


def staff_operations() -> Iterator[tuple[str, str]]:
    """Yield the method and the path, with `{}` for ids, of every operation that can answer 403."""
    for path, item in schema()["paths"].items():
        for method in METHODS:
            if "403" in item.get(method, {}).get("responses", {}):
                yield method, re.sub("{[^}]*}", "{}", path.removeprefix("/api/v1/"))


def body_of(operation: Operation) -> dict[str, Any]:
    """Return the schema of an operation's request body, or that of an empty object."""
    content = schema()["paths"][operation.path][operation.method].get("requestBody", {})
    reference = content.get("content", {}).get("application/json", {}).get("schema", {})
    return component(reference) or {"properties": {}}


def component(reference: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference refers to; return anything else unchanged."""
    name = reference.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schema()["components"]["schemas"][name] if name else reference
    return found


def lists() -> Iterator[tuple[Operation, str, dict[str, Any]]]:
    """Yield every list in a request body: the operation, the list's name, and its schema."""
    for operation in operations():
        for name, field in body_of(operation)["properties"].items():
            if field.get("type") == "array":
                yield operation, name, field
