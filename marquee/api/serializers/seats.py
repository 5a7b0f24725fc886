"""Seat maps, availability and prices as JSON."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from rest_framework import serializers

from marquee.api.serializers.money import MoneySerializer, serialize_money
from marquee.api.serializers.strict import ListField, StrictSerializer
from marquee.booking.models import SeatClaim
from marquee.booking.queries import Availability
from marquee.catalog.queries import PlanSeat, PriceTable, Terms, get_plan, get_prices
from marquee.catalog.states import SeatCategory, SeatKind, ShowState
from marquee.core.cache import cache_forever

FREE = SeatClaim.State.FREE
STATUS_KEY = '"status":"'


class CategorySerializer(StrictSerializer):
    """A group of seats with their own prices."""

    id = serializers.ChoiceField(SeatCategory.choices)
    name = serializers.CharField()


class SeatSerializer(StrictSerializer):
    """A seat: its position, its kind and its current status."""

    label = serializers.CharField()  # type: ignore[assignment]  # Field has one of its own
    x = serializers.IntegerField(help_text="The position in the row from the left; gaps count.")
    y = serializers.IntegerField(help_text="The row, counted from the screen.")
    category = serializers.ChoiceField(SeatCategory.choices)
    kind = serializers.ChoiceField(SeatKind.choices)
    status = serializers.ChoiceField(SeatClaim.State.choices)


class RowSerializer(StrictSerializer):
    """A row of seats from the left. The first row is nearest to the screen."""

    label = serializers.CharField()  # type: ignore[assignment]  # Field has one of its own
    seats = SeatSerializer(many=True)


class NeedsSerializer(StrictSerializer):
    """A ticket that must be in the same booking: for a seat of this kind, or of this type."""

    kind = serializers.ChoiceField(SeatKind.choices, allow_null=True)
    type = serializers.CharField(allow_null=True)


class SeatPriceSerializer(StrictSerializer):
    """The price of a ticket type for a seat category."""

    category = serializers.ChoiceField(SeatCategory.choices)
    type = serializers.CharField()
    price = MoneySerializer()
    needs = NeedsSerializer(
        required=False,
        help_text="The ticket that each ticket of this price requires in the same booking. Left out: none.",
    )


class SeatMapSerializer(StrictSerializer):
    """The whole seat map of a show."""

    show = serializers.IntegerField()
    version = serializers.IntegerField(help_text="Increases with every change of a seat.")
    left = serializers.IntegerField()
    categories = CategorySerializer(many=True)
    rows = RowSerializer(many=True)
    prices = SeatPriceSerializer(many=True)


class AvailabilitySerializer(StrictSerializer):
    """The seats that cannot be booked now, and what of the show can change meanwhile."""

    version = serializers.IntegerField(help_text="Increases with every change of a seat.")
    left = serializers.IntegerField()
    taken = serializers.ListField(
        child=serializers.CharField(), help_text="The labels of the taken seats."
    )
    state = serializers.ChoiceField(choices=ShowState.choices, help_text="Of the show.")
    starts_at = serializers.DateTimeField(help_text="Of the show, in UTC.")
    sales_until = serializers.DateTimeField(help_text="Of the show, in UTC.")
    seat_plan = serializers.IntegerField(
        help_text="When this changes, so have the seats themselves: read the seat map again."
    )


class SeatsWriteSerializer(StrictSerializer):
    """Seats by their labels."""

    seats = ListField(
        child=serializers.CharField(max_length=12), allow_empty=False, max_length=1000
    )


def serialize_prices(card: PriceTable, categories: Collection[str]) -> list[dict[str, Any]]:
    """Return a price card's lines for these seat categories, without those sold at the counter only."""
    return [
        {"category": category, "type": type_, "price": serialize_money(amount, card.currency)}
        | _serialize_needs(card.terms.get((category, type_)))
        for (category, type_), amount in card.amounts.items()
        if category in categories and card.sells(category, type_)
    ]


def _serialize_needs(terms: Terms | None) -> dict[str, Any]:
    if terms is None:
        return {}
    return {"needs": {"kind": terms.needs_kind or None, "type": terms.needs_type}}


def serialize_seat_map(show_id: int, now: Availability) -> dict[str, Any]:
    """Return every seat of a show with its status, and the prices."""
    drawn = _seat_map_template(now.seat_plan_id)
    return {
        "show": show_id,
        "version": now.version.number,
        "left": len(drawn.position) - len(now.states),
        "categories": drawn.categories,
        "rows": drawn.rows(now.states),
        "prices": _price_lines(now.price_card_id, now.card_version, now.seat_plan_id),
    }


def serialize_availability(now: Availability) -> dict[str, Any]:
    """Return the labels of the taken seats, how many are left, and whether the show stays as it was."""
    seat_plan = get_plan(now.seat_plan_id)
    return {
        "version": now.version.number,
        "left": len(seat_plan.seats) - len(now.states),
        # Ids ascend from the screen back, and in each row from the left.
        "taken": [seat_plan.by_id[seat_id].label for seat_id in sorted(now.states)],
        **now.show_facts,
    }


@dataclass(frozen=True, slots=True)
class SeatMapTemplate:
    """The rows of a plan as JSON, split at the status of each seat, the only part that changes."""

    categories: orjson.Fragment
    pieces: list[str]  # alternately: the JSON up to a status, and the status
    position: dict[int, int]  # the index of a seat's status in `pieces`

    def rows(self, states: Mapping[int, str]) -> orjson.Fragment:
        """Return the rows as JSON with these states; all other seats are free."""
        pieces = self.pieces.copy()
        for seat_id, state in states.items():
            pieces[self.position[seat_id]] = state
        return orjson.Fragment("".join(pieces))


@cache_forever
def _seat_map_template(plan_id: int) -> SeatMapTemplate:
    seat_plan = get_plan(plan_id)
    rows = [
        {"label": row[0].row, "seats": [_serialize_seat(seat) for seat in row]}
        for row in seat_plan.rows
    ]
    parts = re.split(f'(?<={STATUS_KEY})()(?=")', orjson.dumps(rows).decode())
    pieces = [part or FREE.value for part in parts]
    categories = [
        {"id": category.value, "name": category.label}
        for category in SeatCategory
        if category in seat_plan.categories
    ]
    return SeatMapTemplate(
        orjson.Fragment(orjson.dumps(categories)),
        pieces,
        {seat.id: 2 * index + 1 for index, seat in enumerate(seat_plan.seats)},
    )


def _serialize_seat(seat: PlanSeat) -> dict[str, Any]:
    return {
        "label": seat.label,
        "x": seat.x,
        "y": seat.y,
        "category": seat.category,
        "kind": seat.kind,
        "status": "",  # filled in by SeatMapTemplate.rows
    }


@cache_forever
def _price_lines(card_id: int, version: int, plan_id: int) -> orjson.Fragment:
    lines = serialize_prices(get_prices(card_id, version), get_plan(plan_id).categories)
    return orjson.Fragment(orjson.dumps(lines))
