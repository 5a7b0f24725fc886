"""The parts of the page where seats are chosen: everything but what is decided about them."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from marquee.booking.sales_states import SalesState
from marquee.catalog.queries import PlanSeat, ShowRecord
from marquee.catalog.states import SeatKind
from marquee.core import locales
from marquee.core.money import minor_digits
from marquee.web.storefront import seat_messages, show_words
from marquee.web.storefront.best_form import BestSeats
from marquee.web.storefront.seat_choice import SeatChoice
from marquee.web.storefront.seat_messages import Message, seats_in_words
from marquee.web.storefront.seat_offer import SeatOffer
from marquee.web.storefront.seat_table import (
    NAMES,
    seat_groups,
    seat_table,
    shape_of,
    symbols,
)

# How long a page waits before it asks again which seats are taken.
POLL_MILLISECONDS = 4000
LIST = "list"


@dataclass(frozen=True, slots=True)
class TypeOption:
    """A ticket type that can be chosen for a seat."""

    type: str
    text: str
    minor: int
    is_selected: bool


@dataclass(frozen=True, slots=True)
class ChosenTicket:
    """A seat that is chosen, with the types that it can be booked as."""

    label: str
    name: str
    shape: str
    options: Sequence[TypeOption]

    @property
    def minor(self) -> int:
        """The price in minor units."""
        return next((one.minor for one in self.options if one.is_selected), 0)


@dataclass(frozen=True, slots=True)
class ListedSeat:
    """A free seat of the list."""

    label: str
    text: str
    shape: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class OwnSeats:
    """A booking that the customer has of this show."""

    reference: str
    seats: str
    held_until: str  # blank if it is confirmed


class SeatPage:
    """What the template of the page shows, for an offer and a choice of its seats."""

    def __init__(
        self,
        offer: SeatOffer,
        choice: SeatChoice,
        *,
        best: BestSeats,
        view: str = "",
        message: Message | None = None,
        is_refused: bool = False,
    ) -> None:
        self.offer, self.choice, self.best = offer, choice, best
        self.message, self.is_refused = message, is_refused
        self.is_list = view == LIST
        self.show: ShowRecord = offer.show
        self.tickets = [_chosen(seat, offer, choice) for seat in choice.seats]
        self.key = secrets.token_urlsafe(16)

    @property
    def when(self) -> str:
        """When the show starts, by the cinema's clock."""
        return seat_messages.moment(self.show.starts_at, self.offer)

    @property
    def starts_at(self) -> str:
        """The same as ISO 8601."""
        return show_words.local_start(self.show).isoformat(timespec="minutes")

    @property
    def zone(self) -> str:
        """Whose clock the time is by."""
        return locales.zone_note(self.show.timezone, self.offer.locale)

    @property
    def languages(self) -> str:
        """The languages of the show."""
        return show_words.languages(self.show, self.offer.locale)

    @property
    def state(self) -> tuple[str, str]:
        """Why no seat can be booked, if that is so."""
        return seat_messages.about_state(self.offer)

    @property
    def is_only_accessible(self) -> bool:
        """Whether only wheelchair spaces are left."""
        return self.offer.state == SalesState.WHEELCHAIRS_ONLY

    @property
    def own(self) -> list[OwnSeats]:
        """The customer's bookings of this show."""
        by_id = self.offer.plan.by_id
        return [
            OwnSeats(
                booking.reference,
                seats_in_words(
                    [by_id[seat].label for seat in booking.seat_ids if seat in by_id], self.offer
                ),
                self._clock(booking.held_until) if booking.held_until else "",
            )
            for booking in self.offer.own_bookings
        ]

    def _clock(self, at: datetime) -> str:
        return locales.format_clock(
            at.astimezone(show_words.local_start(self.show).tzinfo), self.offer.locale
        )

    @property
    def table(self) -> str:
        """The seats as a table, with the shapes that it refers to."""
        offer = self.offer
        return symbols() + seat_table(
            offer.plan,
            offer.prices,
            offer.availability.states.keys(),
            self.choice.ids,
            offer.own & offer.availability.states.keys(),
            offer.locale,
        )

    @property
    def symbols(self) -> str:
        """The shapes alone."""
        return symbols()

    @property
    def legend(self) -> Sequence[Any]:
        """The shapes of the seats with their names and prices."""
        return seat_groups(self.offer.plan, self.offer.prices, self.offer.locale)

    @property
    def rows(self) -> Iterator[tuple[str, list[ListedSeat]]]:
        """The free seats by row."""
        for row in self.offer.plan.rows:
            free = [self._listed(seat) for seat in row if self._is_offered(seat)]
            if free:
                yield row[0].row, free

    def _is_offered(self, seat: PlanSeat) -> bool:
        is_sold = self.offer.prices.offers(category=seat.category, kind=seat.kind)
        return is_sold and not self.offer.is_taken(seat)

    def _listed(self, seat: PlanSeat) -> ListedSeat:
        price = self.offer.money(self.offer.prices.lowest([seat.category]))
        text = f"{seat.label}, {NAMES[shape_of(seat)]}, {price}"
        return ListedSeat(seat.label, text, shape_of(seat), seat.id in self.choice.ids)

    @property
    def other_view(self) -> str:
        """The URL of the table, or of the list, with the same choice."""
        view = "" if self.is_list else f"view={LIST}"
        parts = [view, self.best.query, self.choice.query()]
        return "?" + "&".join(part for part in parts if part) + "#choose"

    @property
    def total(self) -> str:
        """What the tickets cost together."""
        return self.offer.money(sum(ticket.minor for ticket in self.tickets))

    @property
    def status(self) -> str:
        """The line that says what is chosen."""
        if not self.tickets:
            return _("No seats chosen yet")
        seats = ", ".join(self.choice.labels)
        return _("%(seats)s chosen, %(total)s in all") % {"seats": seats, "total": self.total}

    @property
    def data(self) -> dict[str, Any]:
        """What the script needs to know. Rules are the server's: this has numbers and texts only."""
        offer, prices = self.offer, self.offer.prices
        labels = offer.plan.by_id
        priced = {group.shape: group.price for group in self.legend}
        return {
            "url": reverse("show", args=[self.show.id]),
            "availability": reverse("show-availability", args=[self.show.id]),
            "every": POLL_MILLISECONDS,
            "limit": offer.limit,
            "locale": str(offer.locale).replace("_", "-"),
            "currency": prices.currency,
            "digits": minor_digits(prices.currency),
            "own": [labels[seat].label for seat in offer.own if seat in labels],
            "shapes": {
                shape: {
                    "name": str(NAMES[shape]),
                    "price": priced[shape],  # blank: at the box office only
                    "types": _options_of(category, offer),
                }
                for shape, category in _shapes(offer)
            },
            "default": prices.default_type,
            "texts": {
                "none": _("No seats chosen yet"),
                "chosen": _("%(seats)s chosen, %(total)s in all"),
                "limit": seat_messages.at_most(offer.limit),
                "taken": _("%(seat)s taken"),
                "free": "%(seats)s, %(name)s, %(price)s",
                "lost": _("%(seats)s: somebody else was faster."),
                "others": _("Free instead: %(seats)s"),
                "type": _("Ticket for %(seats)s"),
            },
        }


def _shapes(offer: SeatOffer) -> Iterator[tuple[str, str]]:
    for category, kind in offer.plan.groups:
        yield (category if kind == SeatKind.STANDARD else kind), category


def _options_of(category: str, offer: SeatOffer) -> list[tuple[str, str, int]]:
    """Return the types of a shape of seats for the script: code, text and price."""
    return [
        (type_, _type_text(type_, category, offer), offer.prices.amounts[category, type_])
        for type_ in offer.prices.types(category)
    ]


def _chosen(seat: PlanSeat, offer: SeatOffer, choice: SeatChoice) -> ChosenTicket:
    selected = choice.types.get(seat.label) or offer.default_type(seat)
    options = [
        TypeOption(
            type_,
            _type_text(type_, seat.category, offer),
            offer.prices.amounts[seat.category, type_],
            type_ == selected,
        )
        for type_ in offer.types(seat)
    ]
    return ChosenTicket(seat.label, str(NAMES[shape_of(seat)]), shape_of(seat), options)


def _type_text(type_: str, category: str, offer: SeatOffer) -> str:
    """Return a ticket type with its price, and with what it needs."""
    name, terms = offer.type_names.get(type_, type_), offer.prices.terms.get((category, type_))
    price = offer.money(offer.prices.amounts[category, type_])
    if terms and terms.needs_kind:
        return _("%(type)s, with a wheelchair space: %(price)s") % {"type": name, "price": price}
    if terms and terms.needs_type:
        other = offer.type_names.get(terms.needs_type, terms.needs_type)
        texts = {"type": name, "other": other, "price": price}
        return _("%(type)s, with a ticket %(other)s: %(price)s") % texts
    return f"{name}, {price}"
