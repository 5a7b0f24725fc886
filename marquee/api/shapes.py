"""The shapes that several resources share: bodies without unknown fields, money, local times."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from marquee.core.money import Money

JSON_TYPES: dict[type, tuple[tuple[type, ...], str]] = {
    serializers.CharField: ((str,), "text"),
    serializers.BooleanField: ((bool,), "true or false"),
    serializers.IntegerField: ((int,), "a whole number"),
    serializers.PrimaryKeyRelatedField: ((int,), "the number of an id"),
}


class Strict:
    """Refuses what DRF would let pass: fields that are not known, and values of another JSON type.

    A field that is not known is a mistake of the sender's. And DRF would take 7 for "7", "yes" for
    true, an Arabic "٣" for 3: more than JSON says.
    """

    fields: Any

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated fields. Raises ValidationError that names each wrong one."""
        wrong = self._wrong(data) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)  # type: ignore[misc]
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **wrong}) from None
            raise
        if wrong:
            raise serializers.ValidationError(wrong)
        return value

    def _wrong(self, data: Mapping[str, Any]) -> dict[str, list[Any]]:
        writable = {name: field for name, field in self.fields.items() if not field.read_only}
        unknown = [str(name) for name in data if name not in writable][:20]
        wrong = {name[:100]: [_error("There is no such field.", "unknown")] for name in unknown}
        for name, field in writable.items():
            value = data.get(name)
            for kind, (types, meaning) in JSON_TYPES.items():
                if isinstance(field, kind) and value is not None and type(value) not in types:
                    wrong[name] = [_error(f"Not {meaning}.", "invalid")]
        return wrong


def _error(detail: str, code: str) -> Any:
    return serializers.ErrorDetail(detail, code)


class Shape(Strict, serializers.Serializer[Any]):
    """A body or an answer."""


class ModelShape(Strict, serializers.ModelSerializer[Any]):
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
