"""Price cards as JSON."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from marquee.accounts.permissions import Right
from marquee.api.permissions import own_cinemas
from marquee.api.serializers.strict import AmountField, IntegerPKField, ListField, StrictSerializer
from marquee.catalog import operations
from marquee.catalog.models import Cinema, PriceCard
from marquee.catalog.states import SeatCategory
from marquee.core.money import Money

MAX_PRICE_LINES = 200  # far more than categories times ticket types
REQUIRED = serializers.ErrorDetail("This field is required.", "required")


def own_price_cards(request: Request, cards: QuerySet[PriceCard]) -> QuerySet[PriceCard]:
    """Keep the price cards of the cinemas that the user manages: nobody else knows that they exist."""
    own = own_cinemas(request, Right.MANAGE)
    return cards if own.everywhere else cards.filter(cinema__in=own.ids)


class PriceLineWriteSerializer(StrictSerializer):
    """A price as staff write it."""

    category = serializers.ChoiceField(SeatCategory.choices)
    type = serializers.CharField(max_length=20, help_text="The code of a ticket type.")
    amount = AmountField(
        help_text="In the cinema's currency, with no more decimals than the currency has."
    )
    counter_only = serializers.BooleanField(
        required=False, help_text="Sold at the counter only. Default: sold to everybody."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require complete lines in a PATCH, too: DRF makes nested fields optional there. Raises 400."""
        required = [name for name in self.fields if self.fields[name].required]
        if missing := [name for name in required if name not in attrs]:
            raise serializers.ValidationError(dict.fromkeys(missing, REQUIRED))
        return attrs


class PriceCardWriteSerializer(StrictSerializer):
    """A price card as staff write it."""

    cinema = IntegerPKField(queryset=Cinema.objects.all())
    name = serializers.CharField(max_length=100)
    default_type = serializers.CharField(
        max_length=20, help_text="The ticket type of a booking that does not name one."
    )
    prices = ListField(
        child=PriceLineWriteSerializer(), allow_empty=False, max_length=MAX_PRICE_LINES
    )
    wheelchair_limit = serializers.IntegerField(
        min_value=0,
        max_value=100,
        required=False,
        help_text="How many wheelchair spaces one customer may have at a show. Default: 1; in a change, the current value.",
    )

    def validate_prices(self, lines: list[dict[str, Any]]) -> list[operations.PriceLine]:
        """Return the lines as the operation expects them."""
        return [operations.PriceLine(**line) for line in lines]


class PriceLineSerializer(StrictSerializer):
    """A price, in the card's currency."""

    category = serializers.ChoiceField(SeatCategory.choices)
    type = serializers.CharField()
    amount = serializers.CharField(help_text="Decimal text: 12.50")
    counter_only = serializers.BooleanField(help_text="Sold at the counter only.")


class PriceCardSerializer(StrictSerializer):
    """A price card."""

    id = serializers.IntegerField()
    cinema = serializers.IntegerField()
    name = serializers.CharField()
    default_type = serializers.CharField()
    currency = serializers.CharField(help_text="The cinema's currency: ISO 4217")
    version = serializers.IntegerField(help_text="Increases with every change of a price.")
    prices = PriceLineSerializer(many=True)
    wheelchair_limit = serializers.IntegerField(
        help_text="How many wheelchair spaces one customer may have at a show."
    )


def serialize_price_card(card: PriceCard) -> dict[str, Any]:
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
