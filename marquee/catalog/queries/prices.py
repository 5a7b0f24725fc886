"""Read prices. A version of a price card never changes, so each process caches it forever."""

from collections.abc import Mapping

from marquee.catalog.models import Price, PriceCard
from marquee.catalog.records import PriceTable, Terms
from marquee.core.cache import cache_forever


@cache_forever
def get_prices(card_id: int, version: int) -> PriceTable:
    """Return the prices of a version of a price card, or of a newer version if there is one already.

    One statement reads them, so that version and prices match. Raises PriceCard.DoesNotExist.
    """
    lines = list(
        Price.objects.filter(card_id=card_id)
        .order_by("category", "type__position", "type_id")
        .values_list(
            "category", "type_id", "amount", "counter_only",
            "type__counter_only", "type__needs_kind", "type__needs_type_id",
            "card__version", "card__cinema__currency", "card__default_type_id",
            "card__wheelchair_limit",
        )
    )  # fmt: skip
    if not lines:
        raise PriceCard.DoesNotExist
    newest, currency, default_type, wheelchair_limit = lines[0][7:]
    terms = {line[:2]: Terms(line[3] or line[4], *line[5:7]) for line in lines}
    return PriceTable(
        newest,
        currency,
        default_type,
        amounts={line[:2]: line[2] for line in lines},
        terms={key: restricted for key, restricted in terms.items() if restricted != Terms()},
        wheelchair_limit=wheelchair_limit,
    )


@cache_forever
def get_type_names(card_id: int, version: int) -> Mapping[str, str]:
    """Return the names of the ticket types on a version of a price card, or on a newer one, by code.

    A type that is renamed raises the versions of its price cards.
    """
    rows = Price.objects.filter(card_id=card_id).values_list("type_id", "type__name")
    return dict(rows.order_by("type__position", "type_id"))
