"""The parts of the page that changes seats: those of the page of seats, with what the booking has already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils.safestring import SafeString

from marquee.booking.proposals import categories_at_most, propose_seats
from marquee.booking.records import SeatChoice as Narrowed
from marquee.booking.records import TicketRequest
from marquee.catalog.queries import PlanSeat
from marquee.catalog.states import SeatKind
from marquee.web.storefront import change_words
from marquee.web.storefront.best_form import BestSeats, proposer
from marquee.web.storefront.seat_choice import SeatChoice
from marquee.web.storefront.seat_messages import seats_in_words
from marquee.web.storefront.seat_offer import SeatOffer
from marquee.web.storefront.seat_page import OwnSeats, SeatPage, type_text
from marquee.web.storefront.seat_table import seat_table, symbols


@dataclass(frozen=True)
class BestInstead(BestSeats):
    """The form "Best seats for us" for as many tickets as the booking has, where they cost no more."""

    @cached_property
    def counts(self) -> Sequence[int]:
        """Nothing to choose: the booking has as many tickets as before."""
        return ()

    @cached_property
    def categories(self) -> list[tuple[str, str]]:
        """The categories to choose from; none for wheelchair spaces and companion seats, chosen by hand."""
        offer = self.offer
        if any(offer.plan.by_id[seat].kind != SeatKind.STANDARD for seat in offer.exchanged):
            return []
        affordable = categories_at_most(offer.prices, _types(offer), offer.total_before)
        return [(code, name) for code, name in super().categories if code in affordable]

    @property
    def wheelchair_counts(self) -> Sequence[int]:
        """Nothing to choose."""
        return ()

    @property
    def query(self) -> str:
        """The category as the query of a URL."""
        return urlencode({"category": self.category})

    def propose(self, request: HttpRequest) -> Sequence[PlanSeat]:
        """Return the best seats, of which some may be the booking's own. Refuses as `propose_seats` does."""
        offer, tickets = self.offer, [TicketRequest(None, type_) for type_ in _types(self.offer)]
        taken, choice = offer.availability.states, Narrowed(self.category)
        customer = replace(proposer(request, offer), wheelchair_spaces=0)  # the booking's own
        return propose_seats(offer.plan, offer.prices, taken, tickets, choice, customer)


def read_best_instead(data: QueryDict, offer: SeatOffer) -> BestInstead:
    """Return what a query asks for: a category, or else that of the booking's first seat."""
    best = BestInstead(offer, len(offer.exchanged), "", 0, 0, is_asked="best" in data)
    codes = [code for code, _name in best.categories]
    own = [offer.plan.by_id[seat].category for seat in offer.exchanged]
    category = next((code for code in (data.get("category"), *own, *codes) if code in codes), "")
    return BestInstead(offer, best.count, category or "", 0, 0, is_asked=best.is_asked)


class ChangePage(SeatPage):
    """What the template of the page shows, for the seats of a booking and a choice of others."""

    def __init__(self, offer: SeatOffer, choice: SeatChoice, *, url: str, **parts: Any) -> None:
        super().__init__(offer, choice, **parts)
        self._url = url

    @property
    def url(self) -> str:
        """The path of the page."""
        return self._url

    @property
    def best_form(self) -> SafeString:
        """The form that asks for the best seats; blank where none of the same price can be asked for."""
        return super().best_form if self.best.categories else SafeString()

    @property
    def own(self) -> list[OwnSeats]:
        """Nothing: the page is about the one booking."""
        return []

    @property
    def seats_before(self) -> str:
        """The seats that the booking has."""
        by_id = self.offer.plan.by_id
        return seats_in_words([by_id[seat].label for seat in self.offer.exchanged], self.offer)

    @property
    def total_before(self) -> str:
        """What they cost."""
        return self.offer.money(self.offer.total_before)

    @property
    def table(self) -> SafeString:
        """The seats as a table. The booking's own are named as such, and can be chosen."""
        offer, ids = self.offer, self.choice.ids
        taken = offer.availability.states.keys()
        return SafeString(
            symbols() + seat_table(offer.plan, offer.prices, taken, ids, offer.own, offer.locale)
        )

    @property
    def status(self) -> str:
        """The line that says what is chosen, and what it costs beside what the seats cost before."""
        texts, missing = (
            change_words.status_texts(),
            len(self.offer.exchanged) - len(self.choice.seats),
        )
        difference = self.total_minor - self.offer.total_before
        key = "missing" if missing else str((difference > 0) - (difference < 0))
        return texts[key] % {
            "seats": ", ".join(self.choice.labels),
            "count": missing,
            "total": self.total,
            "before": self.total_before,
        }

    def _show_data(self) -> dict[str, Any]:
        offer = self.offer
        seats = [offer.plan.by_id[seat] for seat in offer.exchanged]
        kept = {seat.label: self._kept(seat) for seat in seats}
        texts = change_words.status_texts()
        return super()._show_data() | {
            "exchange": {"kept": kept, "total": offer.total_before, "texts": texts}
        }

    def _kept(self, seat: PlanSeat) -> tuple[str, str, int]:
        own = self.offer.exchanged[seat.id]
        return own.type_id, type_text(own.type_id, seat.category, own.price, self.offer), own.price


def _types(offer: SeatOffer) -> list[str]:
    return [ticket.type_id for ticket in offer.exchanged.values()]
