"""The shapes that several resources share: bodies without unknown fields, money, local times."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from marquee.core.money import Money


class UnknownFieldsRefused:
    """A field that is not known is a mistake of the sender's: say so instead of ignoring it."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated fields. Raises ValidationError that names each unknown one."""
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}  # type: ignore[attr-defined]
            if unknown := [str(name) for name in data if name not in known]:
                raise serializers.ValidationError(
                    {
                        name[:100]: [serializers.ErrorDetail("There is no such field.", "unknown")]
                        for name in unknown[:20]
                    }
                )
        return super().to_internal_value(data)  # type: ignore[misc]


class Shape(UnknownFieldsRefused, serializers.Serializer[Any]):
    """A body or an answer."""


class ModelShape(UnknownFieldsRefused, serializers.ModelSerializer[Any]):
    """A body or an answer that follows a model."""


class KeyField(serializers.PrimaryKeyRelatedField[Any]):
    """The key of another row, as a whole number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pk_field=serializers.IntegerField(), **kwargs)


@extend_schema_serializer(component_name="Money")
class MoneyShape(Shape):
    """An amount as decimal text, with its ISO 4217 currency."""

    amount = serializers.RegexField(
        r"^\d+(\.\d+)?$", help_text="Decimal text with the currency's own decimals: 12.50"
    )
    currency = serializers.RegexField("^[A-Z]{3}$", help_text="ISO 4217: EUR")


def money(minor: int, currency: str) -> dict[str, str]:
    """Return minor units as callers see them: `{"amount": "12.50", "currency": "EUR"}`."""
    return {"amount": Money(minor, currency).amount, "currency": currency}


def local(moment: datetime, timezone: str) -> str:
    """Return a time as ISO 8601 with the offset that the cinema's time zone has then."""
    return moment.astimezone(ZoneInfo(timezone)).isoformat(timespec="seconds")
