"""What customers must observe, and staff need not: restricted ticket types, wheelchair spaces.

Both functions run in the booking's transaction, under the customer's lock.
"""

from collections.abc import Sequence

from marquee.booking import rules
from marquee.booking.models import Booking, Ticket
from marquee.booking.queries import UsageQuery, count_wheelchair_spaces
from marquee.booking.rules import PricedSeat
from marquee.catalog import queries as catalog
from marquee.catalog.models import Show
from marquee.catalog.queries import PlanSeat, PriceTable, Terms


def check(seatings: Sequence[PricedSeat], prices: PriceTable, query: UsageQuery) -> None:
    """Refuse with CounterOnly, NeedsAnother, CompanionWithoutSpace or WheelchairLimit."""
    rules.check_terms(seatings)
    if wants := rules.wheelchair_spaces(seatings):
        has = count_wheelchair_spaces(query)
        rules.check_wheelchair_limit(has=has, wants=wants, limit=prices.wheelchair_limit)


def check_again(booking: Booking, query: UsageQuery) -> None:
    """Refuse a lapsed hold that would be refused as a new booking, by the terms as they are now."""
    show = Show.objects.select_related("price_card").get(pk=booking.show_id)
    places = catalog.get_plan(show.seat_plan_id).by_id
    prices = catalog.get_prices(show.price_card_id, show.price_card.version)
    tickets = Ticket.objects.select_related("type").filter(booking=booking)
    seatings = [_seating(places[ticket.seat_id], ticket, prices) for ticket in tickets]
    check(seatings, prices, query)


def _seating(place: PlanSeat, ticket: Ticket, prices: PriceTable) -> PricedSeat:
    """Return a ticket with its terms. The card may no longer sell its type, so ask that too."""
    type_, line = ticket.type, prices.terms.get((place.category, ticket.type_id))
    counter_only = type_.counter_only or (line is not None and line.counter_only)
    terms = Terms(counter_only, type_.needs_kind, type_.needs_type_id)
    return PricedSeat(place, type_.code, ticket.price, None if terms == Terms() else terms)
