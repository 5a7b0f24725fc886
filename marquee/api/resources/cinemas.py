"""`cinemas/`: the buildings, with their time zones and currencies."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from marquee.accounts.permissions import Where
from marquee.api.docs import cinemas as docs
from marquee.api.serializers.cinemas import (
    CinemaWriteSerializer,
    serialize_cinema,
    serialize_cinema_with_auditoriums,
)
from marquee.api.viewsets import CatalogViewSet
from marquee.catalog import operations
from marquee.catalog.models import Cinema


@docs.viewset
class CinemaViewSet(CatalogViewSet[Cinema]):
    """`cinemas/`."""

    queryset = Cinema.objects.all()
    serializer_class = CinemaWriteSerializer
    where = {"create": Where.ALL, "destroy": Where.ALL}

    def serialize_many(self, rows: Sequence[Cinema]) -> Sequence[Any]:
        """Return cinemas as API clients see them; a single one with its auditoriums."""
        is_list = self.action == "list"
        serialize = serialize_cinema if is_list else serialize_cinema_with_auditoriums
        return [serialize(cinema) for cinema in rows]

    def cinemas_of_row(self, row: Cinema) -> Collection[int | None]:
        """Return the cinema itself."""
        return [row.pk]

    def cinemas_of_fields(self, fields: Mapping[str, Any]) -> Collection[int | None]:
        """Return none: a cinema names no other."""
        return []

    def add_row(self, **fields: Any) -> Cinema:
        """Add a cinema."""
        return operations.add_cinema(**fields)

    def change_row(self, row: Cinema, **fields: Any) -> Cinema:
        """Change a cinema."""
        return operations.change_cinema(cinema=row, **fields)

    def delete_row(self, row: Cinema) -> None:
        """Delete a cinema."""
        operations.delete(row=row)
