"""Query parameters that several lists share, each strict: a value that cannot be meant is a 400."""

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django_filters import rest_framework as filters
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

from marquee.api.serializers import DAY

LARGEST_ID = 10**18 - 1
ID = r"^[1-9][0-9]{0,17}$"


class PlainField(forms.Field):
    """Takes a value only as its pattern says: forms would also read other digits, "+5" and "1_0"."""

    pattern: str

    def to_python(self, value: Any) -> Any:
        """Return the value. Raises ValidationError."""
        if value not in self.empty_values and not re.fullmatch(self.pattern, value):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class IdFormField(PlainField, forms.IntegerField):
    """The key of a row in a query."""

    pattern = ID


class DayFormField(PlainField, forms.DateField):
    """A day in a query."""

    pattern = DAY


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": LARGEST_ID})
class IdFilter(filters.NumberFilter):
    """The key of a row. One that nothing has is no mistake: it finds nothing."""

    field_class = IdFormField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=LARGEST_ID, **kwargs)


@extend_schema_field({"type": "string", "format": "date", "pattern": DAY})
class DayFilter(filters.DateFilter):
    """A day, as ISO 8601 writes it."""

    field_class = DayFormField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, input_formats=["%Y-%m-%d"], **kwargs)


class FilterSet(filters.FilterSet):
    """What a list can be filtered by. Makes its form once, not for every request."""

    leaves_something_out = False  # even where no query says so

    @classmethod
    def follows_the_clock(cls, query: QueryDict) -> bool:
        """Say whether what the query chooses changes as time goes by, the catalogue being the same."""
        return False

    def get_form_class(self) -> Any:
        """Return the form that reads the query."""
        kind = type(self)
        if kind not in _forms:
            _forms[kind] = super().get_form_class()
        return _forms[kind]


_forms: dict[type, Any] = {}


class FilterBackend(DjangoFilterBackend):
    """Filters a list by its query, at no cost where there is none."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        """Return the rows to list. Raises ValidationError (400)."""
        kind = getattr(view, "filterset_class", FilterSet)
        if not request.META.get("QUERY_STRING") and not kind.leaves_something_out:
            return queryset
        return super().filter_queryset(request, queryset, view)
