"""Checks of restricted tickets and wheelchair spaces, for customers, and the terms of an expired hold.

All run in the booking's transaction, under the customer's lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marquee.booking import cancel_rules, rules, seat_rules
from marquee.booking.exchange_rules import Exchange, HeldTicket
from marquee.booking.models import Booking, Ticket
from marquee.booking.queries import UsageQuery, count_wheelchair_spaces
from marquee.booking.records import PricedSeat
from marquee.booking.states import TicketStatus
from marquee.catalog import queries as catalog
from marquee.catalog.models import Show
from marquee.catalog.records import PlanData, PriceTable
from marquee.catalog.states import SeatKind


@dataclass(frozen=True, slots=True)
class ShowTerms:
    """What a show sells now: its seats, prices, and whether a seat may be left alone."""

    plan: PlanData
    prices: PriceTable
    single_gaps: str


def read_show(show_id: int) -> ShowTerms:
    """Return the seats and prices of a show. Raises Show.DoesNotExist."""
    related = ("price_card", "auditorium__cinema")
    show = Show.objects.select_related(*related).get(pk=show_id)
    prices = catalog.get_prices(show.price_card_id, show.price_card.version)
    plan = catalog.get_plan(show.seat_plan_id)
    return ShowTerms(plan, prices, show.auditorium.cinema.single_gaps)


def held_tickets(booking: Booking, plan: PlanData) -> list[HeldTicket]:
    """Return the tickets of a booking that are not void, in the order in which they were made."""
    rows = Ticket.objects.filter(booking=booking).exclude(status=TicketStatus.VOID)
    return [
        HeldTicket(row.pk, plan.by_id[row.seat_id], row.type_id, row.price, row.used_at)
        for row in rows.order_by("pk")
    ]


def check(priced_seats: Sequence[PricedSeat], prices: PriceTable, query: UsageQuery) -> None:
    """Refuse with CounterOnly, NeedsAnother, CompanionWithoutSpace or WheelchairLimit."""
    rules.check_terms(priced_seats)
    if wants := rules.count_wheelchair_tickets(priced_seats):
        has = count_wheelchair_spaces(query)
        rules.check_wheelchair_limit(has=has, wants=wants, limit=prices.wheelchair_limit)


def check_exchanged(planned: Exchange, prices: PriceTable, query: UsageQuery) -> None:
    """Refuse the result of an exchange as `check` refuses a new booking.

    Its wheelchair spaces count besides those of the customer's other bookings.
    """
    rules.check_terms(planned.result)
    if wants := rules.count_wheelchair_tickets(planned.result):
        before = [one.seat.kind for one in (*planned.kept, *planned.given_up)]
        has = count_wheelchair_spaces(query) - before.count(SeatKind.WHEELCHAIR)
        rules.check_wheelchair_limit(has=has, wants=wants, limit=prices.wheelchair_limit)


def check_rest(booking: Booking, *, before: Sequence[Ticket], kept: Sequence[Ticket]) -> None:
    """Refuse to leave tickets of a booking without those that they need: see `cancel_rules`."""
    show = Show.objects.select_related("price_card").get(pk=booking.show_id)
    seats = catalog.get_plan(show.seat_plan_id).by_id
    prices = catalog.get_prices(show.price_card_id, show.price_card.version)

    def priced(tickets: Sequence[Ticket]) -> list[PricedSeat]:
        return [
            PricedSeat(seat, one.type_id, one.price, prices.terms.get((seat.category, one.type_id)))
            for one in tickets
            for seat in [seats[one.seat_id]]
        ]

    cancel_rules.check_rest(before=priced(before), kept=priced(kept))


def price_again(booking: Booking) -> tuple[Mapping[int, PricedSeat], PriceTable]:
    """Return an expired hold's tickets, by id, with the prices and terms of now; and the price card.

    Refuses with HoldExpired tickets whose type is no longer sold for their seats.
    """
    show = Show.objects.select_related("price_card").get(pk=booking.show_id)
    seats = catalog.get_plan(show.seat_plan_id).by_id
    prices = catalog.get_prices(show.price_card_id, show.price_card.version)
    rows = Ticket.objects.filter(booking=booking).exclude(status=TicketStatus.VOID)
    tickets = {row.pk: (seats[row.seat_id], row.type_id) for row in rows.order_by("pk")}
    seat_rules.check_still_sold(tickets.values(), prices)
    return {
        key: PricedSeat(
            seat,
            type_,
            prices.amounts[seat.category, type_],
            prices.terms.get((seat.category, type_)),
        )
        for key, (seat, type_) in tickets.items()
    }, prices
