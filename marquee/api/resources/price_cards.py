"""`price-cards/`: prices by seat category and ticket type. Managers read and write those of their cinemas."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet

from marquee.accounts.permissions import Where
from marquee.api.docs import price_cards as docs
from marquee.api.filters import FilterSet, IdFilter
from marquee.api.permissions import IsStaff
from marquee.api.serializers.price_cards import (
    PriceCardWriteSerializer,
    own_price_cards,
    serialize_price_card,
)
from marquee.api.viewsets import CatalogViewSet
from marquee.catalog import operations
from marquee.catalog.models import Price, PriceCard


class PriceCardFilter(FilterSet):
    """The filters of price cards."""

    cinema = IdFilter(field_name="cinema", help_text="Those in this cinema.")


@docs.viewset
class PriceCardViewSet(CatalogViewSet[PriceCard]):
    """`price-cards/`."""

    permission_classes = [IsStaff]
    queryset = (
        PriceCard.objects.select_related("cinema")
        .prefetch_related(
            Prefetch("prices", Price.objects.order_by("category", "type__position", "type_id"))
        )
        .order_by("cinema__sort_name", "cinema_id", "sort_name", "id")
    )
    serializer_class = PriceCardWriteSerializer
    filterset_class = PriceCardFilter
    reads_are_public = False
    where = {"list": Where.ANY}

    def get_queryset(self) -> QuerySet[PriceCard]:
        """Return the price cards of the cinemas that the user manages."""
        return own_price_cards(self.request, super().get_queryset())

    def serialize_many(self, rows: Sequence[PriceCard]) -> Sequence[Any]:
        """Return price cards as staff see them."""
        return [serialize_price_card(card) for card in rows]

    def cinemas_of_row(self, row: PriceCard) -> Collection[int | None]:
        """Return the cinema of a price card."""
        return [row.cinema_id]

    def cinemas_of_fields(self, fields: Mapping[str, Any]) -> Collection[int | None]:
        """Return the cinema that a price card is given."""
        return [cinema.pk for cinema in [fields.get("cinema")] if cinema]

    def add_row(self, **fields: Any) -> PriceCard:
        """Add a price card, with its prices."""
        return operations.add_price_card(**fields)

    def change_row(self, row: PriceCard, **fields: Any) -> PriceCard:
        """Change a price card."""
        return operations.change_price_card(price_card=row, **fields)

    def delete_row(self, row: PriceCard) -> None:
        """Delete a price card."""
        operations.delete_price_card(price_card=row)
