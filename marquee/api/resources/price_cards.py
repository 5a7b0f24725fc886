"""`price-cards/`: prices by seat category and ticket type. Only staff read and write them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch

from marquee.accounts import permissions
from marquee.api.docs import price_cards as docs
from marquee.api.filters import FilterSet, IdFilter
from marquee.api.permissions import IsStaff, require_all
from marquee.api.serializers.price_cards import PriceCardWriteSerializer, serialize_price_card
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

    def serialize_many(self, rows: Sequence[PriceCard]) -> Sequence[Any]:
        """Return price cards as staff see them."""
        return [serialize_price_card(card) for card in rows]

    def add_row(self, **fields: Any) -> PriceCard:
        """Add a price card, with its prices."""
        require_all(self.request, *permissions.WRITE_PRICES)
        return operations.add_price_card(**fields)

    def change_row(self, row: PriceCard, **fields: Any) -> PriceCard:
        """Change a price card. Its prices need rights of their own."""
        if "prices" in fields:
            require_all(self.request, *permissions.WRITE_PRICES)
        return operations.change_price_card(price_card=row, **fields)

    def delete_row(self, row: PriceCard) -> None:
        """Delete a price card."""
        operations.delete_price_card(price_card=row)
