"""Plain, immutable records that catalog queries return. Importing them loads no database."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import cached_property
from typing import NamedTuple

from marquee.catalog.states import SeatKind


@dataclass(frozen=True, slots=True)
class PlanSeat:
    """One seat of a cached plan: see `Seat`."""

    id: int
    label: str
    row: str
    y: int
    x: int
    category: str
    kind: str


@dataclass(frozen=True)
class PlanData:
    """A cached seat plan: its seats row by row from the screen, each row from the left."""

    id: int
    seats: tuple[PlanSeat, ...]

    @cached_property
    def groups(self) -> Mapping[tuple[str, str], int]:
        """How many seats there are of each category and kind."""
        return Counter((seat.category, seat.kind) for seat in self.seats)

    @cached_property
    def by_label(self) -> Mapping[str, PlanSeat]:
        """The seats by label."""
        return {seat.label: seat for seat in self.seats}

    @cached_property
    def by_id(self) -> Mapping[int, PlanSeat]:
        """The seats by id."""
        return {seat.id: seat for seat in self.seats}

    @cached_property
    def categories(self) -> frozenset[str]:
        """The categories that the plan has seats of."""
        return frozenset(seat.category for seat in self.seats)

    @cached_property
    def rows(self) -> tuple[tuple[PlanSeat, ...], ...]:
        """The rows from the screen back, each with its seats from the left."""
        rows: dict[int, list[PlanSeat]] = {}
        for seat in self.seats:
            rows.setdefault(seat.y, []).append(seat)
        return tuple(tuple(row) for row in rows.values())


class ShowRecord(NamedTuple):
    """What responses say of a show and rules decide by, at one moment.

    Equal records serialize equally, so their JSON may be cached: see `api/serializers/shows.py`.
    """

    starts_at: datetime
    ends_at: datetime
    sales_until: datetime
    sales_from: datetime | None
    id: int
    seat_plan_id: int
    price_card_id: int
    format: str
    language: str
    subtitles: str  # several languages with blanks between
    captions: bool
    state: str
    movie_id: int
    title: str
    runtime_minutes: int
    certificate: str
    auditorium_id: int
    auditorium: str
    cinema_id: int
    cinema: str
    city: str
    timezone: str
    cancel_until_minutes: int | None
    utc_offset: int
    call_off_reason: str
    single_gaps: str  # the cinema's policy: see SingleGaps


class Sold(NamedTuple):
    """What a customer's ticket promises of a show, beside its movie and its seat."""

    starts_at: datetime
    format: str
    language: str
    subtitles: str
    captions: bool


class OccupiedTime(NamedTuple):
    """A scheduled show that has an auditorium for a time, turnaround included."""

    show_id: int
    movie: str
    auditorium: str
    zone: tzinfo
    starts_at: datetime
    occupied_until: datetime


class Terms(NamedTuple):
    """Restrictions on booking a ticket as a customer: see `TicketType` and `Price`."""

    counter_only: bool = False
    needs_kind: str = ""
    needs_type: str | None = None


@dataclass(frozen=True, slots=True)
class PriceTable:
    """One version of a price card: minor units by (seat category, ticket type).

    `terms` has the same keys, but only those of restricted tickets.
    """

    version: int
    currency: str
    default_type: str
    amounts: Mapping[tuple[str, str], int]
    terms: Mapping[tuple[str, str], Terms] = field(default_factory=dict)
    wheelchair_limit: int = 1

    def lowest(self, categories: Collection[str]) -> int:
        """Return the lowest price of the default type in these categories, else of what all can book.

        0 without any.
        """
        everybodys = {
            key: amount
            for key, amount in self.amounts.items()
            if key[0] in categories and key not in self.terms
        }
        usual = [amount for key, amount in everybodys.items() if key[1] == self.default_type]
        return min(usual or everybodys.values(), default=0)

    def types(self, category: str) -> list[str]:
        """Return the ticket types that customers can book for a seat category, in the card's order."""
        return [
            type_ for known, type_ in self.amounts if known == category and self.sells(known, type_)
        ]

    def offers(self, *, category: str, kind: str) -> bool:
        """Return whether customers can book seats of a category and kind themselves, at any price.

        Companion seats go with wheelchair spaces.
        """
        is_general = kind == SeatKind.STANDARD
        return bool(self.types(category)) and (is_general or self.wheelchair_limit > 0)

    def sells(self, category: str, type_: str) -> bool:
        """Return whether customers can book this type in this seat category."""
        terms = self.terms.get((category, type_))
        return (category, type_) in self.amounts and not (terms and terms.counter_only)


class Translation(NamedTuple):
    """What a movie is called, and what it is about, in a language of the pages."""

    language: str
    title: str
    synopsis: str = ""


class MovieListItem(NamedTuple):
    """A movie of a list. Its genres are a JSON array of arrays with one name each.

    So are its translations, with language, title and synopsis.
    """

    id: int
    title: str
    original_title: str
    synopsis: str
    runtime_minutes: int
    certificate: str
    original_language: str
    release_date: date | None
    poster: str
    trailer: str
    genres: str | None
    translations: str | None


class MovieText(NamedTuple):
    """What a movie is called, and what it is about, in one language."""

    title: str
    synopsis: str


class CinemaRecord(NamedTuple):
    """A cinema as pages show it."""

    id: int
    name: str
    city: str
    timezone: str
    currency: str
    address: str
    accessibility: str
