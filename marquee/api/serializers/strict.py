"""Serializers and fields that refuse unknown fields and values of another JSON type."""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marquee.core.text import find_problem

# The first class that matches counts. DecimalField takes text: a JSON number would be a float.
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
# ASCII only: Python's \d, int() and Decimal() also accept Arabic digits, "1_000" and "1e3".
DAY_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
KEY_PATTERN = r"^[\x21-\x7e]{1,255}$"
AMOUNT_PATTERN = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$"


def wrong_type(field: Any, value: Any) -> list[Any]:
    """Return the errors of a value whose JSON type is not the field's; none if it is."""
    for field_class, (type_, meaning) in JSON_TYPES.items():
        if isinstance(field, field_class) and value is not None and type(value) is not type_:
            return [_error(f"Not {meaning}.", "invalid")]
    return []


def value_errors(field: Any, value: Any) -> list[Any]:
    """Return the errors of a value before DRF reads it: another JSON type, or text that nobody can read."""
    if errors := wrong_type(field, value):
        return errors
    if isinstance(field, serializers.ChoiceField) and value:
        choices = [str(choice) for choice in field.choices if choice != ""]
        return (
            []
            if value in choices
            else [_error(f"Write one of {', '.join(choices)}.", "invalid_choice")]
        )
    is_text = isinstance(field, serializers.CharField) and not getattr(field, "is_secret", False)
    if not is_text or type(value) is not str:
        return []
    if len(value) > (field.max_length or len(value)):  # DRF strips the text before it counts
        detail = field.error_messages["max_length"].format(max_length=field.max_length)
        return [_error(detail, "max_length")]
    lines = field.style.get("base_template") == "textarea.html"
    problem = find_problem(value, lines=lines)
    return [_error(problem, "invalid")] if problem else []


def _error(detail: str, code: str) -> Any:
    return serializers.ErrorDetail(detail, code)


class StrictSerializerMixin:
    """Refuses what DRF would accept: unknown fields, and values of another JSON type.

    An unknown field is a mistake of the client. DRF converts values: 7 to "7", "yes" to true, an
    Arabic "٣" to 3. Such values are not passed to DRF, which would also format a nested list in full
    to look for it among choices.
    """

    fields: Any

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated fields. Raises ValidationError with all errors."""
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)  # type: ignore[misc]  # raises
        writable = {name: field for name, field in self.fields.items() if not field.read_only}
        errors = _unknown_field_errors(data, writable)
        for name, field in writable.items():
            if found := value_errors(field, data.get(name)):
                errors[name] = found
        known = {name: data[name] for name in writable if name in data and name not in errors}
        try:
            value = super().to_internal_value(known)  # type: ignore[misc]
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **errors}) from None
            raise
        if errors:
            raise serializers.ValidationError(errors)
        return value


def _unknown_field_errors(
    data: Mapping[str, Any], writable: Mapping[str, Any]
) -> dict[str, list[Any]]:
    unknown = islice((str(name) for name in data if name not in writable), MAX_UNKNOWN_FIELDS)
    return {
        name[:MAX_NAME_LENGTH]: [_error("There is no such field.", "unknown")] for name in unknown
    }


class StrictSerializer(StrictSerializerMixin, serializers.Serializer[Any]):
    """A request or response body."""


class ListField(serializers.ListField):
    """A list of limited length. The length is checked before the items; DRF does it after them."""

    max_length: int

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated items. Raises ValidationError with all errors."""
        if type(data) is not list:
            self.fail("not_a_list", input_type=type(data).__name__)
        if len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        checked = {str(index): value_errors(self.child, item) for index, item in enumerate(data)}
        if errors := {index: found for index, found in checked.items() if found}:
            raise serializers.ValidationError(errors)
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "format": "date", "pattern": DAY_PATTERN})
class DayField(serializers.DateField):
    """A day in the extended format of ISO 8601."""

    def to_internal_value(self, value: Any) -> Any:
        """Return the day. Raises ValidationError."""
        if not re.fullmatch(DAY_PATTERN, value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


@extend_schema_field({"type": "string", "pattern": AMOUNT_PATTERN})
class AmountField(serializers.DecimalField):
    """An amount of money as decimal text. The currency is known from the cinema."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=16, decimal_places=4, **options)

    def to_internal_value(self, data: Any) -> Any:
        """Return the amount. Raises ValidationError."""
        if not re.fullmatch(AMOUNT_PATTERN, data):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictModelSerializer(StrictSerializerMixin, serializers.ModelSerializer[Any]):
    """A request or response body with a model's fields."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateField: DayField,
    }


class IntegerPKField(serializers.PrimaryKeyRelatedField[Any]):
    """The id of another row, as an integer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pk_field=serializers.IntegerField(), **kwargs)


def require_empty_body(data: Any) -> None:
    """Check that a request body is empty. Raises ValidationError."""
    if data != {}:
        StrictSerializer(data=data).is_valid(raise_exception=True)
