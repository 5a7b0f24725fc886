"""`formats/`: how movies are projected. Shows name a format by its code."""

from collections.abc import Sequence
from typing import Any

from marquee.accounts.permissions import Where
from marquee.api.docs import formats as docs
from marquee.api.serializers.formats import FormatWriteSerializer, serialize_format
from marquee.api.viewsets import CatalogViewSet
from marquee.catalog import operations
from marquee.catalog.models import Format


@docs.viewset
class FormatViewSet(CatalogViewSet[Format]):
    """`formats/`."""

    queryset = Format.objects.all()
    serializer_class = FormatWriteSerializer
    where = dict.fromkeys(("create", "update", "partial_update", "destroy"), Where.ALL)

    def serialize_many(self, rows: Sequence[Format]) -> Sequence[Any]:
        """Return formats as API clients see them."""
        return [serialize_format(row) for row in rows]

    def add_row(self, **fields: Any) -> Format:
        """Add a format."""
        return operations.add_format(**fields)

    def change_row(self, row: Format, **fields: Any) -> Format:
        """Change a format."""
        return operations.change_format(row=row, **fields)

    def delete_row(self, row: Format) -> None:
        """Delete a format."""
        operations.delete_format(row=row)
