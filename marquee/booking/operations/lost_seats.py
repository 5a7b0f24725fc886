"""Explain why a customer cannot have the seats that a request names, and offer others.

Everything is read after the rollback, so that nobody waits, and the refusal says what is so by then.
"""

from functools import partial
from typing import TYPE_CHECKING

from django.utils import timezone

from marquee.accounts.permissions import may_sell_at_counter
from marquee.booking import best_seats, gap_rules, queries, seat_needs, seat_rules
from marquee.booking.errors import SeatLimit, SeatsTaken, UnpaidLimit, WheelchairLimit
from marquee.booking.operations import transitions
from marquee.booking.queries import Availability, cooling_seats
from marquee.booking.records import SeatHolder
from marquee.catalog import queries as catalog
from marquee.catalog.records import PlanData
from marquee.catalog.states import SingleGaps
from marquee.core.transactions import read_of_one_moment

if TYPE_CHECKING:
    from marquee.booking.operations.book import BookingRequest

COUNTED = (SeatLimit, UnpaidLimit, WheelchairLimit)


def explain(request: "BookingRequest", failure: Exception) -> SeatsTaken | None:
    """Return the refusal that says who has the seats named; None if these are not why it failed.

    Seats that the customer has already explain more than the limit that these count for. Raises
    Show.DoesNotExist.
    """
    if not (request.names_seats and isinstance(failure, (SeatsTaken, *COUNTED))):
        return None
    return read_of_one_moment(partial(_explain, request, failure))


def _explain(
    request: "BookingRequest", failure: SeatsTaken | SeatLimit | UnpaidLimit | WheelchairLimit
) -> SeatsTaken | None:
    now = queries.get_availability(request.show_id)
    plan = catalog.get_plan(now.seat_plan_id)
    if any(ticket.seat not in plan.by_label for ticket in request.tickets):
        return (
            failure if isinstance(failure, SeatsTaken) else None
        )  # the show has other seats by now
    return _explain_at(request, failure, now, plan)


def _explain_at(
    request: "BookingRequest",
    failure: SeatsTaken | SeatLimit | UnpaidLimit | WheelchairLimit,
    now: Availability,
    plan: PlanData,
) -> SeatsTaken | None:
    labels = [str(ticket.seat) for ticket in request.tickets]
    holders = transitions.holders_by_label(
        request.show_id, plan.id, [plan.by_label[label].id for label in labels]
    )
    context = queries.refusal_context(user_id=request.user_id, show_id=request.show_id)
    is_staff = context.is_staff and may_sell_at_counter(request.user_id, request.show_id)
    leaves_no_gap = context.single_gaps == SingleGaps.REFUSE and not is_staff
    if isinstance(failure, SeatsTaken):
        lost = failure.facts["seats"]
        groups = _alternatives(request, now, plan, is_staff=is_staff, leaves_no_gap=leaves_no_gap)
    else:  # no other seats either
        lost, groups = [one for one in labels if _is_own(request, holders.get(one))], []
    if not lost:
        return None
    return seat_rules.seats_taken(
        lost, holders, groups, user_id=request.user_id, is_staff=is_staff, zone=context.timezone
    )


def _is_own(request: "BookingRequest", holder: SeatHolder | None) -> bool:
    return holder is not None and holder.user_id == request.user_id


def _alternatives(
    request: "BookingRequest",
    now: Availability,
    plan: PlanData,
    *,
    is_staff: bool,
    leaves_no_gap: bool,
) -> list[list[str]]:
    """Return groups of free seats that can be booked as asked, by their labels."""
    wanted = [plan.by_label[str(ticket.seat)] for ticket in request.tickets]
    prices = catalog.get_prices(now.price_card_id, now.card_version)
    needs = seat_needs.needs_for_other_seats(
        request.tickets, wanted, prices, categories=plan.categories, is_staff=is_staff
    )
    cooling = {} if is_staff else cooling_seats(request.usage_query(timezone.now()))
    find = partial(
        best_seats.alternatives,
        plan,
        now.states.keys() | cooling.keys(),
        wanted,
        needs,
        total=None if request.expected_total is None else request.expected_total.minor,
    )
    groups = find()
    if leaves_no_gap:
        taken = now.states
        groups = find(accepts=lambda group: not gap_rules.left_alone(plan, taken, group)) or [
            group for group in groups if not gap_rules.advise(plan, taken, group, avoid=cooling)
        ]
    return [[seat.label for seat in group] for group in groups]
