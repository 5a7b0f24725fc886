"""Refuse a choice that leaves a seat alone, where the cinema does: see `gap_rules`."""

from collections.abc import Collection, Sequence

from marquee.booking import gap_rules, queries
from marquee.catalog.records import PlanData, PlanSeat
from marquee.catalog.states import SingleGaps


def check(
    *,
    policy: str,
    show_id: int,
    plan: PlanData,
    seats: Sequence[PlanSeat],
    avoid: Collection[int] = (),
) -> None:
    """Refuse with SingleGap these seats of a customer, by one query, if the cinema's `policy` is to refuse.

    Call it under the transaction that claims the seats, once they are claimed: seats that others claimed
    before count as taken, and seats that the booking gave back for these are free. `avoid` are free seats
    that the customer cannot book.
    """
    if policy == SingleGaps.REFUSE:
        taken = queries.taken_seat_ids(show_id) - {seat.id for seat in seats}
        gap_rules.check_no_gap(plan, taken, seats, avoid=avoid)
