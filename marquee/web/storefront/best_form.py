"""The form "Best seats for us": how many, in which category, and for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from marquee.accounts.queries import find_provisional_guest
from marquee.booking.proposals import Proposer, propose_seats
from marquee.booking.queries import UsageQuery, cooling_seats
from marquee.booking.records import SeatChoice, TicketRequest
from marquee.catalog.queries import PlanSeat
from marquee.catalog.states import SeatCategory, SeatKind, SingleGaps
from marquee.web.customers import account_of
from marquee.web.storefront.seat_offer import SeatOffer
from marquee.web.storefront.seat_table import NAMES
from marquee.web.visitors import spread_of, visitor_of

USUAL_COUNT = 2  # half of all buyers always buy two


@dataclass(frozen=True)
class BestSeats:
    """What the form asks for. Numbers that nobody could mean count as the nearest that one could."""

    offer: SeatOffer
    count: int
    category: str
    wheelchairs: int
    companions: int
    is_asked: bool  # whether the form was sent, or only its numbers are kept in the URL

    @cached_property
    def counts(self) -> Sequence[int]:
        """How many seats can be asked for."""
        return range(1, max(1, self.offer.limit) + 1)

    @cached_property
    def categories(self) -> list[tuple[str, str]]:
        """The categories to choose from, with their names: those of ordinary seats."""
        ordinary = {
            category for category, kind in self.offer.plan.groups if kind == SeatKind.STANDARD
        }
        return [(one.value, str(NAMES[one.value])) for one in SeatCategory if one.value in ordinary]

    @cached_property
    def wheelchair_counts(self) -> Sequence[int]:
        """How many wheelchair spaces can be asked for; none where only the box office books them."""
        return self._counts(SeatKind.WHEELCHAIR)

    @cached_property
    def companion_counts(self) -> Sequence[int]:
        """How many companion seats can be asked for."""
        return self._counts(SeatKind.COMPANION)

    def _counts(self, kind: SeatKind) -> Sequence[int]:
        of_kind = sum(number for (_, one), number in self.offer.plan.groups.items() if one == kind)
        most = min(of_kind, self.offer.prices.wheelchair_limit, self.offer.limit)
        return range(most + 1) if most else ()

    @property
    def has_accessible(self) -> bool:
        """Whether the form has the fields for wheelchairs open."""
        return bool(self.wheelchairs or self.companions)

    @property
    def query(self) -> str:
        """The numbers as the query of a URL, without those that are as usual."""
        pairs = {
            "count": self.count if self.count != USUAL_COUNT else "",
            "category": self.category,
            "wheelchairs": self.wheelchairs or "",
            "companions": self.companions or "",
        }
        return urlencode({name: value for name, value in pairs.items() if value})

    def propose(self, request: HttpRequest) -> Sequence[PlanSeat]:
        """Return the best seats for who asks. Refuses as `propose_seats` does."""
        choice = SeatChoice(self.category or None, self.wheelchairs, self.companions)
        tickets = [TicketRequest() for _ in range(self.count)]
        offer, customer = self.offer, proposer(request, self.offer)
        taken = offer.availability.states
        return propose_seats(offer.plan, offer.prices, taken, tickets, choice, customer)


def proposer(request: HttpRequest, offer: SeatOffer) -> Proposer:
    """Return for whom seats are proposed: one query for who may have given seats up."""
    spaces = [
        seat
        for seat in offer.own & offer.plan.by_id.keys()
        if offer.plan.by_id[seat].kind == SeatKind.WHEELCHAIR
    ]
    return Proposer(
        spread=spread_of(request) + offer.show.id,
        cooling=_cooling(request, offer),
        wheelchair_spaces=len(spaces),
        refuses_gaps=offer.show.single_gaps == SingleGaps.REFUSE,
        zone=offer.show.timezone,
    )


def _cooling(request: HttpRequest, offer: SeatOffer) -> Mapping[int, datetime]:
    user, visitor = account_of(request), visitor_of(request)
    if user is None and visitor is not None:
        user = find_provisional_guest(visitor)
    if user is None:
        return {}
    query = UsageQuery(user.pk, offer.show.id, client_key=None, now=offer.now, hold=True)
    return cooling_seats(query)


def read_best(data: QueryDict, offer: SeatOffer) -> BestSeats:
    """Return what a query asks for."""
    wheelchairs = _number(data.get("wheelchairs"), usual=0, most=offer.limit)
    companions = _number(data.get("companions"), usual=0, most=offer.limit)
    count = _number(data.get("count"), usual=USUAL_COUNT, most=max(1, offer.limit))
    return BestSeats(
        offer,
        max(1, count, wheelchairs + companions),
        data.get("category", "")[:20],
        wheelchairs,
        companions,
        is_asked="best" in data,
    )


def _number(typed: str | None, *, usual: int, most: int) -> int:
    """Return a number typed, at most `most`; the usual one for what is no number."""
    if not typed or len(typed) > 3 or not (typed.isascii() and typed.isdigit()):
        return min(usual, most)
    return min(int(typed), most)
