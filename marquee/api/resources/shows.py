"""`shows/`: when and where a movie is shown, with seats left and prices."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import orjson
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from marquee.accounts.permissions import Right
from marquee.api import actors
from marquee.api.caching import CachedResponse
from marquee.api.conditional import run_if_match
from marquee.api.docs import shows as docs
from marquee.api.permissions import IsStaff, require
from marquee.api.resources.show_lists import CachedShowListMixin, ShowFilter, UpcomingShowFilter
from marquee.api.serializers.shows import (
    CallOffSerializer,
    ShowChangeSerializer,
    ShowWriteSerializer,
    show_fragments,
)
from marquee.api.serializers.strict import require_empty_body
from marquee.api.views import BaseAPIView
from marquee.api.viewsets import CatalogViewSet
from marquee.booking.operations import call_off, move_show, take_newest_plan
from marquee.booking.queries import get_show_list_item, seats_left
from marquee.catalog import operations
from marquee.catalog.models import Movie, Show
from marquee.core.transactions import read_of_one_moment


@docs.viewset
class ShowViewSet(CachedShowListMixin, CatalogViewSet[Show]):
    """`shows/`."""

    queryset = Show.objects.only("pk")
    serializer_class = ShowWriteSerializer
    filterset_class = ShowFilter

    def get_serializer_class(self) -> type[ShowWriteSerializer]:
        """Return the serializer of a new show, or of a change, which may concern bookings."""
        is_change = self.action in {"update", "partial_update"}
        return ShowChangeSerializer if is_change else ShowWriteSerializer

    def cached_response(self, request: HttpRequest, **named: Any) -> HttpResponseBase | None:
        """Return a show, or the cached page. Raises 404."""
        if not named:
            return super().cached_response(request)
        # A query has only unknown parameters: DRF runs the view, which refuses them.
        return None if request.META.get("QUERY_STRING") else _show_response(named["pk"], request)

    def list(self, request: Request) -> HttpResponseBase:
        """Return a page of shows."""
        return self.built_response(request)

    def retrieve(self, request: Request, pk: int) -> HttpResponseBase:
        """Return one show."""
        return _show_response(pk, request)

    def representation(self, row: Show) -> CachedResponse:
        """Return a show as JSON, with its ETag. Raises 404."""
        return _representation(row.pk, self.request)

    def cinemas_of_row(self, row: Show) -> Collection[int | None]:
        """Return the cinema of a show."""
        return [cinema_of_show(row.pk)]

    def cinemas_of_fields(self, fields: Mapping[str, Any]) -> Collection[int | None]:
        """Return none: the serializer has checked the cinema of the auditorium."""
        return []

    def add_row(self, **fields: Any) -> Show:
        """Schedule a show."""
        return operations.add_show(**fields)

    def change_row(self, row: Show, **fields: Any) -> Show:
        """Change a show, together with its bookings."""
        return move_show(show=row, actor=actors.staff(self.request), **fields)

    def delete_row(self, row: Show) -> None:
        """Delete a show."""
        operations.delete_show(show=row)


class CallOffShowView(BaseAPIView):
    """`shows/{id}/call-off/`."""

    permission_classes = [IsStaff]
    right = Right.MANAGE
    etag_actions = if_match_actions = frozenset({"post"})

    @docs.call_off
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Call a show off, and return it."""
        require(request, self.right, cinema_of_show(pk))
        serializer = CallOffSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        actor, reason = actors.staff(request), serializer.validated_data["reason"]
        run_if_match(
            request,
            etag=lambda: _representation(pk, request).etag,
            change=lambda: call_off(show=Show(pk=pk), actor=actor, reason=reason),
            guard=operations.if_unchanged,
        )
        return _representation(pk, request).written(status.HTTP_200_OK, {})


class NewPlanView(BaseAPIView):
    """`shows/{id}/new-plan/`."""

    permission_classes = [IsStaff]
    right = Right.MANAGE
    etag_actions = if_match_actions = frozenset({"post"})

    @docs.new_plan
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Give a show the newest seat plan of its auditorium, and return it."""
        require(request, self.right, cinema_of_show(pk))
        require_empty_body(request.data)
        run_if_match(
            request,
            etag=lambda: _representation(pk, request).etag,
            change=lambda: take_newest_plan(show=Show(pk=pk)),
            guard=operations.if_unchanged,
        )
        return _representation(pk, request).written(status.HTTP_200_OK, {})


class ShowsOfMovieView(CachedShowListMixin):
    """`movies/{id}/shows/`."""

    authentication_classes = []
    queryset = Show.objects.only("pk")
    filterset_class = UpcomingShowFilter

    def shows(self) -> QuerySet[Show]:
        """Return the shows of the movie. Raises 404."""
        movie = self.kwargs["pk"]
        if not Movie.objects.filter(pk=movie).exists():
            raise NotFound
        return super().shows().filter(movie=movie)

    @docs.shows_of_movie
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Return a page of the movie's shows."""
        return self.built_response(request)


def cinema_of_show(show_id: int) -> int:
    """Return the cinema of a show. Raises 404."""
    found = Show.objects.filter(pk=show_id).values_list("auditorium__cinema", flat=True).first()
    if found is None:
        raise NotFound
    return found


def _show_response(pk: int, request: HttpRequest | Request) -> HttpResponseBase:
    """Return a response with one show. Raises 404."""
    return _representation(pk, request).respond(request)


def _representation(pk: int, request: HttpRequest | Request) -> CachedResponse:
    """Read a show, and return it as JSON with its ETag. Raises 404."""
    return read_of_one_moment(partial(_read_representation, pk, request))


def _read_representation(pk: int, request: HttpRequest | Request) -> CachedResponse:
    found = get_show_list_item(pk)
    if found is None:
        raise NotFound
    show, version = found
    left = seats_left({pk: (show.record.seat_plan_id, version)})[pk]
    fragments = show_fragments(show, f"{request.scheme}://{request.get_host()}")
    body = orjson.dumps(fragments.with_seats(left, timezone.now()))
    return CachedResponse.with_etag(None, body, f"{fragments.digest}.")
