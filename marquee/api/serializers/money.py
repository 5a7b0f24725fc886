"""Amounts of money."""

from typing import Any

from rest_framework import serializers

from marquee.api.serializers.strict import AmountField, StrictSerializer
from marquee.core.money import Money


class MoneySerializer(StrictSerializer):
    """An amount as decimal text, with its ISO 4217 currency."""

    amount = serializers.RegexField(
        r"^[0-9]+(\.[0-9]+)?$", help_text="Decimal text with the currency's own decimals: 12.50"
    )
    currency = serializers.RegexField("^[A-Z]{3}$", help_text="ISO 4217: EUR")


class ExpectedMoneySerializer(StrictSerializer):
    """An amount that a client sends, as responses have it."""

    amount = AmountField(help_text="Decimal text: 12.50")
    currency = serializers.RegexField("^[A-Z]{3}$", help_text="ISO 4217: EUR")

    def validate(self, attrs: dict[str, Any]) -> Any:
        """Return the amount as Money. Raises ValidationError."""
        try:
            return Money.parse(attrs["amount"], attrs["currency"])
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


def serialize_money(minor: int, currency: str) -> dict[str, str]:
    """Return minor units as API clients see them: `{"amount": "12.50", "currency": "EUR"}`."""
    return {"amount": Money(minor, currency).amount, "currency": currency}
