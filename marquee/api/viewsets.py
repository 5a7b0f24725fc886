"""What the resources of the catalogue have in common: anybody reads them, staff writes them."""

from typing import Any, TypeVar

import orjson
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from marquee.api.filters import FilterSet
from marquee.api.json import conditional
from marquee.api.pagination import address_of
from marquee.api.views import CachedResponseMixin
from marquee.catalog import queries
from marquee.core.cache import CachedResponse, ResponseCache

Row = TypeVar("Row", bound=Model)

_shelf: ResponseCache[int | None] = ResponseCache(max_bytes=16_000_000)


class CatalogueViewSet(CachedResponseMixin, GenericViewSet[Row]):
    """A resource of the catalogue. Subclasses say how a row looks, and which operations change it."""

    lookup_value_converter = "key"
    basename: str
    filterset_class: type[FilterSet] = FilterSet
    reads_are_public = True

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Ask readers for nothing, so that a stale token keeps nobody from reading."""
        reading = self.request is not None and self.request.method in SAFE_METHODS
        if reading and self.reads_are_public:
            return []
        return super().get_authenticators()

    def body(self, *, partial: bool = False) -> dict[str, Any]:
        """Return the fields of the body; a partial one need not have all. Raises 400."""
        shape = self.get_serializer(data=self.request.data, partial=partial)
        shape.is_valid(raise_exception=True)
        fields: dict[str, Any] = shape.validated_data
        return fields

    def answers(self, rows: list[Row]) -> list[Any]:
        """Return rows as callers see them."""
        raise NotImplementedError

    def at_hand(self, request: HttpRequest, **named: Any) -> HttpResponseBase | None:
        """Answer with the page that is kept ready, or with 304, if the catalogue is as it was then."""
        ready = _shelf.get(address_of(request))  # only what `may_be_kept` is there
        if ready is None or ready.mark != queries.current_revision():
            return None
        return conditional(request, ready)

    def page(self) -> HttpResponseBase:
        """Answer with the page of the list that is asked for, or with 304, and keep it ready."""
        if not self.may_be_kept():
            return self._page()
        revision = (
            queries.current_revision()
        )  # first: what is read after it may be newer, never older
        ready = CachedResponse.made(revision, orjson.dumps(self._page().data))
        return conditional(self.request, _shelf.put(address_of(self.request), ready))

    def may_be_kept(self) -> bool:
        """Say whether the page asked for only changes with the catalogue, and anybody may see it."""
        follows_the_clock = self.filterset_class.follows_the_clock(self.request.query_params)
        return self.reads_are_public and not follows_the_clock

    def _page(self) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.answers(list(rows or [])))

    def one(self, row: Row) -> Response:
        """Answer with one row."""
        return Response(self.answers([row])[0])

    def created(self, row: Row) -> Response:
        """Answer with a new row, and its address."""
        address = reverse(f"{self.basename}-detail", [row.pk], request=self.request)
        body = self.answers([row])[0]
        return Response(body, status.HTTP_201_CREATED, headers={"Location": address})


def gone() -> Response:
    """Answer that it is removed."""
    return Response(status=status.HTTP_204_NO_CONTENT)
