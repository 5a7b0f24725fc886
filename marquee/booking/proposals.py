"""Propose seats before anybody books: what a page shows as the best seats for a party. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from marquee.booking import best_seats, gap_rules, rules, seat_needs, seat_rules
from marquee.booking.best_seats import Group, SeatNeed
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


@dataclass(frozen=True, slots=True)
class Proposer:
    """For whom seats are proposed, and where: what a booking of theirs would be refused for."""

    spread: int = 0  # which of equally good groups: another one for another customer
    cooling: Mapping[int, datetime] = field(default_factory=dict)  # see `Usage.cooling`
    wheelchair_spaces: int = 0  # that they have at the show
    refuses_gaps: bool = False
    zone: str = "UTC"


ANYBODY = Proposer()


def propose_seats(
    plan: PlanData,
    prices: PriceTable,
    taken: Collection[int],
    tickets: Sequence[TicketRequest],
    choice: SeatChoice,
    customer: Proposer = ANYBODY,
) -> Sequence[PlanSeat]:
    """Return seats that a customer's booking of these tickets, which name no seat, could get now.

    `taken` are the ids of seats that nobody can book. Refuses with BadInput, UnknownTicketType,
    CounterOnly, NeedsAnother, CompanionWithoutSpace, WheelchairLimit, CoolingDown or SoldOut.
    """
    rules.check_ticket_requests(tickets)
    seat_rules.check_seat_choice(tickets, choice)
    seat_rules.check_has_category(plan, choice.category)
    needs = seat_needs.needs_for_any_seats(
        tickets, choice, prices, categories=plan.categories, is_staff=False
    )
    if all(need.prices for need in needs):
        seats: Sequence[PlanSeat] = _pick(plan, taken, needs, customer)
    else:
        seats = seat_needs.seats_to_price(tickets, needs, choice, prices, plan)
    priced = rules.price_seats(seats, tickets, prices)
    rules.check_terms(priced)
    spaces = rules.count_wheelchair_tickets(priced)
    rules.check_wheelchair_limit(
        has=customer.wheelchair_spaces, wants=spaces, limit=prices.wheelchair_limit
    )
    return seats


def _pick(
    plan: PlanData, taken: Collection[int], needs: Sequence[SeatNeed], customer: Proposer
) -> Group:
    cooling = customer.cooling
    if seats := best_seats.pick_spread(plan, {*taken, *cooling}, needs, spread=customer.spread):
        if customer.refuses_gaps:
            return gap_rules.best_without_gap(plan, taken, seats, avoid=cooling)
        return seats
    if seats := best_seats.pick_best(plan, taken, needs):
        rules.check_not_cooling(seats=seats, cooling=cooling, zone=customer.zone)
        return seats
    raise seat_rules.sold_out(plan, taken, needs)
