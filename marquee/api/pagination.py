"""Pages of lists, without counting all rows."""

import re
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

MAX_PAGE = 100_000
NUMBER = re.compile("[1-9][0-9]{0,5}")


class CountlessPagination(BasePagination):
    """`?page=` from 1, `?page_size=` up to 100, by one query a page.

    It reads one row more than the page holds, to learn whether there is a next page. A COUNT would
    read all rows.
    """

    parameters = ("page", "page_size")
    page_size = 20
    max_page_size = 100

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        """Return the rows of the requested page; none beyond the end. Raises 400."""
        self.request = request
        self.page = self._integer("page", default=1, maximum=MAX_PAGE)
        self.size = self._integer("page_size", default=self.page_size, maximum=self.max_page_size)
        start = (self.page - 1) * self.size
        rows = list(queryset[start : start + self.size + 1])
        self.has_next = len(rows) > self.size
        return rows[: self.size]

    def _integer(self, name: str, *, default: int, maximum: int) -> int:
        value = self.request.query_params.get(name, str(default))
        if NUMBER.fullmatch(value) and int(value) <= maximum:
            return int(value)
        raise ValidationError({name: [f"Write a whole number from 1 to {maximum}."]})

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with the URLs of the next and the previous one."""
        return Response(
            {
                "results": data,
                "next": self._url(self.page + 1) if self.has_next else None,
                "previous": self._url(self.page - 1) if self.page > 1 else None,
            }
        )

    def _url(self, page: int) -> str:
        here = self.request.build_absolute_uri()
        if page == 1:
            return remove_query_param(here, "page")
        return replace_query_param(here, "page", page)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of a page. OpenAPI 3.1 has a type `null` where DRF writes `nullable`."""
        url = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": {**url, "example": "http://127.0.0.1:8000/api/v1/movies/?page=3"},
                "previous": {**url, "example": None},
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Return the schema of the two query parameters."""
        return [
            _parameter("page", "The number of the page, from 1.", 1, MAX_PAGE),
            _parameter(
                "page_size", "How many rows a page has.", self.page_size, self.max_page_size
            ),
        ]


def _parameter(name: str, description: str, default: int, maximum: int) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": maximum, "default": default}
    return {"name": name, "in": "query", "description": description, "schema": schema}
