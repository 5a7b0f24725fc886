"""The seats of a show: the whole seat map, the small part of it that changes, and blocks."""

from typing import Any, cast

import orjson
from django.http import HttpRequest, HttpResponseBase
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.api.docs import seats as docs
from marquee.api.permissions import IsStaff
from marquee.api.responses import conditional_response
from marquee.api.serializers.seats import (
    SeatsWriteSerializer,
    serialize_availability,
    serialize_seat_map,
)
from marquee.api.views import BaseAPIView
from marquee.booking import operations, queries, rules
from marquee.booking.queries import Availability, AvailabilityVersion
from marquee.catalog.models import Show
from marquee.catalog.queries import PlanData, get_plan
from marquee.core.cache import CachedResponse, ResponseCache

# A seat map takes 25 KB for 300 seats, and most requests ask for a few shows.
_seat_cache: ResponseCache[AvailabilityVersion] = ResponseCache(max_bytes=32_000_000)


class CachedSeatView(BaseAPIView):
    """The seats of a show, from a cached response for as long as the database has its version."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def serialize(self, show_id: int, now: Availability) -> dict[str, Any]:
        """Return the body of a response."""
        raise NotImplementedError

    def cached_response(self, request: HttpRequest | Request, show_id: int) -> HttpResponseBase:  # type: ignore[override]
        """Return the response, or 304. Each request asks the database for the version. Raises 404."""
        key = f"{type(self).__name__} {show_id}"
        cached = _seat_cache.get(key)
        try:
            now = queries.availability_if_changed(show_id, cached and cached.version)
        except Show.DoesNotExist:
            raise NotFound from None
        if now is not None:
            body = orjson.dumps(self.serialize(show_id, now))
            version = f"{now.mark.version}-{now.seat_plan_id}"
            cached = _seat_cache.put(key, CachedResponse.build(now.mark, body, version))
        return conditional_response(request, cast("CachedResponse[AvailabilityVersion]", cached))


class SeatMapView(CachedSeatView):
    """`shows/{id}/seats/`."""

    @docs.seat_map
    def get(self, request: Request, show_id: int) -> HttpResponseBase:
        """Return the seat map, or 304."""
        return self.cached_response(request, show_id)

    def serialize(self, show_id: int, now: Availability) -> dict[str, Any]:
        """Return every seat with its status, and the prices."""
        return serialize_seat_map(show_id, now)


class AvailabilityView(CachedSeatView):
    """`shows/{id}/availability/`."""

    @docs.availability
    def get(self, request: Request, show_id: int) -> HttpResponseBase:
        """Return the labels of the taken seats, or 304."""
        return self.cached_response(request, show_id)

    def serialize(self, show_id: int, now: Availability) -> dict[str, Any]:
        """Return the labels of the taken seats."""
        return serialize_availability(now)


class BlockSeatsView(BaseAPIView):
    """`shows/{id}/block/`."""

    permission_classes = [IsStaff]

    @docs.block
    def post(self, request: Request, show_id: int) -> Response:
        """Take seats off sale, and return the taken seats."""
        seat_plan = get_plan(_availability(show_id).seat_plan_id)
        show = Show(pk=show_id, seat_plan_id=seat_plan.id)
        operations.block(show=show, seats=_requested_seats(request, seat_plan))
        return Response(serialize_availability(_availability(show_id)))


class UnblockSeatsView(BaseAPIView):
    """`shows/{id}/unblock/`."""

    permission_classes = [IsStaff]

    @docs.unblock
    def post(self, request: Request, show_id: int) -> Response:
        """Put blocked seats back on sale, and return the taken seats."""
        seat_plan = get_plan(_availability(show_id).seat_plan_id)
        show = Show(pk=show_id, seat_plan_id=seat_plan.id)
        operations.unblock(show=show, seats=_requested_seats(request, seat_plan))
        return Response(serialize_availability(_availability(show_id)))


def _availability(show_id: int) -> Availability:
    """Return which seats of a show are taken. Raises 404."""
    try:
        return queries.get_availability(show_id)
    except Show.DoesNotExist:
        raise NotFound from None


def _requested_seats(request: Request, seat_plan: PlanData) -> set[int]:
    """Return the ids of the seats in the request body. Raises 400, or UnknownSeat."""
    serializer = SeatsWriteSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    labels = map(str.upper, serializer.validated_data["seats"])
    return {seat.id for seat in rules.places_named(seat_plan, labels)}
