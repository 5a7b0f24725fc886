"""What is read again and again. Plans and prices of a version never change: they stay in memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from marquee.catalog.models import Price, PriceCard, Seat, SeatPlan


@dataclass(frozen=True, slots=True)
class Place:
    """One seat of a plan, as memory keeps it: see `Seat`."""

    id: int
    label: str
    row: str
    y: int
    x: int
    category: str
    kind: str


@dataclass(frozen=True)
class Plan:
    """A seat plan as memory keeps it: its places from the screen back, each row from the left."""

    id: int
    places: tuple[Place, ...]

    @cached_property
    def by_label(self) -> Mapping[str, Place]:
        """The places by what is printed on them."""
        return {place.label: place for place in self.places}

    @cached_property
    def by_id(self) -> Mapping[int, Place]:
        """The places by their key."""
        return {place.id: place for place in self.places}

    @cached_property
    def rows(self) -> tuple[tuple[Place, ...], ...]:
        """The rows from the screen back, each with its places from the left."""
        rows: dict[int, list[Place]] = {}
        for place in self.places:
            rows.setdefault(place.y, []).append(place)
        return tuple(tuple(row) for row in rows.values())


@lru_cache(maxsize=2000)
def plan(plan_id: int) -> Plan:
    """Return a seat plan, read once in a process's life. Raises SeatPlan.DoesNotExist."""
    fields = ("id", "label", "row", "y", "x", "category", "kind")
    seats = Seat.objects.filter(plan_id=plan_id).order_by("y", "x").values_list(*fields)
    places = tuple(Place(*seat) for seat in seats)
    if not places:
        raise SeatPlan.DoesNotExist
    return Plan(id=plan_id, places=places)


@dataclass(frozen=True, slots=True)
class Prices:
    """One version of a price card: minor units by (seat category, ticket type)."""

    version: int
    currency: str
    default_type: str
    amounts: Mapping[tuple[str, str], int]

    def types(self, category: str) -> list[str]:
        """Return the ticket types sold for a category of seats, in the card's order."""
        return [type_ for known, type_ in self.amounts if known == category]


_prices: dict[int, Prices] = {}


def prices(card_id: int, version: int) -> Prices:
    """Return a price card's prices: from memory while its version is this one, else read anew.

    Raises PriceCard.DoesNotExist.
    """
    known = _prices.get(card_id)
    if known is None or known.version != version:
        known = _prices[card_id] = _read_prices(card_id)
    return known


def _read_prices(card_id: int) -> Prices:
    """Read version and prices in one statement, so that they belong together."""
    lines = list(
        Price.objects.filter(card_id=card_id)
        .order_by("category", "type__position", "type_id")
        .values_list(
            "card__version", "card__cinema__currency", "card__default_type_id",
            "category", "type_id", "amount",
        )
    )  # fmt: skip
    if not lines:
        raise PriceCard.DoesNotExist
    version, currency, default_type = lines[0][:3]
    return Prices(version, currency, default_type, {line[3:5]: line[5] for line in lines})


def forget() -> None:
    """Forget what memory keeps: for tests, which use the same keys again for other rows."""
    plan.cache_clear()
    _prices.clear()
