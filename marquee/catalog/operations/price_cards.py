"""Add, change and delete price cards. Prices are replaced as a set, and raise the card's version."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import NamedTuple

from marquee.catalog import rules
from marquee.catalog.locks import lock_catalog, lock_row
from marquee.catalog.models import Cinema, Price, PriceCard, TicketType
from marquee.catalog.operations.audited import (
    record_added,
    record_changed,
    record_deleted,
    values_of,
)
from marquee.catalog.queries import upcoming_seat_categories
from marquee.catalog.states import SeatCategory
from marquee.catalog.validation import save_validated
from marquee.core.transactions import transactional


class PriceLine(NamedTuple):
    """A price as staff write it: of a seat category and a ticket type, in the cinema's currency."""

    category: str
    type: str
    amount: Decimal
    counter_only: bool = False


@transactional
def add_price_card(
    *,
    cinema: Cinema,
    name: str,
    default_type: str,
    prices: Collection[PriceLine],
    wheelchair_limit: int = 1,
) -> PriceCard:
    """Return a new price card.

    Refuses with BadInput for an unknown category or ticket type, an amount that the currency
    cannot express, a price given twice, and when the default type has no price at all or is restricted.
    """
    lock_catalog()
    cinema, types = lock_row(cinema), _lock_ticket_types()
    default = _default_type(types, default_type)
    card = PriceCard(
        cinema=cinema, name=name, default_type=default, wheelchair_limit=wheelchair_limit
    )
    save_validated(card)
    Price.objects.bulk_create(_prices(card, prices, types))
    rules.check_default_has_price(default_type=default_type, priced=_default_prices(card))
    record_added(card)
    return card


@transactional
def change_price_card(
    *,
    price_card: PriceCard,
    cinema: Cinema | None = None,
    name: str | None = None,
    default_type: str | None = None,
    prices: Collection[PriceLine] | None = None,
    wheelchair_limit: int | None = None,
) -> PriceCard:
    """Change a card. Tickets keep the price that was settled when their seats were held.

    Refuses as `add_price_card` does, and with BadInput for another cinema, and when seats of an
    upcoming show would have no price.
    """
    lock_catalog()
    card, types = lock_row(price_card, join="cinema"), _lock_ticket_types()
    values = values_of(card)
    rules.check_cinema_stays(
        before=card.cinema_id,
        after=cinema.pk if cinema else card.cinema_id,
        what_stays="A price card stays at its cinema",
    )
    if name is not None:
        card.name = name
    if default_type is not None:
        card.default_type = _default_type(types, default_type)
    if wheelchair_limit is not None:
        card.wheelchair_limit = wheelchair_limit
    if prices is not None:
        lines = _prices(card, prices, types)
        card.prices.all().delete()
        Price.objects.bulk_create(lines)
    if prices is not None or default_type is not None:
        _check_default_prices(card)
    if (prices, default_type, wheelchair_limit) != (None, None, None):
        card.version += 1
    save_validated(card)
    record_changed(card, values)
    return card


@transactional
def delete_price_card(*, price_card: PriceCard) -> None:
    """Delete a card with its prices. Raises ProtectedError when shows use it."""
    lock_catalog()
    card = lock_row(price_card, exclusive=True)
    record_deleted(card)
    card.delete()


def _check_default_prices(card: PriceCard) -> None:
    """Refuse with BadInput when the default type has no price, or none for an upcoming show's seats."""
    default_type, priced = card.default_type_id, _default_prices(card)
    rules.check_default_has_price(default_type=default_type, priced=priced)
    rules.check_prices_cover(
        default_type=default_type,
        seat_categories=upcoming_seat_categories(card),
        priced=priced,
        field="prices",
    )


def _default_prices(card: PriceCard) -> set[str]:
    """Return the seat categories in which customers can book the card's default type."""
    prices = card.prices.order_by().filter(type=card.default_type_id, counter_only=False)
    return set(prices.values_list("category", flat=True))


def _default_type(types: dict[str, TicketType], code: str) -> TicketType:
    """Return a type that customers can book alone. Refuses with BadInput."""
    rules.check_ticket_type_known(code, known=types, field="default_type")
    rules.check_may_be_default(code=code, is_restricted=types[code].is_restricted)
    return types[code]


def _lock_ticket_types() -> dict[str, TicketType]:
    """Return every ticket type by its code. None can be deleted until the transaction ends."""
    types = TicketType.objects.select_for_update(no_key=True).order_by("code")
    return {type_.code: type_ for type_ in types}


def _prices(
    card: PriceCard, lines: Iterable[PriceLine], types: dict[str, TicketType]
) -> list[Price]:
    """Return the lines as rows, each category and type once. Refuses with BadInput."""
    rows: dict[tuple[str, str], Price] = {}
    for index, (category, code, amount, counter_only) in enumerate(lines):
        field = f"prices.{index}"
        rules.check_seat_category_known(
            category, known=SeatCategory.values, field=f"{field}.category"
        )
        rules.check_ticket_type_known(code, known=types, field=f"{field}.type")
        rules.check_price_is_new(category, code, known=rows, field=field)
        minor = rules.to_minor_units(amount, card.cinema.currency, field=f"{field}.amount")
        rows[category, code] = Price(
            card=card,
            category=category,
            type=types[code],
            amount=minor,
            counter_only=counter_only,
        )
    return list(rows.values())
