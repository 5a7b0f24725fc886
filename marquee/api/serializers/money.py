"""Amounts of money."""

from rest_framework import serializers

from marquee.api.serializers.strict import StrictSerializer
from marquee.core.money import Money


class MoneySerializer(StrictSerializer):
    """An amount as decimal text, with its ISO 4217 currency."""

    amount = serializers.RegexField(
        r"^[0-9]+(\.[0-9]+)?$", help_text="Decimal text with the currency's own decimals: 12.50"
    )
    currency = serializers.RegexField("^[A-Z]{3}$", help_text="ISO 4217: EUR")


def serialize_money(minor: int, currency: str) -> dict[str, str]:
    """Return minor units as API clients see them: `{"amount": "12.50", "currency": "EUR"}`."""
    return {"amount": Money(minor, currency).amount, "currency": currency}
