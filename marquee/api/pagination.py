"""Pages of lists, by cursor: rows that come and go neither repeat a row nor hide one.

A cursor is the position of a row in a list, signed, so that clients can neither make nor change one.
"""

import re
from typing import Any, Protocol

import orjson
from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from marquee.core.keyset import KeysetRows, Start

NUMBER = re.compile("[1-9][0-9]{0,5}")
MAX_CURSOR_LENGTH = 6000
BAD_CURSOR_MESSAGE = (
    "This is no cursor of this list in this order: use the URLs in `next` and `previous` of a page, or "
    "begin again without a cursor."
)


class Keyset(Protocol):
    """A list that is read in windows: see `core.keyset.KeysetRows`."""

    @property
    def ordering(self) -> str:
        """The name of the list and its order."""

    def read(self, start: Start | None, limit: int) -> list[Any]:
        """Return a window of the list. Raises ValueError for a position of another list."""

    def position(self, row: Any) -> list[Any]:
        """Return the position of a row, without anything that clients may not know."""


class _Serializer:
    """Serializes what a cursor holds. Unlike Django's serializer, it knows times."""

    def dumps(self, obj: Any) -> bytes:
        return orjson.dumps(obj)

    def loads(self, data: bytes) -> Any:
        return orjson.loads(data)


class CursorPagination(BasePagination):
    """`?cursor=` from another page, `?page_size=` up to 100; one query a page.

    It reads one row more than the page holds, to learn whether there are more. A COUNT would read all
    rows.
    """

    parameters = ("cursor", "page_size")
    page_size = 20
    max_page_size = 100

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        """Return the rows of the requested page of a queryset, or of a Keyset. Raises 400."""
        self.request = request
        self.rows: Keyset = KeysetRows(queryset) if isinstance(queryset, QuerySet) else queryset
        size = self._page_size()
        self.start = self._decode(request.query_params.get("cursor"))
        try:
            found = self.rows.read(self.start, size + 1)
        except ValueError:
            raise _bad_cursor() from None
        self.has_more = len(found) > size
        self.page = found[-size:] if self.start and self.start.backwards else found[:size]
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with the URLs of the next and the previous one."""
        return Response({"results": data, "next": self._next(), "previous": self._previous()})

    def _next(self) -> str | None:
        if self.start is None or not self.start.backwards:
            return self._url(Start(self._position(-1))) if self.has_more else None
        return self._url(self._back_from(self.start, -1))  # where the client came from

    def _previous(self) -> str | None:
        if self.start is None:
            return None
        if self.start.backwards:
            return self._url(Start(self._position(0), backwards=True)) if self.has_more else None
        return self._url(self._back_from(self.start, 0))

    def _back_from(self, start: Start, index: int) -> Start:
        """Return the start of the page on the other side of an end of this page.

        A page without a row has none to start beside, so that page includes the row where this began.
        """
        backwards = not start.backwards
        if self.page:
            return Start(self._position(index), backwards=backwards)
        return Start(start.position, backwards=backwards, inclusive=True)

    def _position(self, index: int) -> list[Any]:
        return self.rows.position(self.page[index])

    def _url(self, start: Start) -> str:
        url = self.request.build_absolute_uri()
        cursor = self._signer().sign_object(list(start), serializer=_Serializer)
        return replace_query_param(url, "cursor", cursor)

    def _decode(self, cursor: str | None) -> Start | None:
        if cursor is None:
            return None
        if len(cursor) > MAX_CURSOR_LENGTH:
            raise _bad_cursor()
        try:
            return Start(*self._signer().unsign_object(cursor, serializer=_Serializer))
        except (BadSignature, ValueError, TypeError):
            raise _bad_cursor() from None

    def _signer(self) -> Signer:
        return Signer(salt=f"marquee.cursor:{self.rows.ordering}", sep=".")

    def _page_size(self) -> int:
        value = self.request.query_params.get("page_size", str(self.page_size))
        if NUMBER.fullmatch(value) and int(value) <= self.max_page_size:
            return int(value)
        raise ValidationError(
            {"page_size": [f"Write a whole number from 1 to {self.max_page_size}."]}
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of a page. OpenAPI 3.1 has a type `null` where DRF writes `nullable`."""
        url = {"type": ["string", "null"], "format": "uri"}
        example = "http://127.0.0.1:8000/api/v1/movies/?cursor=W1s4XSxmYWxzZV0.c2lnbmF0dXJl"
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": {**url, "example": example},
                "previous": {**url, "example": None},
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Return the schema of the two query parameters."""
        cursor = {"type": "string", "maxLength": MAX_CURSOR_LENGTH}
        size = {
            "type": "integer",
            "minimum": 1,
            "maximum": self.max_page_size,
            "default": self.page_size,
        }
        return [
            _parameter(
                "cursor",
                "Where the page begins: the `cursor` of another page's `next` or `previous`, as it is. "
                "Without it: the first page.",
                cursor,
            ),
            _parameter("page_size", "How many rows a page has.", size),
        ]


def _bad_cursor() -> ValidationError:
    return ValidationError({"cursor": [BAD_CURSOR_MESSAGE]})


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}
