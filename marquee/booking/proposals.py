"""Propose seats before anybody books: what a page shows as the best seats for a party. Pure."""

from collections.abc import Collection, Sequence

from marquee.booking import best_seats, rules, seat_needs, seat_rules
from marquee.booking.records import SeatChoice, TicketRequest
from marquee.catalog.records import PlanData, PlanSeat, PriceTable


def categories_at_most(prices: PriceTable, types: Sequence[str], total: int) -> list[str]:
    """Return the categories in which tickets of these types cost together no more than a total, in minor units."""
    categories = dict.fromkeys(category for category, _type in prices.amounts)
    return [
        category
        for category in categories
        if set(types) <= set(prices.types(category))
        and sum(prices.amounts[category, type_] for type_ in types) <= total
    ]


def propose_seats(
    plan: PlanData,
    prices: PriceTable,
    taken: Collection[int],
    tickets: Sequence[TicketRequest],
    choice: SeatChoice,
) -> Sequence[PlanSeat]:
    """Return the seats that a customer's booking of these tickets, which name no seat, would get now.

    `taken` are the ids of seats that the customer cannot have. Refuses with BadInput, UnknownTicketType,
    CounterOnly, NeedsAnother, CompanionWithoutSpace, WheelchairLimit or SoldOut.
    """
    rules.check_ticket_requests(tickets)
    seat_rules.check_seat_choice(tickets, choice)
    seat_rules.check_has_category(plan, choice.category)
    needs = seat_needs.needs_for_any_seats(
        tickets, choice, prices, categories=plan.categories, is_staff=False
    )
    if all(need.prices for need in needs):
        seats: Sequence[PlanSeat] | None = best_seats.pick_best(plan, taken, needs)
        if seats is None:
            raise seat_rules.sold_out(plan, taken, needs)
    else:
        seats = seat_needs.seats_to_price(tickets, needs, choice, prices, plan)
    priced = rules.price_seats(seats, tickets, prices)
    rules.check_terms(priced)
    spaces = rules.count_wheelchair_tickets(priced)
    rules.check_wheelchair_limit(has=0, wants=spaces, limit=prices.wheelchair_limit)
    return seats
