"""What each ticket of a request needs of its seat: the input of `best_seats`. Pure."""

from collections.abc import Collection, Sequence

from marquee.booking.best_seats import SeatNeed
from marquee.booking.records import SeatChoice, TicketRequest
from marquee.catalog.records import PlanData, PlanSeat, PriceTable
from marquee.catalog.states import SeatKind


def needs_for_any_seats(
    tickets: Sequence[TicketRequest],
    choice: SeatChoice,
    prices: PriceTable,
    *,
    categories: Collection[str],
    is_staff: bool,
) -> list[SeatNeed]:
    """Return the needs of tickets without seats, by what narrows the choice.

    A category narrows ordinary seats only: wheelchair spaces and companion seats are in few categories.
    """
    kinds = _kinds(tickets, choice, prices)
    named = categories if choice.category is None else {choice.category}
    return [
        SeatNeed(
            kind,
            _prices(
                ticket,
                prices,
                named if kind == SeatKind.STANDARD else categories,
                is_staff=is_staff,
            ),
        )
        for kind, ticket in zip(kinds, tickets, strict=True)
    ]


def needs_for_other_seats(
    tickets: Sequence[TicketRequest],
    wanted: Sequence[PlanSeat],
    prices: PriceTable,
    *,
    categories: Collection[str],
    is_staff: bool,
) -> list[SeatNeed]:
    """Return the needs of tickets whose seats are taken: the same kinds, and first the same prices."""
    needs = []
    for ticket, seat in zip(tickets, wanted, strict=True):
        sold = _prices(ticket, prices, categories, is_staff=is_staff)
        needs.append(SeatNeed(seat.kind, sold, asked=sold.get(seat.category, 0)))
    return needs


def seats_to_price(
    tickets: Sequence[TicketRequest],
    needs: Sequence[SeatNeed],
    choice: SeatChoice,
    prices: PriceTable,
    plan: PlanData,
) -> list[PlanSeat]:
    """Return a seat for each ticket when not every ticket is for sale: pricing them says why not."""
    return [
        _seat_to_price(ticket.type or prices.default_type, need, choice, prices, plan)
        for ticket, need in zip(tickets, needs, strict=True)
    ]


def _seat_to_price(
    type_: str, need: SeatNeed, choice: SeatChoice, prices: PriceTable, plan: PlanData
) -> PlanSeat:
    """Return a seat of the kind and category asked for; of these, one that has a price for the type."""
    narrows = choice.category if need.kind == SeatKind.STANDARD else None
    seats = [
        seat for seat in plan.seats if seat.kind == need.kind and narrows in {None, seat.category}
    ] or list(plan.seats)
    return max(seats, key=lambda seat: (need.fits(seat), (seat.category, type_) in prices.amounts))


def _prices(
    ticket: TicketRequest, prices: PriceTable, categories: Collection[str], *, is_staff: bool
) -> dict[str, int]:
    """Return what a ticket costs in the seat categories that it may be booked for."""
    type_ = ticket.type or prices.default_type
    return {
        category: prices.amounts[category, type_]
        for category in categories
        if (is_staff and (category, type_) in prices.amounts) or prices.sells(category, type_)
    }


def _kinds(
    tickets: Sequence[TicketRequest], choice: SeatChoice, prices: PriceTable
) -> list[SeatKind]:
    """Return the kind of seat for each ticket.

    Tickets that need one in a wheelchair space, such as a carer's, sit there last and in companion
    seats first.
    """
    kinds = [SeatKind.STANDARD] * len(tickets)
    accompany = {
        type_
        for (_, type_), terms in prices.terms.items()
        if terms.needs_kind == SeatKind.WHEELCHAIR
    }
    is_companion = [(ticket.type or prices.default_type) in accompany for ticket in tickets]
    order = sorted(range(len(tickets)), key=lambda index: is_companion[index])
    spaces, others = order[: choice.wheelchairs], order[choice.wheelchairs :]
    others.sort(key=lambda index: not is_companion[index])
    for index in spaces:
        kinds[index] = SeatKind.WHEELCHAIR
    for index in others[: choice.companions]:
        kinds[index] = SeatKind.COMPANION
    return kinds
