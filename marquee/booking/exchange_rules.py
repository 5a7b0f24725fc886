"""The rules of changing the seats of a booking. Pure functions without queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from marquee.booking import rules
from marquee.booking.errors import (
    AlreadyUsed,
    ExchangeCostsMore,
    HoldLimit,
    NotHeld,
    ShowCalledOff,
    TooLateToExchange,
)
from marquee.booking.records import LockedBooking, PricedSeat, TicketRequest
from marquee.booking.states import BookingStatus
from marquee.catalog.records import PlanData, PlanSeat, PriceTable
from marquee.catalog.states import ShowState
from marquee.core.errors import BadInput
from marquee.core.money import Money
from marquee.core.zones import isoformat_in, write_time


@dataclass(frozen=True, slots=True)
class HeldTicket:
    """A ticket that a booking has now: its id, seat, type and price, and when it was used, if it was."""

    id: int
    seat: PlanSeat
    type: str
    price: int
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What an exchange would do: the tickets kept and given up, the new ones, and all of them priced."""

    kept: Sequence[HeldTicket]
    given_up: Sequence[HeldTicket]
    new: Sequence[PricedSeat]  # by ascending seat id
    result: Sequence[PricedSeat]  # the new ones, and the kept ones at their own prices

    @property
    def total(self) -> int:
        """What the booking would cost, in minor units."""
        return sum(priced.price for priced in self.result)

    @property
    def wanted_seats(self) -> set[int]:
        """The ids of the seats to claim. A ticket that only changes its type keeps its seat."""
        return {one.seat.id for one in self.new} - {one.seat.id for one in self.given_up}

    @property
    def released_seats(self) -> set[int]:
        """The ids of the seats to free."""
        return {one.seat.id for one in self.given_up} - {one.seat.id for one in self.new}


def check_may_exchange(locked: LockedBooking) -> None:
    """Refuse a booking whose seats cannot be changed now.

    Those of a live hold can, and those of a confirmed booking until its deadline of cancelling; both
    while the show is on sale. Refuses with ShowCalledOff, NotHeld, TooLateToExchange,
    SalesNotOpen or SalesClosed.
    """
    if locked.show_state == ShowState.CALLED_OFF:
        raise ShowCalledOff("This show is called off. Choose another one.")
    if locked.status == BookingStatus.CANCELLED:
        raise NotHeld("This booking was cancelled. Make a new one.")
    if rules.is_expired(locked):
        raise NotHeld("This hold ran out. While its seats are free, confirm it; or book others.")
    if locked.status == BookingStatus.CONFIRMED and locked.now >= locked.cancel_until:
        until = write_time(locked.cancel_until, locked.zone)
        raise TooLateToExchange(
            f"It is too late to change the seats of this booking: that was possible until {until}. "
            "Ask at the box office.",
            cancel_until=isoformat_in(locked.cancel_until, locked.zone),
        )
    rules.check_on_sale(
        state=locked.show_state,
        sales_from=locked.sales_from,
        sales_until=locked.sales_until,
        zone=locked.zone,
        now=locked.now,
    )


def may_exchange(
    *,
    status: str,
    valid: int,
    cancel_until: datetime,
    show_state: str,
    sales_from: datetime | None,
    sales_until: datetime,
    now: datetime,
) -> bool:
    """Say whether a customer may change the seats of valid tickets now. `status` is the effective one.

    So pages offer only what `check_may_exchange` would not refuse.
    """
    is_on_sale = (sales_from is None or now >= sales_from) and now < sales_until
    if show_state == ShowState.CALLED_OFF or not is_on_sale or not valid:
        return False
    return status == BookingStatus.HELD or (
        status == BookingStatus.CONFIRMED and now < cancel_until
    )


def plan_exchange(
    tickets: Sequence[HeldTicket],
    requests: Sequence[TicketRequest],
    plan: PlanData,
    prices: PriceTable,
    *,
    zone: str,
) -> Exchange:
    """Return what an exchange of a booking's tickets for those requested would do.

    A ticket stays if its seat is requested, as its type or as any. Otherwise it is given up. A new
    seat without a type gets that of a ticket given up.
    Refuses with BadInput, UnknownSeat, UnknownTicketType, AlreadyUsed or ExchangeCostsMore.
    """
    rules.check_ticket_requests(requests)
    _check_names_as_many(tickets, requests)
    seats = rules.find_seats(plan, [str(request.seat) for request in requests])
    typed = settle_types(tickets, requests)
    by_seat = {ticket.seat.id: ticket for ticket in tickets}
    kept, new = [], []
    for seat, request in zip(seats, typed, strict=True):
        ticket = by_seat.get(seat.id)
        if ticket is not None and ticket.type == request.type:
            kept.append(ticket)
        else:
            new.append((seat, request))
    given_up = [ticket for ticket in tickets if ticket not in kept]
    _check_not_used(given_up, zone)
    priced = rules.price_seats([seat for seat, _ in new], [one for _, one in new], prices)
    whole = [*priced, *(price_kept(ticket, prices) for ticket in kept)]
    exchange = Exchange(kept, given_up, priced, whole)
    _check_costs_no_more(tickets, exchange, prices.currency)
    return exchange


def settle_types(
    tickets: Sequence[HeldTicket], requests: Sequence[TicketRequest]
) -> list[TicketRequest]:
    """Return the requests with their types: of the seat's own ticket, or of tickets given up, in turn.

    Those for which no ticket is left, as some were cancelled meanwhile, stay without a type.
    """
    own = {ticket.seat.label: ticket.type for ticket in tickets}
    named = {request.seat for request in requests}
    left = [ticket.type for ticket in tickets if ticket.seat.label not in named]
    for request in requests:
        if request.seat not in own and request.type in left:
            left.remove(request.type)
    in_turn = iter(left)
    return [
        request
        if request.type is not None
        else TicketRequest(request.seat, own.get(str(request.seat)) or next(in_turn, None))
        for request in requests
    ]


def price_kept(ticket: HeldTicket, prices: PriceTable) -> PricedSeat:
    """Return a ticket that stays, at its own price, and with the terms of now."""
    terms = prices.terms.get((ticket.seat.category, ticket.type))
    return PricedSeat(ticket.seat, ticket.type, ticket.price, terms)


def check_exchange_limit(recent: Sequence[datetime], *, zone: str) -> None:
    """Refuse with HoldLimit a booking whose seats were changed HOLD_LIMIT times within an hour.

    `recent` are the times within RECENT_PERIOD, the newest first. A limit of 0 means no limit.
    """
    limit = settings.HOLD_LIMIT
    if limit and len(recent) >= limit:
        until = recent[limit - 1] + rules.RECENT_PERIOD
        raise HoldLimit(
            f"You changed the seats of this booking {limit} times within an hour, which is the most. "
            f"Try again at {write_time(until, zone)}.",
            limit=limit,
            left=0,
            until=isoformat_in(until, zone),
        )


def _check_names_as_many(tickets: Sequence[HeldTicket], requests: Sequence[TicketRequest]) -> None:
    if requests[0].seat is None:
        raise BadInput("Name the seat of every ticket.", field="tickets")
    if len(requests) != len(tickets):
        raise BadInput(
            f"This booking has {len(tickets)} tickets, so name as many seats: those that stay, too. "
            "To have fewer, cancel some; to have more, book them.",
            field="tickets",
        )


def _check_not_used(given_up: Sequence[HeldTicket], zone: str) -> None:
    for ticket in given_up:
        if ticket.used_at is not None:
            raise AlreadyUsed(
                f"The ticket for {ticket.seat.label} was used at the door already: it keeps its seat.",
                used_at=isoformat_in(ticket.used_at, zone),
            )


def _check_costs_no_more(tickets: Sequence[HeldTicket], exchange: Exchange, currency: str) -> None:
    before = Money(sum(ticket.price for ticket in tickets), currency)
    total = Money(exchange.total, currency)
    if total.minor > before.minor:
        raise ExchangeCostsMore(
            f"With these seats the booking would cost {total}, and it costs {before}. Choose seats "
            "that cost no more, or cancel it and book anew.",
            total={"amount": total.amount, "currency": currency},
            current_total={"amount": before.amount, "currency": currency},
        )
