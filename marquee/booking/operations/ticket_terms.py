"""Checks of restricted tickets and wheelchair spaces, for customers, and the terms of an expired hold.

All run in the booking's transaction, under the customer's lock.
"""

from collections.abc import Mapping, Sequence

from marquee.booking import cancel_rules, rules, seat_rules
from marquee.booking.models import Booking, Ticket
from marquee.booking.queries import UsageQuery, count_wheelchair_spaces
from marquee.booking.records import PricedSeat
from marquee.booking.states import TicketStatus
from marquee.catalog import queries as catalog
from marquee.catalog.models import Show
from marquee.catalog.records import PriceTable


def check(priced_seats: Sequence[PricedSeat], prices: PriceTable, query: UsageQuery) -> None:
    """Refuse with CounterOnly, NeedsAnother, CompanionWithoutSpace or WheelchairLimit."""
    rules.check_terms(priced_seats)
    if wants := rules.count_wheelchair_tickets(priced_seats):
        has = count_wheelchair_spaces(query)
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
