"""Price cards: what a seat of a category costs by ticket type. For staff, to read and to write."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.api.auth import IsStaff
from marquee.api.filters import FilterSet, IdFilter
from marquee.api.schema import refuses
from marquee.api.serializers import AmountField, KeyField, ListField, Shape
from marquee.api.viewsets import CatalogueViewSet, gone
from marquee.catalog import operations
from marquee.catalog.errors import NameTaken, RemovedMeanwhile
from marquee.catalog.models import Cinema, Price, PriceCard, SeatCategory
from marquee.core.money import Money

TAGS = ["price cards"]
MAX_PRICE_LINES = 200  # far more than there are categories times ticket types
REQUIRED = serializers.ErrorDetail("This field is required.", "required")
LINES = [
    {"category": "standard", "type": "adult", "amount": "12.50"},
    {"category": "standard", "type": "child", "amount": "9.00"},
]
CARD = {"cinema": 1, "name": "Evenings", "default_type": "adult", "prices": LINES}
REQUEST = OpenApiExample("A price card", CARD, request_only=True)
ANSWER = OpenApiExample(
    "A price card",
    {"id": 5}
    | CARD
    | {
        "currency": "EUR",
        "version": 1,
        "prices": [line | {"counter_only": False} for line in LINES],
        "wheelchair_limit": 1,
    },
    response_only=True,
)


@extend_schema_serializer(component_name="PriceLine")
class PriceLineBody(Shape):
    """A price as staff write it."""

    category = serializers.ChoiceField(SeatCategory.choices)
    type = serializers.CharField(max_length=20, help_text="The code of a ticket type.")
    amount = AmountField(help_text="In the cinema's currency, with no more decimals than that has.")
    counter_only = serializers.BooleanField(
        required=False, help_text="Sold at the counter only. Left out: to everybody."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for a whole line in a PATCH too, where DRF lets parts of nested bodies be left out."""
        needed = [name for name in self.fields if self.fields[name].required]
        if missing := [name for name in needed if name not in attrs]:
            raise serializers.ValidationError(dict.fromkeys(missing, REQUIRED))
        return attrs


@extend_schema_serializer(component_name="PriceCard")
class PriceCardBody(Shape):
    """A price card as staff write it."""

    cinema = KeyField(queryset=Cinema.objects.all())
    name = serializers.CharField(max_length=100)
    default_type = serializers.CharField(
        max_length=20, help_text="The ticket type of whoever does not ask for another."
    )
    prices = ListField(child=PriceLineBody(), allow_empty=False, max_length=MAX_PRICE_LINES)
    wheelchair_limit = serializers.IntegerField(
        min_value=0,
        max_value=100,
        required=False,
        help_text="How many wheelchair spaces one customer may have at a show. Left out: 1, or as it is.",
    )

    def validate_prices(self, lines: list[dict[str, Any]]) -> list[operations.PriceLine]:
        """Return the lines as the operation wants them."""
        return [operations.PriceLine(**line) for line in lines]


@extend_schema_serializer(component_name="PriceLine")
class PriceLineShape(Shape):
    """A price, in the card's currency."""

    category = serializers.ChoiceField(SeatCategory.choices)
    type = serializers.CharField()
    amount = serializers.CharField(help_text="Decimal text: 12.50")
    counter_only = serializers.BooleanField(help_text="Sold at the counter only.")


@extend_schema_serializer(component_name="PriceCard")
class PriceCardShape(Shape):
    """A price card."""

    id = serializers.IntegerField()
    cinema = serializers.IntegerField()
    name = serializers.CharField()
    default_type = serializers.CharField()
    currency = serializers.CharField(help_text="The cinema's: ISO 4217")
    version = serializers.IntegerField(help_text="Goes up with every change of a price.")
    prices = PriceLineShape(many=True)
    wheelchair_limit = serializers.IntegerField(
        help_text="How many wheelchair spaces one customer may have at a show."
    )


def price_card_answer(card: PriceCard) -> dict[str, Any]:
    """Return a price card as staff see it."""
    currency = card.cinema.currency
    return {
        "id": card.pk,
        "cinema": card.cinema_id,
        "name": card.name,
        "default_type": card.default_type_id,
        "currency": currency,
        "version": card.version,
        "prices": [
            {
                "category": price.category,
                "type": price.type_id,
                "amount": Money(price.amount, currency).amount,
                "counter_only": price.counter_only,
            }
            for price in card.prices.all()
        ],
        "wheelchair_limit": card.wheelchair_limit,
    }


class PriceCardFilter(FilterSet):
    """Which price cards to list."""

    cinema = IdFilter(field_name="cinema", help_text="Those of this cinema.")


class PriceCardViewSet(CatalogueViewSet[PriceCard]):
    """`price-cards/`."""

    permission_classes = [IsStaff]
    queryset = PriceCard.objects.select_related("cinema").prefetch_related(
        Prefetch("prices", Price.objects.order_by("category", "type__position", "type_id"))
    )
    serializer_class = PriceCardBody
    filterset_class = PriceCardFilter
    reads_are_public = False

    def answers(self, rows: list[PriceCard]) -> list[dict[str, Any]]:
        """Return price cards as staff see them."""
        return [price_card_answer(card) for card in rows]

    @extend_schema(
        operation_id="price_card_list",
        tags=TAGS,
        summary="List price cards",
        description="For staff. What a show costs, customers read from the show.",
        responses=PriceCardShape(many=True),
        examples=[ANSWER],
    )
    def list(self, request: Request) -> HttpResponseBase:
        """List."""
        return self.page()

    @extend_schema(
        operation_id="price_card_read",
        tags=TAGS,
        summary="Read a price card",
        description="For staff. One price card.",
        responses=PriceCardShape,
        examples=[ANSWER],
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        """Read."""
        return self.one(self.get_object())

    @extend_schema(
        operation_id="price_card_create",
        tags=TAGS,
        summary="Add a price card",
        description=(
            "For staff. Every category and ticket type at most once; the default type must be "
            "sold. A type without a price for a category is not sold there."
        ),
        responses={201: PriceCardShape},
        examples=[REQUEST, ANSWER],
    )
    @refuses(NameTaken, RemovedMeanwhile)
    def create(self, request: Request) -> Response:
        """Add."""
        return self.created(operations.add_price_card(**self.body()))

    @extend_schema(
        operation_id="price_card_replace",
        tags=TAGS,
        summary="Replace a price card",
        description=(
            "For staff. Bookings and holds keep their prices. Every seat of the shows to come must "
            "keep a price for the default type."
        ),
        responses=PriceCardShape,
        examples=[REQUEST, ANSWER],
    )
    @refuses(NameTaken, RemovedMeanwhile)
    def update(self, request: Request, pk: int) -> Response:
        """Replace."""
        return self._change(partial=False)

    @extend_schema(
        operation_id="price_card_change",
        tags=TAGS,
        summary="Change a price card",
        description=(
            "For staff. What is left out stays; `prices` are replaced as a whole. Bookings and "
            "holds keep theirs. Every seat of the shows to come must keep a price for the default "
            "type."
        ),
        responses=PriceCardShape,
        examples=[
            OpenApiExample("Another name", {"name": "Matinees"}, request_only=True),
            ANSWER,
        ],
    )
    @refuses(NameTaken, RemovedMeanwhile)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change."""
        return self._change(partial=True)

    @extend_schema(
        operation_id="price_card_remove",
        tags=TAGS,
        summary="Remove a price card",
        description="For staff. A price card that shows use stays.",
        request=None,
        responses={204: None},
    )
    @refuses(RemovedMeanwhile)
    def destroy(self, request: Request, pk: int) -> Response:
        """Remove."""
        operations.delete_price_card(price_card=self.get_object())
        return gone()

    def _change(self, *, partial: bool) -> Response:
        card = self.get_object()
        return self.one(operations.change_price_card(price_card=card, **self.body(partial=partial)))
