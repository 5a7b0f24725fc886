"""`auditoriums/`: the auditoriums of a cinema, with their seats written as text."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from marquee.api.docs import auditoriums as docs
from marquee.api.filters import FilterSet, IdFilter
from marquee.api.serializers.auditoriums import AuditoriumWriteSerializer, serialize_auditorium
from marquee.api.viewsets import CatalogViewSet
from marquee.catalog import operations
from marquee.catalog.models import Auditorium
from marquee.catalog.queries import newest_plans


class AuditoriumFilter(FilterSet):
    """The filters of auditoriums."""

    cinema = IdFilter(field_name="cinema", help_text="Those in this cinema.")


@docs.viewset
class AuditoriumViewSet(CatalogViewSet[Auditorium]):
    """`auditoriums/`."""

    queryset = Auditorium.objects.order_by("cinema__sort_name", "cinema_id", "sort_name", "id")
    serializer_class = AuditoriumWriteSerializer
    filterset_class = AuditoriumFilter

    def serialize_many(self, rows: Sequence[Auditorium]) -> Sequence[Any]:
        """Return auditoriums as API clients see them."""
        plans = newest_plans([auditorium.pk for auditorium in rows])
        return [
            serialize_auditorium(auditorium, plans[auditorium.pk])
            for auditorium in rows
            if auditorium.pk in plans
        ]

    def cinemas_of_row(self, row: Auditorium) -> Collection[int | None]:
        """Return the cinema of an auditorium."""
        return [row.cinema_id]

    def cinemas_of_fields(self, fields: Mapping[str, Any]) -> Collection[int | None]:
        """Return the cinema that an auditorium is given."""
        return [cinema.pk for cinema in [fields.get("cinema")] if cinema]

    def add_row(self, **fields: Any) -> Auditorium:
        """Add an auditorium."""
        return operations.add_auditorium(**fields)

    def change_row(self, row: Auditorium, **fields: Any) -> Auditorium:
        """Change an auditorium."""
        return operations.change_auditorium(auditorium=row, **fields)

    def delete_row(self, row: Auditorium) -> None:
        """Delete an auditorium."""
        operations.delete(row=row)
