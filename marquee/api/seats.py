"""Seats of a show: the whole map, and the small part of it that changes by the second."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.api.auth import IsStaff
from marquee.api.json import conditional
from marquee.api.schema import IF_NONE_MATCH, NOT_MODIFIED, refuses
from marquee.api.serializers import ListField, MoneyShape, Shape, money
from marquee.api.views import View
from marquee.booking import errors, operations, queries, rules
from marquee.booking.models import SeatClaim
from marquee.booking.queries import Availability, AvailabilityVersion
from marquee.catalog.errors import RemovedMeanwhile
from marquee.catalog.models import SeatCategory, SeatKind, Show
from marquee.catalog.queries import PlanData, PlanSeat, PriceTable, Terms, get_plan, get_prices
from marquee.core.cache import CachedResponse, ResponseCache, cache_forever

FREE = SeatClaim.State.FREE


class CategoryShape(Shape):
    """A group of seats with prices of their own."""

    id = serializers.ChoiceField(SeatCategory.choices)
    name = serializers.CharField()


class SeatShape(Shape):
    """One place: where it stands, what it is, and who may have it now."""

    label = serializers.CharField()  # type: ignore[assignment]  # Field has one of its own
    x = serializers.IntegerField(help_text="Position in the row from the left, gaps counted.")
    y = serializers.IntegerField(help_text="The row, counted from the screen.")
    category = serializers.ChoiceField(SeatCategory.choices)
    kind = serializers.ChoiceField(SeatKind.choices)
    status = serializers.ChoiceField(SeatClaim.State.choices)


class RowShape(Shape):
    """One row, from the left; the first row is nearest to the screen."""

    label = serializers.CharField()  # type: ignore[assignment]  # Field has one of its own
    seats = SeatShape(many=True)


class NeedsShape(Shape):
    """A ticket that has to be in the same booking: in a seat of this kind, or of this type."""

    kind = serializers.ChoiceField(SeatKind.choices, allow_null=True)
    type = serializers.CharField(allow_null=True)


class SeatPriceShape(Shape):
    """What a ticket of a type costs on a seat of a category."""

    category = serializers.ChoiceField(SeatCategory.choices)
    type = serializers.CharField()
    price = MoneyShape()
    needs = NeedsShape(
        required=False,
        help_text="The ticket that each of these needs beside it. Left out: none.",
    )


class SeatMapShape(Shape):
    """The whole seat map of a show."""

    show = serializers.IntegerField()
    version = serializers.IntegerField(help_text="Goes up with every change of a seat.")
    left = serializers.IntegerField()
    categories = CategoryShape(many=True)
    rows = RowShape(many=True)
    prices = SeatPriceShape(many=True)


class AvailabilityShape(Shape):
    """The seats that cannot be booked now."""

    version = serializers.IntegerField(help_text="Goes up with every change of a seat.")
    left = serializers.IntegerField()
    taken = serializers.ListField(child=serializers.CharField(), help_text="Their labels.")


PRICES_EXAMPLE = [
    {
        "category": "standard",
        "type": "adult",
        "price": {"amount": "12.50", "currency": "EUR"},
    }
]
MAP_EXAMPLE = OpenApiExample(
    "A very small auditorium",
    response_only=True,
    value={
        "show": 7,
        "version": 4,
        "left": 2,
        "categories": [{"id": "standard", "name": "Standard"}],
        "rows": [
            {
                "label": "A",
                "seats": [
                    {"label": f"A{x}", "x": x, "y": 1, "category": "standard", "kind": "standard",
                     "status": "sold" if x == 2 else "free"}
                    for x in (1, 2, 3)
                ],
            }
        ],
        "prices": PRICES_EXAMPLE,
    },
)  # fmt: skip
AVAILABILITY_EXAMPLE = OpenApiExample(
    "One seat taken", response_only=True, value={"version": 4, "left": 2, "taken": ["A2"]}
)


def serialize_prices(card: PriceTable, categories: Collection[str]) -> list[dict[str, Any]]:
    """Return a price card's lines for these seat categories, without those for the counter."""
    return [
        {"category": category, "type": type_, "price": money(amount, card.currency)}
        | _needs(card.terms.get((category, type_)))
        for (category, type_), amount in card.amounts.items()
        if category in categories and card.sells(category, type_)
    ]


def _needs(terms: Terms | None) -> dict[str, Any]:
    if terms is None:
        return {}
    return {"needs": {"kind": terms.needs_kind or None, "type": terms.needs_type}}


def find_availability(show_id: int) -> Availability:
    """Return which seats of a show are not free now. Raises 404."""
    try:
        return queries.get_availability(show_id)
    except Show.DoesNotExist:
        raise NotFound from None


# Seat maps are 25 KB for 300 seats, and more is read of few shows than of all others.
_shelf: ResponseCache[AvailabilityVersion] = ResponseCache(max_bytes=32_000_000)


class CachedSeatView(View):
    """The seats of a show, as they are now, from an answer kept ready for as long as it holds."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def body(self, show_id: int, now: Availability) -> dict[str, Any]:
        """Return what there is to tell of an availability."""
        raise NotImplementedError

    def at_hand(self, request: HttpRequest | Request, show_id: int) -> HttpResponseBase:  # type: ignore[override]
        """Answer with it, or with 304. The database is asked each time, so nobody is told what was. Raises 404."""
        name = f"{type(self).__name__} {show_id}"
        ready = _shelf.get(name)
        try:
            now = queries.availability_if_changed(show_id, ready and ready.mark)
        except Show.DoesNotExist:
            raise NotFound from None
        if now is not None:
            body = orjson.dumps(self.body(show_id, now))
            version = f"{now.mark.version}-{now.seat_plan_id}"
            ready = _shelf.put(name, CachedResponse.made(now.mark, body, version))
        return conditional(request, cast("CachedResponse[AvailabilityVersion]", ready))


class SeatMap(CachedSeatView):
    """The whole seat map."""

    @extend_schema(
        operation_id="show_seats",
        tags=["seats"],
        summary="Read the seat map of a show",
        description=(
            "Every seat of the auditorium, row by row from the screen, with its category and "
            "whether it is free now, and the prices. To follow what changes, read the much "
            "smaller `availability/` again and again instead."
        ),
        parameters=[IF_NONE_MATCH],
        responses={200: SeatMapShape, 304: NOT_MODIFIED},
        examples=[MAP_EXAMPLE],
    )
    def get(self, request: Request, show_id: int) -> HttpResponseBase:
        """Answer with the map, or with 304."""
        return self.at_hand(request, show_id)

    def body(self, show_id: int, now: Availability) -> dict[str, Any]:
        """Return every seat, and what each costs."""
        drawn = _drawn(now.seat_plan_id)
        return {
            "show": show_id,
            "version": now.mark.version,
            "left": len(drawn.position) - len(now.states),
            "categories": drawn.categories,
            "rows": drawn.rows(now.states),
            "prices": _prices(now.price_card_id, now.card_version, now.seat_plan_id),
        }


class AvailabilityView(CachedSeatView):
    """The live part of the seat map."""

    @extend_schema(
        operation_id="show_availability",
        tags=["seats"],
        summary="Read which seats are taken",
        description="The small part of the seat map that changes: ask for it every few seconds.",
        parameters=[IF_NONE_MATCH],
        responses={200: AvailabilityShape, 304: NOT_MODIFIED},
        examples=[AVAILABILITY_EXAMPLE],
    )
    def get(self, request: Request, show_id: int) -> HttpResponseBase:
        """Answer with the labels of the taken seats, or with 304."""
        return self.at_hand(request, show_id)

    def body(self, show_id: int, now: Availability) -> dict[str, Any]:
        """Return the seats that are not free."""
        return _availability_answer(now)


def _availability_answer(now: Availability) -> dict[str, Any]:
    room = get_plan(now.seat_plan_id)
    return {
        "version": now.mark.version,
        "left": len(room.places) - len(now.states),
        # Keys ascend from the screen back, each row from the left.
        "taken": [room.by_id[seat].label for seat in sorted(now.states)],
    }


@dataclass(frozen=True, slots=True)
class SeatMapTemplate:
    """The rows of a plan as JSON, cut at the status of each seat: all else never changes."""

    categories: orjson.Fragment
    pieces: list[str]  # in turn: up to a status, the status
    position: dict[int, int]  # of a seat's status among the pieces

    def rows(self, states: Mapping[int, str]) -> orjson.Fragment:
        """Return the rows with these states of seats; the others are free."""
        pieces = self.pieces.copy()
        for seat, state in states.items():
            pieces[self.position[seat]] = state
        return orjson.Fragment("".join(pieces))


@cache_forever
def _drawn(plan_id: int) -> SeatMapTemplate:
    room = get_plan(plan_id)
    rows = [
        {"label": row[0].row, "seats": [_seat_answer(place) for place in row]} for row in room.rows
    ]
    cut = re.split(f'(?<={STATUS})()(?=")', orjson.dumps(rows).decode())
    pieces = [piece or FREE.value for piece in cut]
    categories = [
        {"id": one.value, "name": one.label} for one in SeatCategory if one in room.categories
    ]
    return SeatMapTemplate(
        orjson.Fragment(orjson.dumps(categories)),
        pieces,
        {place.id: 2 * index + 1 for index, place in enumerate(room.places)},
    )


STATUS = '"status":"'


def _seat_answer(place: PlanSeat) -> dict[str, Any]:
    return {
        "label": place.label,
        "x": place.x,
        "y": place.y,
        "category": place.category,
        "kind": place.kind,
        "status": "",  # to be filled in
    }


@cache_forever
def _prices(card_id: int, version: int, plan_id: int) -> orjson.Fragment:
    lines = serialize_prices(get_prices(card_id, version), get_plan(plan_id).categories)
    return orjson.Fragment(orjson.dumps(lines))


class SeatsShape(Shape):
    """Some seats, by their labels."""

    seats = ListField(
        child=serializers.CharField(max_length=12), allow_empty=False, max_length=1000
    )


SEATS_EXAMPLE = OpenApiExample("Two seats", {"seats": ["A1", "A2"]}, request_only=True)


class BlockSeats(View):
    """Takes seats off sale."""

    permission_classes = [IsStaff]

    @extend_schema(
        operation_id="show_block",
        tags=["seats"],
        summary="Take seats off sale",
        description="Blocks free seats, all or none: house seats, broken seats. For staff.",
        request=SeatsShape,
        responses=AvailabilityShape,
        examples=[SEATS_EXAMPLE, AVAILABILITY_EXAMPLE],
    )
    @refuses(errors.SeatsTaken, errors.UnknownSeat, RemovedMeanwhile)
    def post(self, request: Request, show_id: int) -> Response:
        """Block, and answer with the seats taken now."""
        room = get_plan(find_availability(show_id).seat_plan_id)
        operations.block(show=Show(pk=show_id, seat_plan_id=room.id), seats=_seats(request, room))
        return Response(_availability_answer(find_availability(show_id)))


class UnblockSeats(View):
    """Puts blocked seats back on sale."""

    permission_classes = [IsStaff]

    @extend_schema(
        operation_id="show_unblock",
        tags=["seats"],
        summary="Put blocked seats back on sale",
        description="Seats that are not blocked stay as they are. For staff.",
        request=SeatsShape,
        responses=AvailabilityShape,
        examples=[SEATS_EXAMPLE, AVAILABILITY_EXAMPLE],
    )
    @refuses(errors.UnknownSeat, RemovedMeanwhile)
    def post(self, request: Request, show_id: int) -> Response:
        """Unblock, and answer with the seats taken now."""
        room = get_plan(find_availability(show_id).seat_plan_id)
        operations.unblock(show=Show(pk=show_id, seat_plan_id=room.id), seats=_seats(request, room))
        return Response(_availability_answer(find_availability(show_id)))


def _seats(request: Request, room: PlanData) -> set[int]:
    asked = SeatsShape(data=request.data)
    asked.is_valid(raise_exception=True)
    return {
        place.id
        for place in rules.places_named(room, map(str.upper, asked.validated_data["seats"]))
    }
