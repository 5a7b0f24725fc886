"""What the page of a show offers at one moment: its seats, prices, and whether they are on sale."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial

from babel import Locale
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from marquee.booking import queries
from marquee.booking.customer_rules import seats_allowed
from marquee.booking.exchange_rules import HeldTicket
from marquee.booking.queries import Availability, NamedTicket, OwnBooking
from marquee.booking.sales_states import SalesState, sales_state
from marquee.catalog import queries as catalog
from marquee.catalog.models import Show
from marquee.catalog.queries import PlanData, PlanSeat, PriceTable, ShowRecord
from marquee.catalog.states import SeatKind
from marquee.core import locales
from marquee.core.cache import cache_forever
from marquee.core.money import Money
from marquee.core.transactions import read_of_one_moment
from marquee.mail.booking_texts import USUAL_TYPES
from marquee.web.customers import owner_ids
from marquee.web.language import language_of

BOOKABLE = frozenset({SalesState.ON_SALE, SalesState.WHEELCHAIRS_ONLY})


@dataclass(frozen=True)
class SeatOffer:
    """A show with its free seats for one customer, who may have some of them already."""

    show: ShowRecord
    title: str
    format: str
    availability: Availability
    own_bookings: Sequence[OwnBooking]
    locale: Locale
    now: datetime
    # The tickets that get other seats here, by the ids of their seats; none where seats are booked.
    exchanged: Mapping[int, NamedTicket] = field(default_factory=dict)

    @cached_property
    def plan(self) -> PlanData:
        """The seats of the show's auditorium."""
        return catalog.get_plan(self.availability.seat_plan_id)

    @cached_property
    def prices(self) -> PriceTable:
        """The prices of the show."""
        return catalog.get_prices(self.availability.price_card_id, self.availability.card_version)

    @cached_property
    def own(self) -> frozenset[int]:
        """The ids of the seats that the customer has already."""
        return frozenset(seat for booking in self.own_bookings for seat in booking.seat_ids)

    @cached_property
    def limit(self) -> int:
        """How many seats the customer can choose."""
        return len(self.exchanged) or seats_allowed(has=len(self.own))

    @cached_property
    def state(self) -> SalesState:
        """Whether the seats can be booked now, and if not, why."""
        left = Counter(self.plan.groups)
        left.subtract(
            (self.plan.by_id[seat].category, self.plan.by_id[seat].kind)
            for seat in self.availability.states
        )
        by_kind: Counter[str] = Counter()
        for (_category, kind), number in left.items():
            by_kind[kind] += number
        return sales_state(
            self.show,
            left=by_kind[SeatKind.STANDARD],
            accessible_left=by_kind[SeatKind.WHEELCHAIR],
            now=self.now,
        )

    @property
    def is_open(self) -> bool:
        """Whether customers can book some seat now."""
        return self.state in BOOKABLE

    @cached_property
    def type_names(self) -> Mapping[str, str]:
        """The names of the ticket types by code, in the reader's language where they are usual ones."""
        now = self.availability
        names = catalog.get_type_names(now.price_card_id, now.card_version)
        return {code: _(name) if name in USUAL_TYPES else name for code, name in names.items()}

    def types(self, seat: PlanSeat) -> list[str]:
        """Return the ticket types that customers can book for a seat, in the order of the price card.

        The type that an exchanged ticket has for this seat comes first.
        """
        types = self.prices.types(seat.category)
        own = self.exchanged.get(seat.id)
        return types if own is None else list(dict.fromkeys([own.type_id, *types]))

    def default_type(self, seat: PlanSeat) -> str:
        """Return the type that a ticket for a seat has unless another is chosen."""
        if seat.id in self.exchanged:
            return self.exchanged[seat.id].type_id
        types = self.types(seat)
        default = self.prices.default_type
        return default if default in types or not types else types[0]

    @cached_property
    def held_tickets(self) -> list[HeldTicket]:
        """The exchanged tickets as the rules of an exchange read them."""
        return [
            HeldTicket(0, self.plan.by_id[seat], ticket.type_id, ticket.price)
            for seat, ticket in self.exchanged.items()
        ]

    @property
    def total_before(self) -> int:
        """What the exchanged tickets cost, in minor units."""
        return sum(ticket.price for ticket in self.exchanged.values())

    def price(self, seat: PlanSeat, type_: str) -> int:
        """Return what a ticket costs: an exchanged one that stays as it is, what it cost when it was booked."""
        own = self.exchanged.get(seat.id)
        if own is not None and own.type_id == type_:
            return own.price
        return self.prices.amounts.get((seat.category, type_), 0)

    def is_taken(self, seat: PlanSeat) -> bool:
        """Return whether nobody can book a seat now."""
        return seat.id in self.availability.states

    def money(self, minor: int) -> str:
        """Return an amount as the reader writes it."""
        return locales.format_money(Money(minor, self.prices.currency), self.locale)


def load_offer(request: HttpRequest, show_id: int) -> SeatOffer | None:
    """Return what a show offers to who asks, by few queries; None if there is no such show."""
    return read_of_one_moment(partial(_read_offer, request, show_id))


def _read_offer(request: HttpRequest, show_id: int) -> SeatOffer | None:
    language = language_of(request)
    shows = queries.get_show_list_items([show_id])
    if not shows:
        return None
    try:
        availability = queries.get_availability(show_id)
    except Show.DoesNotExist:  # deleted a moment ago
        return None
    show = shows[0].record
    title, format_name = _names(show.movie_id, show.format, language, availability.version.revision)
    offer = SeatOffer(
        show=show,
        title=title,
        format=format_name,
        availability=availability,
        own_bookings=queries.own_bookings(show_id, owner_ids(request)),
        locale=locales.locale_of(language, show.timezone),
        now=timezone.now(),
    )
    offer.prices  # noqa: B018 (when the page is made, the price card may be removed)
    return offer


@cache_forever
def _names(movie_id: int, code: str, language: str, revision: int | None) -> tuple[str, str]:
    """Return the title of a movie and the name of a format, at a revision of the catalog or a newer one."""
    title = catalog.movie_texts([movie_id], language)[movie_id].title
    return title, catalog.format_names().get(code, code)
