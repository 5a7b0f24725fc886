"""The base of the catalog's resources: list, retrieve, create, update and destroy."""

import builtins
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import orjson
from django.db.models import Model
from django.http import HttpResponseBase
from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from marquee.accounts.permissions import Right, Where
from marquee.api.caching import CachedResponse, CachedResponseMixin, ResponseCache
from marquee.api.conditional import run_if_match
from marquee.api.filters import FilterSet
from marquee.api.permissions import require, where_of
from marquee.catalog import operations, queries

Row = TypeVar("Row", bound=Model)


class CatalogViewSet(CachedResponseMixin, GenericViewSet[Row]):
    """A resource of the catalog: anybody reads it, staff write it.

    Subclasses name the operations (`add_row`, `change_row`, `delete_row`), serialize the rows, and say
    which cinemas a change concerns.
    """

    cache = ResponseCache(max_bytes=16_000_000)
    lookup_value_converter = "id"
    basename: str
    filterset_class: type[FilterSet] = FilterSet
    reads_are_public = True
    etag_actions = frozenset({"retrieve", "create", "update", "partial_update"})
    if_match_actions = frozenset({"update", "partial_update", "destroy"})
    right = Right.MANAGE
    # The actions that need the role elsewhere than at the cinemas of the row.
    where: Mapping[str, Where] = {}

    def cinemas_of_row(self, row: Row) -> Collection[int | None]:
        """Return the cinemas that a row belongs to; None stands for all."""
        return [None]

    def cinemas_of_fields(self, fields: Mapping[str, Any]) -> Collection[int | None]:
        """Return the cinemas that the values of a row, new or changed, name; None stands for all."""
        return [None]

    def serialize_many(self, rows: Sequence[Row]) -> Sequence[Any]:
        """Return rows as API clients see them, without those that were removed since they were read."""
        raise NotImplementedError

    def add_row(self, **fields: Any) -> Row:
        """Create a row by the catalog's operation."""
        raise NotImplementedError

    def change_row(self, row: Row, **fields: Any) -> Row:
        """Change a row by the catalog's operation."""
        raise NotImplementedError

    def delete_row(self, row: Row) -> None:
        """Delete a row by the catalog's operation."""
        raise NotImplementedError

    def list(self, request: Request) -> HttpResponseBase:
        """Return a page of rows."""
        return self.built_response(request) if self.is_cacheable() else self._page()

    def retrieve(self, request: Request, pk: int) -> HttpResponseBase:
        """Return one row."""
        return self.representation(self.get_object()).respond(request)

    def create(self, request: Request) -> HttpResponseBase:
        """Create a row, and return it with its URL."""
        fields = self.validated_data()
        self._require(self.cinemas_of_fields(fields))
        row = self.add_row(**fields)
        url = reverse(f"{self.basename}-detail", [row.pk], request=request)
        return self.written_response(row, status.HTTP_201_CREATED, {"Location": url})

    def update(self, request: Request, pk: int) -> HttpResponseBase:
        """Replace a row, and return it. Fields left out get their defaults."""
        return self._update(partial=False)

    def partial_update(self, request: Request, pk: int) -> HttpResponseBase:
        """Change a row, and return it. Fields left out keep their values."""
        return self._update(partial=True)

    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a row."""
        row = self._own_row()
        self._if_match(row, lambda: self.delete_row(row))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _update(self, *, partial: bool) -> HttpResponseBase:
        row = self._own_row()  # first: an unknown id is a 404, whatever the body
        fields = self.validated_data(partial=partial)
        self._require(self.cinemas_of_fields(fields))
        return self.written_response(self._if_match(row, lambda: self.change_row(row, **fields)))

    def _own_row(self) -> Row:
        """Return the row that the URL names. Raises 404, or 403 for one of another cinema."""
        row = self.get_object()
        self._require(self.cinemas_of_row(row))
        return row

    def _require(self, cinema_ids: Collection[int | None]) -> None:
        """Check the right at these cinemas, or at all if the action needs it there. Raises 403."""
        everywhere = where_of(self) is Where.ALL
        require(self.request, self.right, *([None] if everywhere else cinema_ids))

    def _if_match(self, row: Row, change: Callable[[], Any]) -> Any:
        """Run a change of a row as it is. Refuses with PreconditionFailed if `If-Match` says so."""

        def etag() -> str | None:
            now = self.get_queryset().filter(pk=row.pk).first()
            return None if now is None else self.representation(now).etag

        return run_if_match(self.request, etag=etag, change=change, guard=operations.if_unchanged)

    def validated_data(self, *, partial: bool = False) -> dict[str, Any]:
        """Return the fields of the request body; a partial one may leave some out. Raises 400."""
        serializer = self.get_serializer(data=self.request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        return fields

    def representation(self, row: Row) -> CachedResponse:
        """Return one row as JSON, with its ETag. It is not cached. Raises 404 if it was removed by now."""
        found = self.serialize_many([row])
        if not found:
            raise NotFound
        body = orjson.dumps(found[0])
        if self.reads_are_public:
            return CachedResponse.with_etag(None, body)
        return CachedResponse.private(body)

    def written_response(
        self, row: Row, code: int = status.HTTP_200_OK, headers: Mapping[str, str] | None = None
    ) -> HttpResponseBase:
        """Return the response to a change, with the row."""
        return self.representation(row).written(code, headers or {})

    def get_authenticators(self) -> builtins.list[BaseAuthentication]:
        """Return none for public reads, so that an expired token does not prevent reading."""
        is_read = self.request is not None and self.request.method in SAFE_METHODS
        if is_read and self.reads_are_public:
            return []
        return super().get_authenticators()

    def validate(self, cached: Any) -> CachedResponse | None:
        """Return the page if the catalog has not changed since it was built."""
        return cached if cached.version == queries.current_revision() else None

    def build(self) -> CachedResponse:
        """Return the requested page."""
        revision = queries.current_revision()  # first: what we read after it is never older
        return CachedResponse.with_etag(revision, orjson.dumps(self._page().data))

    def is_cacheable(self) -> bool:
        """Return whether the page is public and changes only with the catalog."""
        is_time_dependent = self.filterset_class.is_time_dependent(self.request.query_params)
        return self.reads_are_public and not is_time_dependent

    def _page(self) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.serialize_many(rows or []))
