"""The parts of the page where seats are chosen: everything but what is decided about them."""

import secrets
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from math import ceil
from typing import Any

from django.urls import reverse
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from marquee.booking.sales_states import SalesState
from marquee.catalog.queries import PlanSeat, ShowRecord
from marquee.catalog.states import SeatKind
from marquee.core import locales
from marquee.core.money import minor_digits
from marquee.web.storefront import seat_messages, show_words
from marquee.web.storefront.best_form import BestSeats
from marquee.web.storefront.fragments import json_fragment, template_fragment
from marquee.web.storefront.seat_choice import SeatChoice
from marquee.web.storefront.seat_messages import Message, seats_in_words
from marquee.web.storefront.seat_offer import SeatOffer
from marquee.web.storefront.seat_table import (
    NAMES,
    seat_groups,
    seat_list,
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
    is_selected: bool


@dataclass(frozen=True, slots=True)
class ChosenTicket:
    """A seat that is chosen, with the types that it can be booked as."""

    label: str
    name: str
    shape: str
    options: Sequence[TypeOption]
    error: str


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
        self.language = get_language() or ""
        self.message, self.is_refused = message, is_refused
        self.is_list = view == LIST
        self.show: ShowRecord = offer.show
        self._types = {
            seat: choice.types.get(seat.label) or offer.default_type(seat) for seat in choice.seats
        }
        self.key = secrets.token_urlsafe(16)

    @property
    def url(self) -> str:
        """The path of the page."""
        return reverse("show", args=[self.show.id])

    @cached_property
    def when(self) -> str:
        """When the show starts, by the cinema's clock."""
        return seat_messages.moment(self.show.starts_at, self.offer)

    @property
    def head(self) -> SafeString:
        """What is shown, when and where."""
        offer, key = self.offer, (self.show, self.offer.title, self.offer.format)
        return template_fragment(
            "components/show_head.html", (*key, self.language), lambda: self._head(offer)
        )

    def _head(self, offer: SeatOffer) -> dict[str, Any]:
        return {
            "title": offer.title,
            "format": offer.format,
            "show": self.show,
            "when": self.when,
            "starts_at": show_words.local_start(self.show).isoformat(timespec="minutes"),
            "zone": locales.zone_note(self.show.timezone, offer.locale),
            "languages": show_words.languages(self.show, offer.locale),
        }

    @property
    def best_form(self) -> SafeString:
        """The form that asks for the best seats."""
        best = self.best
        numbers = (best.count, best.category, best.wheelchairs, best.companions)
        key = (self.url, *self._key, *numbers, self.is_list, self.is_only_accessible)
        return template_fragment("components/best_seats.html", key, lambda: {"page": self})

    @property
    def tickets(self) -> list[SafeString]:
        """The seats chosen, each with the types that it can be booked as."""
        return [
            template_fragment(
                "components/chosen_ticket.html",
                (*self._key, seat.label, type_, error, *self._shown_types(seat)),
                partial(self._ticket, seat, type_, error),
            )
            for seat, type_ in self._types.items()
            for error in [self.errors.get(seat.label, "")]
        ]

    def _shown_types(self, seat: PlanSeat) -> Iterator[Hashable]:
        """Yield how the types of a seat differ from those of its card: only a ticket of one's own does."""
        if own := self.offer.exchanged.get(seat.id):
            yield from (own.type_id, own.price)

    @property
    def errors(self) -> Mapping[str, str]:
        """What is wrong with the types of the seats that are still chosen, by the label of the seat."""
        known = self.message.tickets if self.message else {}
        return {seat.label: known[seat.label] for seat in self._types if seat.label in known}

    def _ticket(self, seat: PlanSeat, type_: str, error: str) -> dict[str, Any]:
        return {"ticket": _chosen(seat, self.offer, type_, error)}

    @property
    def legend(self) -> SafeString:
        """The shapes of the seats, with their names and prices."""
        offer = self.offer
        return template_fragment(
            "components/seat_legend.html",
            self._key,
            lambda: {"groups": seat_groups(offer.plan, offer.prices, offer.locale)},
        )

    @property
    def _key(self) -> tuple[Hashable, ...]:
        """What the parts depend on that name seats, prices and the limit."""
        offer, now = self.offer, self.offer.availability
        plan_and_card = (now.seat_plan_id, now.price_card_id, now.card_version)
        return (*plan_and_card, offer.limit, str(offer.locale), self.language)

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
    def table(self) -> SafeString:
        """The seats as a table, with the shapes that it refers to."""
        offer = self.offer
        taken = offer.availability.states.keys()
        own = offer.own & taken
        return SafeString(
            symbols()
            + seat_table(offer.plan, offer.prices, taken, self.choice.ids, own, offer.locale)
        )

    @property
    def free_seats(self) -> SafeString:
        """The free seats row by row, with the shapes that they refer to."""
        offer = self.offer
        taken = offer.availability.states.keys()
        return SafeString(
            symbols() + seat_list(offer.plan, offer.prices, taken, self.choice.ids, offer.locale)
        )

    @property
    def other_view(self) -> str:
        """The URL of the table, or of the list, with the same choice."""
        view = "" if self.is_list else f"view={LIST}"
        parts = [view, self.best.query, self.choice.query()]
        return "?" + "&".join(part for part in parts if part) + "#choose"

    @property
    def total(self) -> str:
        """What the tickets cost together."""
        return self.offer.money(self.total_minor)

    @property
    def total_minor(self) -> int:
        """The same in minor units."""
        return sum(self.offer.price(seat, type_) for seat, type_ in self._types.items())

    @property
    def status(self) -> str:
        """The line that says what is chosen."""
        if not self._types:
            return _("No seats chosen yet")
        seats = ", ".join(self.choice.labels)
        return _("%(seats)s chosen, %(total)s in all") % {"seats": seats, "total": self.total}

    @property
    def data(self) -> SafeString:
        """What the script needs to know. Rules are the server's: this has numbers and texts only."""
        offer = self.offer
        return SafeString(
            json_script(self._show_data(), "show-data")
            + json_fragment("seat-data", self._key, lambda: _script_data(offer))
        )

    def _show_data(self) -> dict[str, Any]:
        labels = self.offer.plan.by_id
        return {
            "url": self.url,
            "availability": reverse("show-availability", args=[self.show.id]),
            "own": [labels[seat].label for seat in self.offer.own if seat in labels],
            "facts": self.offer.availability.show_facts,
            "closes": max(0, ceil((self.show.sales_until - self.offer.now).total_seconds() * 1000)),
        }


def _script_data(offer: SeatOffer) -> dict[str, Any]:
    prices = offer.prices
    groups = seat_groups(offer.plan, prices, offer.locale)
    priced = {group.shape: group.price for group in groups}
    return {
        "every": POLL_MILLISECONDS,
        "limit": offer.limit,
        "locale": str(offer.locale).replace("_", "-"),
        "currency": prices.currency,
        "digits": minor_digits(prices.currency),
        "default": prices.default_type,
        "shapes": {
            shape: {
                "name": str(NAMES[shape]),
                "price": priced[shape],  # blank: at the box office only
                "types": _options_of(category, offer),
            }
            for shape, category in _shapes(offer)
        },
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
        (type_, type_text(type_, category, amount, offer), amount)
        for type_ in offer.prices.types(category)
        for amount in [offer.prices.amounts[category, type_]]
    ]


def _chosen(seat: PlanSeat, offer: SeatOffer, chosen: str, error: str) -> ChosenTicket:
    options = [
        TypeOption(type_, type_text(type_, seat.category, amount, offer), type_ == chosen)
        for type_ in offer.types(seat)
        for amount in [offer.price(seat, type_)]
    ]
    return ChosenTicket(seat.label, str(NAMES[shape_of(seat)]), shape_of(seat), options, error)


def type_text(type_: str, category: str, amount: int, offer: SeatOffer) -> str:
    """Return a ticket type with its price, and with what it needs."""
    name, terms = offer.type_names.get(type_, type_), offer.prices.terms.get((category, type_))
    price = offer.money(amount)
    if terms and terms.needs_kind:
        return _("%(type)s, with a wheelchair space: %(price)s") % {"type": name, "price": price}
    if terms and terms.needs_type:
        other = offer.type_names.get(terms.needs_type, terms.needs_type)
        texts = {"type": name, "other": other, "price": price}
        return _("%(type)s, with a ticket %(other)s: %(price)s") % texts
    return f"{name}, {price}"
