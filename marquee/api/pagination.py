"""Lists come in pages, without counting everything there is."""

import re
from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

MAX_PAGE = 100_000
NUMBER = re.compile("[1-9][0-9]{0,5}")


def address_of(request: HttpRequest | Request) -> str:
    """Return all that an answer's own addresses are made of, and what it is asked for."""
    asked = request.META
    host, query = asked.get("HTTP_HOST"), asked.get("QUERY_STRING", "")
    return f"{request.scheme}://{host}{asked['PATH_INFO']}?{query}"


class CountlessPagination(BasePagination):
    """`?page=` from 1, `?page_size=` up to 100. One query a page: it reads one row too many, which
    tells whether there is a next page; a COUNT would read every row there is.
    """

    page_size = 20
    max_page_size = 100

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        """Return the rows of the page asked for, none beyond the end."""
        self.request = request
        self.page = self._number("page", default=1, most=MAX_PAGE)
        self.size = self._number("page_size", default=self.page_size, most=self.max_page_size)
        start = (self.page - 1) * self.size
        rows = list(queryset[start : start + self.size + 1])
        self.has_next = len(rows) > self.size
        return rows[: self.size]

    def _number(self, name: str, *, default: int, most: int) -> int:
        value = self.request.query_params.get(name, str(default))
        if NUMBER.fullmatch(value) and int(value) <= most:
            return int(value)
        raise ValidationError({name: [f"Write a whole number from 1 to {most}."]})

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with the addresses of its neighbours."""
        return Response(
            {
                "results": data,
                "next": self._address(self.page + 1) if self.has_next else None,
                "previous": self._address(self.page - 1) if self.page > 1 else None,
            }
        )

    def _address(self, page: int) -> str:
        here = self.request.build_absolute_uri()
        if page == 1:
            return remove_query_param(here, "page")
        return replace_query_param(here, "page", page)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page; OpenAPI 3.1 writes a null as a type, where DRF writes `nullable`."""
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": {**address, "example": "http://127.0.0.1:8000/api/v1/movies/?page=3"},
                "previous": {**address, "example": None},
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Describe the two query parameters."""
        return [
            _parameter("page", "Which page, from 1.", 1, MAX_PAGE),
            _parameter("page_size", "How many a page.", self.page_size, self.max_page_size),
        ]


def _parameter(name: str, description: str, default: int, most: int) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return {"name": name, "in": "query", "description": description, "schema": schema}
