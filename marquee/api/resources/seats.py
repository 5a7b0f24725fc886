"""The seats of a show: the whole seat map, the small part of it that changes, and blocks."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponseBase
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marquee.accounts.permissions import Right
from marquee.api.caching import CachedResponse, CachedResponseMixin, ResponseCache
from marquee.api.docs import seats as docs
from marquee.api.permissions import IsStaff, require
from marquee.api.resources.shows import cinema_of_show
from marquee.api.serializers.seats import (
    SeatsWriteSerializer,
    serialize_availability,
    serialize_seat_map,
)
from marquee.api.views import BaseAPIView
from marquee.booking import operations, queries, rules
from marquee.booking.queries import Availability
from marquee.catalog.models import Show
from marquee.catalog.queries import PlanData, get_plan
from marquee.catalog.seat_plan_text import normalise_label
from marquee.core.transactions import read_of_one_moment


class CachedSeatView(CachedResponseMixin, APIView):
    """The seats of a show, from a cached response as long as its version is the database's."""

    # A seat map takes 25 KB for 300 seats, and most requests ask for a few shows.
    cache = ResponseCache(max_bytes=32_000_000)
    authentication_classes = []
    permission_classes = [AllowAny]

    def serialize(self, availability: Availability) -> dict[str, Any]:
        """Return the body of a response."""
        raise NotImplementedError

    def cache_key(self, request: HttpRequest | Request) -> str:
        """Return the path: the response does not depend on the host."""
        return request.path

    def validate(self, cached: CachedResponse) -> CachedResponse | None:
        """Return the response if the show's seats are as they were when it was built."""
        version = queries.availability_version(self.kwargs["show_id"])
        return cached if version == cached.version else None

    def build(self) -> CachedResponse:
        """Return a response with the seats as they are now. Raises 404."""
        return read_of_one_moment(self._build)

    def _build(self) -> CachedResponse:
        now = _availability(self.kwargs["show_id"])
        label = f"{now.version.number}-{now.seat_plan_id}-"
        return CachedResponse.with_etag(now.version, orjson.dumps(self.serialize(now)), label)

    def cached_response(self, request: HttpRequest, **named: Any) -> HttpResponseBase | None:
        """Return the response, or 304. It needs DRF only to refuse a query. Raises 404."""
        if request.META.get("QUERY_STRING"):
            return None
        return super().cached_response(request, **named) or self.built_response(request)


class SeatMapView(CachedSeatView):
    """`shows/{id}/seats/`."""

    @docs.seat_map
    def get(self, request: Request, show_id: int) -> HttpResponseBase:
        """Return the seat map, or 304."""
        return self.built_response(request)

    def serialize(self, availability: Availability) -> dict[str, Any]:
        """Return every seat with its status, and the prices."""
        return serialize_seat_map(self.kwargs["show_id"], availability)


class AvailabilityView(CachedSeatView):
    """`shows/{id}/availability/`."""

    @docs.availability
    def get(self, request: Request, show_id: int) -> HttpResponseBase:
        """Return the labels of the taken seats, or 304."""
        return self.built_response(request)

    def serialize(self, availability: Availability) -> dict[str, Any]:
        """Return the labels of the taken seats."""
        return serialize_availability(availability)


class BlockSeatsView(BaseAPIView):
    """`shows/{id}/block/`."""

    permission_classes = [IsStaff]
    right = Right.MANAGE

    @docs.block
    def post(self, request: Request, show_id: int) -> Response:
        """Take seats off sale, and return the taken seats."""
        require(request, self.right, cinema_of_show(show_id))
        seat_plan = _seat_plan(show_id)
        show = Show(pk=show_id, seat_plan_id=seat_plan.id)
        operations.block(show=show, seats=_requested_seats(request, seat_plan))
        return _taken_seats(show_id)


class UnblockSeatsView(BaseAPIView):
    """`shows/{id}/unblock/`."""

    permission_classes = [IsStaff]
    right = Right.MANAGE

    @docs.unblock
    def post(self, request: Request, show_id: int) -> Response:
        """Put blocked seats back on sale, and return the taken seats."""
        require(request, self.right, cinema_of_show(show_id))
        seat_plan = _seat_plan(show_id)
        show = Show(pk=show_id, seat_plan_id=seat_plan.id)
        operations.unblock(show=show, seats=_requested_seats(request, seat_plan))
        return _taken_seats(show_id)


def _availability(show_id: int) -> Availability:
    """Return which seats of a show are taken. Raises 404."""
    try:
        return queries.get_availability(show_id)
    except Show.DoesNotExist:
        raise NotFound from None


def _seat_plan(show_id: int) -> PlanData:
    """Return the seat plan of a show. Raises 404."""
    return read_of_one_moment(lambda: get_plan(_availability(show_id).seat_plan_id))


def _taken_seats(show_id: int) -> Response:
    """Return a response with the taken seats of a show. Raises 404."""
    return Response(read_of_one_moment(lambda: serialize_availability(_availability(show_id))))


def _requested_seats(request: Request, seat_plan: PlanData) -> set[int]:
    """Return the ids of the seats in the request body. Raises 400, or UnknownSeat."""
    serializer = SeatsWriteSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    labels = map(normalise_label, serializer.validated_data["seats"])
    return {seat.id for seat in rules.find_seats(seat_plan, labels)}
