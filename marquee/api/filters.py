"""Strict query parameters that several lists share: an invalid value is a 400."""

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django_filters import fields
from django_filters import rest_framework as filters
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

from marquee.api.serializers.strict import DAY_PATTERN
from marquee.core.validators import validate_line

MAX_ID = 10**18 - 1
ID_PATTERN = r"^[1-9][0-9]{0,17}$"


class PlainField(forms.Field):
    """Accepts values that match its pattern. Django's fields also accept other digits, "+5" and "1_0"."""

    pattern: str

    def to_python(self, value: Any) -> Any:
        """Return the value. Raises ValidationError."""
        if value not in self.empty_values and not re.fullmatch(self.pattern, value):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class IdFormField(PlainField, forms.IntegerField):
    """An id in a query."""

    pattern = ID_PATTERN


class DayFormField(PlainField, forms.DateField):
    """A day in a query."""

    pattern = DAY_PATTERN


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": MAX_ID})
class IdFilter(filters.NumberFilter):
    """An id. Unknown ids match nothing."""

    field_class = IdFormField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=MAX_ID, **kwargs)


@extend_schema_field({"type": "string", "format": "date", "pattern": DAY_PATTERN})
class DayFilter(filters.DateFilter):
    """A day in ISO 8601 format."""

    field_class = DayFormField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, input_formats=["%Y-%m-%d"], **kwargs)


class LineFormField(forms.CharField):
    """A text in a query. Invisible and control characters are refused."""

    def to_python(self, value: Any) -> Any:
        """Return the text. Raises ValidationError."""
        text = super().to_python(value)
        validate_line(text or "")
        return text


class TextFilter(filters.CharFilter):
    """A text, such as the words of a search."""

    field_class = LineFormField


class ChoiceFormField(fields.ChoiceField):
    """A choice in a query. The refusal of another value names the choices."""

    def validate(self, value: Any) -> None:
        """Raise ValidationError for a value that is no choice."""
        known = [str(choice) for choice, _ in self.choices if choice != ""]
        if value and value not in known:
            message = f"Write one of {', '.join(known)}."
            raise forms.ValidationError(message, code="invalid_choice")


class ChoiceFilter(filters.ChoiceFilter):
    """One of a few values."""

    field_class = ChoiceFormField


class FilterSet(filters.FilterSet):
    """The filters of a list. Its form class is built once, not for every request."""

    has_default_filter = False  # one that applies without any query parameter

    @classmethod
    def is_time_dependent(cls, query: QueryDict) -> bool:
        """Return whether the rows change with time, even if the catalog does not."""
        return False

    def get_form_class(self) -> Any:
        """Return the form class that parses the query."""
        cls = type(self)
        if cls not in _form_classes:
            _form_classes[cls] = super().get_form_class()
        return _form_classes[cls]


_form_classes: dict[type, Any] = {}


class FilterBackend(DjangoFilterBackend):
    """Filters a list by its query. Without a query it costs nothing."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        """Return the rows to list. Raises ValidationError (400)."""
        filterset = getattr(view, "filterset_class", FilterSet)
        if not request.META.get("QUERY_STRING") and not filterset.has_default_filter:
            return queryset
        return super().filter_queryset(request, queryset, view)
