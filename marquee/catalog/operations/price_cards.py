"""Add and change price cards. A card's prices are replaced as a set, and its version goes up by one."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from marquee.catalog.locks import lock_row
from marquee.catalog.models import Cinema, Price, PriceCard, SeatCategory, Show, TicketType
from marquee.catalog.queries import seat_categories
from marquee.catalog.validation import save_validated
from marquee.core.errors import BadInput
from marquee.core.money import Money
from marquee.core.transactions import transactional


class PriceLine(NamedTuple):
    """A price as it is written: of a seat category and a ticket type, in the cinema's currency."""

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

    Refuses with BadInput for an unknown category or ticket type, an amount that is not one of the
    currency, a price given twice, and when the default type has no price at all or is restricted.
    """
    cinema, types = lock_row(cinema), _ticket_types()
    default = _default_type(types, default_type)
    card = PriceCard(
        cinema=cinema, name=name, default_type=default, wheelchair_limit=wheelchair_limit
    )
    save_validated(card)
    Price.objects.bulk_create(_prices(card, prices, types))
    _check_default_is_sold(card)
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
    """Change a card; tickets keep the price that was settled when their seats were held.

    Refuses as adding does, and with BadInput for another cinema, and when seats of a show to come
    would be left without a price.
    """
    card, types = lock_row(price_card), _ticket_types()
    if cinema not in {None, card.cinema}:
        raise BadInput("A price card stays at its cinema: add another one there.", field="cinema")
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
        _check_default_is_sold(card)
        check_covers(card, _plans_to_come(card), field="prices")
    if (prices, default_type, wheelchair_limit) != (None, None, None):
        card.version += 1
    save_validated(card)
    return card


@transactional
def delete_price_card(*, price_card: PriceCard) -> None:
    """Remove a card with its prices. Raises ProtectedError when shows use it."""
    lock_row(price_card, exclusive=True).delete()


def check_covers(card: PriceCard, plans: Iterable[int], *, field: str) -> None:
    """Refuse with BadInput when a plan has seats that the card's default type has no price for."""
    priced = _default_prices(card).values_list("category", flat=True)
    if missing := sorted(seat_categories(plans) - set(priced)):
        raise BadInput(
            f"There is no {card.default_type_id} price for {' and '.join(missing)} seats.",
            field=field,
            categories=missing,
        )


def _plans_to_come(card: PriceCard) -> set[int]:
    """Return the keys of the plans that are on sale, or will be, at this card's prices."""
    shows = card.shows.filter(state=Show.State.SCHEDULED, ends_at__gt=timezone.now())
    return set(shows.order_by().values_list("seat_plan_id", flat=True).distinct())


def _check_default_is_sold(card: PriceCard) -> None:
    if not _default_prices(card).exists():
        raise BadInput(
            f"The default ticket type, {card.default_type_id}, has no price.", field="prices"
        )


def _default_prices(card: PriceCard) -> QuerySet[Price]:
    """Return the prices at which customers can book the card's default type."""
    return card.prices.filter(type=card.default_type_id, counter_only=False)


def _default_type(types: dict[str, TicketType], code: str) -> TicketType:
    """Return a type that customers can book alone. Refuses with BadInput."""
    type_ = _ticket_type(types, code, field="default_type")
    if type_.is_restricted:
        raise BadInput(
            f"Customers cannot book one {code} ticket alone: choose another default type.",
            field="default_type",
        )
    return type_


def _ticket_types() -> dict[str, TicketType]:
    """Return every ticket type by its code, none of which can be removed meanwhile."""
    types = TicketType.objects.select_for_update(no_key=True).order_by("code")
    return {type_.code: type_ for type_ in types}


def _ticket_type(types: dict[str, TicketType], code: str, *, field: str) -> TicketType:
    if code not in types:
        known = ", ".join(types)
        raise BadInput(f"There is no ticket type {code!r}: there are {known}.", field=field)
    return types[code]


def _prices(
    card: PriceCard, lines: Iterable[PriceLine], types: dict[str, TicketType]
) -> list[Price]:
    """Return the lines as rows, each category and type once."""
    rows: dict[tuple[str, str], Price] = {}
    for place, (category, code, amount, counter_only) in enumerate(lines):
        field = f"prices.{place}"
        if category not in SeatCategory.values:
            raise BadInput(f"There is no seat category {category!r}.", field=f"{field}.category")
        type_ = _ticket_type(types, code, field=f"{field}.type")
        if (category, code) in rows:
            raise BadInput(f"The {code} price for {category} seats is given twice.", field=field)
        minor = _minor(amount, card.cinema.currency, field=f"{field}.amount")
        rows[category, code] = Price(
            card=card, category=category, type=type_, amount=minor, counter_only=counter_only
        )
    return list(rows.values())


def _minor(amount: Decimal, currency: str, *, field: str) -> int:
    try:
        return Money.parse(amount, currency).minor
    except ValueError as error:
        raise BadInput(str(error), field=field) from None
