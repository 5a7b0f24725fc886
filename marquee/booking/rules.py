"""What is allowed, until when, and what it costs: pure functions, without a query.

docs/booking-rules.md lists each rule beside its test.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from marquee.booking.errors import (
    SalesClosed,
    SeatLimit,
    ShowCalledOff,
    TooLateToCancel,
    UnknownSeat,
    UnknownTicketType,
)
from marquee.catalog.models import Show
from marquee.catalog.queries import Place, Plan, Prices
from marquee.core.clock import local
from marquee.core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Wish:
    """One ticket asked for: a seat by its label, or any; a ticket type, or the usual one."""

    seat: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Seating:
    """One ticket settled: who sits where, and the price in minor units."""

    place: Place
    type: str
    price: int


def check_wishes(wishes: Sequence[Wish]) -> None:
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
            sales_until=local(sales_until, zone),
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


def places_named(plan: Plan, labels: Iterable[str]) -> list[Place]:
    """Return the places with these labels, in this order. Refuses with UnknownSeat."""
    labels = list(labels)
    if unknown := [label for label in labels if label not in plan.by_label]:
        raise UnknownSeat(
            f"This auditorium has no seat {', '.join(unknown)}.", field="tickets", seats=unknown
        )
    return [plan.by_label[label] for label in labels]


def settle(places: Iterable[Place], wishes: Iterable[Wish], prices: Prices) -> list[Seating]:
    """Return who sits where at what price, by ascending seat. Refuses with UnknownTicketType."""
    seatings = [
        _priced(place, wish.type or prices.default_type, prices)
        for place, wish in zip(places, wishes, strict=True)
    ]
    return sorted(seatings, key=lambda seating: seating.place.id)


def _priced(place: Place, type_: str, prices: Prices) -> Seating:
    price = prices.amounts.get((place.category, type_))
    if price is None:
        known = prices.types(place.category)
        raise UnknownTicketType(
            f"Seat {place.label} is not sold as {type_}; it is as {', '.join(known) or 'nothing'}.",
            field="tickets",
            types=[type_],
            known=known,
        )
    return Seating(place, type_, price)


def held_until(now: datetime) -> datetime:
    """Return until when seats held now are kept: HOLD_MINUTES from now."""
    return now + timedelta(minutes=settings.HOLD_MINUTES)


def cancel_until(starts_at: datetime, minutes_before: int | None) -> datetime:
    """Return until when a booking may be cancelled: the cinema's minutes, or the usual ones."""
    if minutes_before is None:
        minutes_before = settings.CANCEL_UNTIL_MINUTES
    return starts_at - timedelta(minutes=minutes_before)


def check_may_cancel(*, until: datetime, zone: str, now: datetime) -> None:
    """Refuse with TooLateToCancel from `until` on: told in that zone."""
    if now >= until:
        raise TooLateToCancel(
            "It is too late to cancel this booking. Ask at the box office.",
            cancel_until=local(until, zone),
        )
