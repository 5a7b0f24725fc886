"""Query parameters that several lists share, each strict: a value that cannot be meant is a 400."""

from typing import Any

from django import forms
from django.http import QueryDict
from django_filters import rest_framework as filters
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

LARGEST_ID = 10**18 - 1


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": LARGEST_ID})
class IdFilter(filters.NumberFilter):
    """The key of a row. One that nothing has is no mistake: it finds nothing."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=LARGEST_ID, **kwargs)


@extend_schema_field(OpenApiTypes.DATE)
class DayFilter(filters.DateFilter):
    """A day, as ISO 8601 writes it."""

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


class Filters(DjangoFilterBackend):
    """Filters a list by its query, at no cost where there is none."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        """Return the rows to list. Raises ValidationError (400)."""
        kind = getattr(view, "filterset_class", FilterSet)
        if not request.META.get("QUERY_STRING") and not kind.leaves_something_out:
            return queryset
        return super().filter_queryset(request, queryset, view)
