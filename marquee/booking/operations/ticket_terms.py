"""Checks of restricted tickets and wheelchair spaces. They apply to customers, not to staff.

Both functions run in the booking's transaction, under the customer's lock.
"""

from collections.abc import Sequence

from marquee.booking import rules
from marquee.booking.models import Booking, Ticket
from marquee.booking.queries import UsageQuery, count_wheelchair_spaces
from marquee.booking.records import PricedSeat
from marquee.catalog import queries as catalog
from marquee.catalog.models import Show
from marquee.catalog.records import PlanSeat, PriceTable, Terms


def check(priced_seats: Sequence[PricedSeat], prices: PriceTable, query: UsageQuery) -> None:
    """Refuse with CounterOnly, NeedsAnother, CompanionWithoutSpace or WheelchairLimit."""
    rules.check_terms(priced_seats)
    if wants := rules.count_wheelchair_tickets(priced_seats):
        has = count_wheelchair_spaces(query)
        rules.check_wheelchair_limit(has=has, wants=wants, limit=prices.wheelchair_limit)


def check_again(booking: Booking, query: UsageQuery) -> None:
    """Refuse an expired hold that would be refused as a new booking, by the current terms."""
    show = Show.objects.select_related("price_card").get(pk=booking.show_id)
    seats = catalog.get_plan(show.seat_plan_id).by_id
    prices = catalog.get_prices(show.price_card_id, show.price_card.version)
    tickets = Ticket.objects.select_related("type").filter(booking=booking)
    check(
        [_priced_seat(seats[ticket.seat_id], ticket, prices) for ticket in tickets], prices, query
    )


def _priced_seat(seat: PlanSeat, ticket: Ticket, prices: PriceTable) -> PricedSeat:
    """Return a stored ticket with its current terms.

    The price card may no longer sell the ticket's type, so the type's own columns count, too.
    """
    type_, line = ticket.type, prices.terms.get((seat.category, ticket.type_id))
    counter_only = type_.counter_only or (line is not None and line.counter_only)
    terms = Terms(counter_only, type_.needs_kind, type_.needs_type_id)
    return PricedSeat(seat, type_.code, ticket.price, None if terms == Terms() else terms)
