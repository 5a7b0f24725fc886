"""The shapes that several resources share: bodies without unknown fields, money, local times."""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from marquee.core.money import Money

# A field is looked for from the top: a DecimalField's JSON type is text here, as money is no float.
JSON_TYPES: dict[type, tuple[type, str]] = {
    serializers.CharField: (str, "text"),
    serializers.ChoiceField: (str, "text"),
    serializers.DateField: (str, "text"),
    serializers.DateTimeField: (str, "text"),
    serializers.DecimalField: (str, "decimal text"),
    serializers.BooleanField: (bool, "true or false"),
    serializers.IntegerField: (int, "a whole number"),
    serializers.PrimaryKeyRelatedField: (int, "the number of an id"),
}
MAX_UNKNOWN_FIELDS = 20
MAX_NAME_LENGTH = 100
# Plain ASCII: Python's \d, int() and Decimal() read Arabic digits, "1_000" and "1e3" as well.
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
AMOUNT = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$"


def wrong_type(field: Any, value: Any) -> list[Any]:
    """Return what to say of a value whose JSON type is not the field's; nothing if it is."""
    for kind, (type_, meaning) in JSON_TYPES.items():
        if isinstance(field, kind) and value is not None and type(value) is not type_:
            return [_error(f"Not {meaning}.", "invalid")]
    return []


def _error(detail: str, code: str) -> Any:
    return serializers.ErrorDetail(detail, code)


class Strict:
    """Refuses what DRF would let pass: fields that are not known, and values of another JSON type.

    A field that is not known is a mistake of the sender's. And DRF would take 7 for "7", "yes" for
    true, an Arabic "٣" for 3: more than JSON says. DRF does not see such values: it would write out
    a list of lists to look for it among the choices.
    """

    fields: Any

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated fields. Raises ValidationError that names each wrong one."""
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)  # type: ignore[misc]  # raises
        writable = {name: field for name, field in self.fields.items() if not field.read_only}
        wrong = _unknown(data, writable)
        for name, field in writable.items():
            if said := wrong_type(field, data.get(name)):
                wrong[name] = said
        known = {name: data[name] for name in writable if name in data and name not in wrong}
        try:
            value = super().to_internal_value(known)  # type: ignore[misc]
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **wrong}) from None
            raise
        if wrong:
            raise serializers.ValidationError(wrong)
        return value


def _unknown(data: Mapping[str, Any], writable: Mapping[str, Any]) -> dict[str, list[Any]]:
    unknown = islice((str(name) for name in data if name not in writable), MAX_UNKNOWN_FIELDS)
    return {
        name[:MAX_NAME_LENGTH]: [_error("There is no such field.", "unknown")] for name in unknown
    }


class Shape(Strict, serializers.Serializer[Any]):
    """A body or an answer."""


class ListField(serializers.ListField):
    """A list of at most so many items. Its length is checked first, as DRF would do last."""

    max_length: int

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated items. Raises ValidationError that names each wrong one."""
        if type(data) is not list:
            self.fail("not_a_list", input_type=type(data).__name__)
        if len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        said = {str(place): wrong_type(self.child, item) for place, item in enumerate(data)}
        if wrong := {place: errors for place, errors in said.items() if errors}:
            raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "format": "date", "pattern": DAY})
class DayField(serializers.DateField):
    """A day, as ISO 8601 writes it at length."""

    def to_internal_value(self, value: Any) -> Any:
        """Return the day. Raises ValidationError."""
        if not re.fullmatch(DAY, value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


@extend_schema_field({"type": "string", "pattern": AMOUNT})
class AmountField(serializers.DecimalField):
    """An amount of money as decimal text, in a currency that is known from elsewhere."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=16, decimal_places=4, **options)

    def to_internal_value(self, data: Any) -> Any:
        """Return the amount. Raises ValidationError."""
        if not re.fullmatch(AMOUNT, data):
            self.fail("invalid")
        return super().to_internal_value(data)


class ModelShape(Strict, serializers.ModelSerializer[Any]):
    """A body or an answer that follows a model."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateField: DayField,
    }


class KeyField(serializers.PrimaryKeyRelatedField[Any]):
    """The key of another row, as a whole number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pk_field=serializers.IntegerField(), **kwargs)


@extend_schema_serializer(component_name="Money")
class MoneyShape(Shape):
    """An amount as decimal text, with its ISO 4217 currency."""

    amount = serializers.RegexField(
        r"^[0-9]+(\.[0-9]+)?$", help_text="Decimal text with the currency's own decimals: 12.50"
    )
    currency = serializers.RegexField("^[A-Z]{3}$", help_text="ISO 4217: EUR")


def money(minor: int, currency: str) -> dict[str, str]:
    """Return minor units as callers see them: `{"amount": "12.50", "currency": "EUR"}`."""
    return {"amount": Money(minor, currency).amount, "currency": currency}
