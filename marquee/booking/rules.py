"""What is allowed, until when, and what it costs: pure functions, without a query.

docs/booking-rules.md lists each rule beside its test.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from typing import NamedTuple

from django.conf import settings

from marquee.booking.errors import (
    CompanionWithoutSpace,
    CoolingDown,
    CounterOnly,
    HoldLimit,
    NeedsAnother,
    SalesClosed,
    SeatLimit,
    ShowCalledOff,
    TooLateToCancel,
    TooManyHolds,
    UnknownSeat,
    UnknownTicketType,
    UnpaidLimit,
    WheelchairLimit,
)
from marquee.booking.models import Booking
from marquee.catalog.models import SeatKind, Show
from marquee.catalog.queries import PlanData, PlanSeat, PriceTable, Terms
from marquee.core.clock import isoformat_in
from marquee.core.errors import BadInput

MOST_NAMED = 20  # of a thousand unknown seats, so many show what is wrong


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """One ticket asked for: a seat by its label, or any; a ticket type, or the usual one."""

    seat: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class PricedSeat:
    """One ticket settled: who sits where, the price in minor units, the terms of a restricted type."""

    place: PlanSeat
    type: str
    price: int
    terms: Terms | None = None


# How far back holds and cancellations count.
RECENTLY = timedelta(hours=1)


class Usage(NamedTuple):
    """What a customer and a client have at one moment, before the booking that asks."""

    customer_seats: int  # live, held or sold, at the show
    client_seats: int  # the same of everybody from the client's network
    client_holds: int  # live, at all shows
    client_holds_until: datetime | None  # when the first of them ends
    recent: int  # holds, or bookings cancelled, at the show within RECENTLY
    recent_since: datetime | None  # when the first of them was made
    cooling: Mapping[int, datetime]  # seats given up too often, and when for the time that counts


def check_wishes(wishes: Sequence[TicketRequest]) -> None:
    """Refuse with BadInput an empty list, a seat named twice, or seats named only in part."""
    if not wishes:
        raise BadInput("Ask for at least one ticket.", field="tickets")
    named = [wish.seat for wish in wishes if wish.seat is not None]
    if named and len(named) < len(wishes):
        raise BadInput("Name every seat, or none for the best available.", field="tickets")
    if twice := [seat for seat, times in Counter(named).items() if times > 1]:
        raise BadInput(f"Named more than once: {', '.join(twice)}.", field="tickets", seats=twice)


def check_on_sale(*, state: str, sales_until: datetime, zone: str, now: datetime) -> None:
    """Refuse with ShowCalledOff, or with SalesClosed from `sales_until` on: told in that zone."""
    if state == Show.State.CALLED_OFF:
        raise ShowCalledOff("This show is called off. Choose another one.")
    if now >= sales_until:
        raise SalesClosed(
            "Sales for this show are closed. Choose a later one.",
            sales_until=isoformat_in(sales_until, zone),
        )


def check_seat_limit(*, has: int, wants: int) -> None:
    """Refuse with SeatLimit when a customer would have more than SEAT_LIMIT seats at a show."""
    limit = settings.SEAT_LIMIT
    left = max(0, limit - has)
    if wants > left:
        have = f", and you have {has}" if has else ""
        raise SeatLimit(
            f"At most {limit} seats a customer and show{have}: {left} more can be booked.",
            limit=limit,
            left=left,
        )


def check_unpaid_limit(*, usage: Usage, wants: int, capacity: int) -> None:
    """Refuse with UnpaidLimit when too many seats of a show would be unpaid.

    At most UNPAID_SEAT_LIMIT for one customer. From one network UNPAID_CLIENT_SEAT_LIMIT or
    UNPAID_CLIENT_PERCENT of the show's seats, whichever is more: a school shares its address. A
    limit of 0 is none.
    """
    if limit := settings.UNPAID_SEAT_LIMIT:
        _check_unpaid(limit, usage.customer_seats, wants, "for one customer")
    if limit := settings.UNPAID_CLIENT_SEAT_LIMIT:
        limit = max(limit, capacity * settings.UNPAID_CLIENT_PERCENT // 100)
        _check_unpaid(limit, usage.client_seats, wants, "from one network")


def _check_unpaid(limit: int, has: int, wants: int, whose: str) -> None:
    left = max(0, limit - has)
    if wants > left:
        raise UnpaidLimit(
            f"At most {limit} seats of a show may be unpaid {whose}: {left} more can be booked. "
            "Ask at the box office for more.",
            limit=limit,
            left=left,
        )


def check_hold_limit(*, usage: Usage, zone: str) -> None:
    """Refuse with HoldLimit when a customer has made HOLD_LIMIT holds at a show within an hour.

    Bookings that were confirmed at once and cancelled since are counted in the same way, apart
    from holds: both would rewrite the seats without end. A limit of 0 is none.
    """
    limit = settings.HOLD_LIMIT
    if limit and usage.recent >= limit and usage.recent_since:
        until = isoformat_in(usage.recent_since + RECENTLY, zone)
        raise HoldLimit(
            f"At most {limit} holds, or cancelled bookings, a customer, show and hour. Confirm a "
            "hold that you have, or try again later.",
            limit=limit,
            until=until,
        )


def check_client_holds(*, usage: Usage, now: datetime) -> None:
    """Refuse with TooManyHolds when CLIENT_HOLD_LIMIT holds are open from a network; 0 is no limit."""
    limit = settings.CLIENT_HOLD_LIMIT
    if limit and usage.client_holds >= limit and usage.client_holds_until:
        seconds = max(1, ceil((usage.client_holds_until - now).total_seconds()))
        raise TooManyHolds(
            f"At most {limit} holds at once from one network. Confirm one, give one back, or try "
            f"again in {seconds} seconds.",
            limit=limit,
            retry_after=seconds,
        )


def check_not_cooling(
    *, places: Iterable[PlanSeat], cooling: Mapping[int, datetime], zone: str
) -> None:
    """Refuse with CoolingDown seats that the customer gave up COOLING_DOWN_AFTER times in an hour."""
    if hot := [place for place in places if place.id in cooling]:
        labels = [place.label for place in hot]
        raise CoolingDown(
            f"You held and gave up {', '.join(labels)} again and again. Choose other seats, or try "
            "again later.",
            seats=labels,
            until=isoformat_in(max(cooling[place.id] for place in hot) + RECENTLY, zone),
        )


def places_named(plan: PlanData, labels: Iterable[str]) -> list[PlanSeat]:
    """Return the places with these labels, in this order. Refuses with UnknownSeat."""
    labels = list(labels)
    missing = (label for label in labels if label not in plan.by_label)
    if unknown := list(islice(missing, MOST_NAMED)):
        raise UnknownSeat(
            f"This auditorium has no seat {', '.join(unknown)}.", field="tickets", seats=unknown
        )
    return [plan.by_label[label] for label in labels]


def settle(
    places: Iterable[PlanSeat], wishes: Iterable[TicketRequest], prices: PriceTable
) -> list[PricedSeat]:
    """Return who sits where at what price, by ascending seat. Refuses with UnknownTicketType."""
    seatings = [
        _priced(place, wish.type or prices.default_type, prices)
        for place, wish in zip(places, wishes, strict=True)
    ]
    return sorted(seatings, key=lambda seating: seating.place.id)


def _priced(place: PlanSeat, type_: str, prices: PriceTable) -> PricedSeat:
    price = prices.amounts.get((place.category, type_))
    if price is None:
        known = prices.types(place.category)
        raise UnknownTicketType(
            f"Seat {place.label} is not sold as {type_}; it is as {', '.join(known) or 'nothing'}.",
            field="tickets",
            types=[type_],
            known=known,
        )
    return PricedSeat(place, type_, price, prices.terms.get((place.category, type_)))


def check_terms(seatings: Sequence[PricedSeat]) -> None:
    """Refuse what customers cannot book together, or at all; staff at the counter can.

    Refuses with CounterOnly, NeedsAnother or CompanionWithoutSpace. Each booking must meet the
    terms by itself, so that cancelling another one cannot break them.
    """
    restricted = [seating for seating in seatings if seating.terms is not None]
    if restricted:
        _check_counter_only(restricted)
        _check_needs(restricted, seatings)
    kinds = [seating.place.kind for seating in seatings]
    if kinds.count(SeatKind.COMPANION) > kinds.count(SeatKind.WHEELCHAIR):
        raise _too_many_companions(seatings, kinds.count(SeatKind.WHEELCHAIR))


def _check_counter_only(restricted: Sequence[PricedSeat]) -> None:
    types = {one.type: None for one in restricted if one.terms and one.terms.counter_only}
    if types:
        raise CounterOnly(
            f"Only the box office sells {', '.join(types)} tickets for these seats. Ask there, or "
            "choose another type.",
            types=list(types),
        )


def _check_needs(restricted: Sequence[PricedSeat], seatings: Sequence[PricedSeat]) -> None:
    """Refuse with NeedsAnother. Types with the same need count together: they cannot share a ticket."""
    for terms in {one.terms for one in restricted if one.terms}:
        asking = [one for one in restricted if one.terms == terms]
        met = [one for one in seatings if one.terms != terms and _meets(one, terms)]
        if len(asking) > len(met):
            raise _needs_another(terms, asking, len(met))


def _meets(seating: PricedSeat, terms: Terms) -> bool:
    if terms.needs_type is not None:
        return seating.type == terms.needs_type
    return seating.place.kind == terms.needs_kind


def _needs_another(terms: Terms, asking: Sequence[PricedSeat], allowed: int) -> NeedsAnother:
    types = sorted({one.type for one in asking})
    needed = "one in a wheelchair space" if terms.needs_kind else f"one of type {terms.needs_type}"
    return NeedsAnother(
        f"Each {' or '.join(types)} ticket needs {needed} in the same booking, so at most "
        f"{allowed} of these can be booked here. Add what is missing, or choose another type.",
        types=types,
        needs={"kind": terms.needs_kind or None, "type": terms.needs_type},
        allowed=allowed,
    )


def _too_many_companions(seatings: Sequence[PricedSeat], spaces: int) -> CompanionWithoutSpace:
    seats = [one.place.label for one in seatings if one.place.kind == SeatKind.COMPANION]
    return CompanionWithoutSpace(
        f"Of the companion seats {', '.join(seats)} at most {spaces} can be booked here: one with "
        "each wheelchair space in the same booking. Choose other seats, or add a space.",
        seats=seats,
        allowed=spaces,
    )


def wheelchair_spaces(seatings: Iterable[PricedSeat]) -> int:
    """Return how many of these tickets are in a wheelchair space."""
    return sum(seating.place.kind == SeatKind.WHEELCHAIR for seating in seatings)


def check_wheelchair_limit(*, has: int, wants: int, limit: int) -> None:
    """Refuse with WheelchairLimit when a customer would have more spaces than the price card allows."""
    left = max(0, limit - has)
    if wants > left:
        have = f", and you have {has}" if has else ""
        raise WheelchairLimit(
            f"At most {limit} wheelchair spaces per customer and show{have}: {left} more can be "
            "booked. The box office sells the others to those who need them.",
            limit=limit,
            left=left,
        )


def held_until(now: datetime) -> datetime:
    """Return until when seats held now are kept: HOLD_MINUTES from now."""
    return now + timedelta(minutes=settings.HOLD_MINUTES)


def cancel_until(starts_at: datetime, minutes_before: int | None) -> datetime:
    """Return until when a booking may be cancelled: the cinema's minutes, or the usual ones."""
    if minutes_before is None:
        minutes_before = settings.CANCEL_UNTIL_MINUTES
    return starts_at - timedelta(minutes=minutes_before)


def goes_with_account(
    *, status: str, has_used_ticket: bool, until: datetime, now: datetime
) -> bool:
    """Say whether a booking ends with its account: every hold, and what may still be cancelled."""
    if status == Booking.Status.CONFIRMED:
        return now < until and not has_used_ticket
    return status == Booking.Status.HELD


def check_may_cancel(*, until: datetime, zone: str, now: datetime) -> None:
    """Refuse with TooLateToCancel from `until` on: told in that zone."""
    if now >= until:
        raise TooLateToCancel(
            "It is too late to cancel this booking. Ask at the box office.",
            cancel_until=isoformat_in(until, zone),
        )
