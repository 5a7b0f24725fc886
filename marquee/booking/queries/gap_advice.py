"""What is better than a choice that would leave a seat alone, for a page that asks before it books."""

from collections.abc import Sequence

from marquee.booking import gap_rules
from marquee.booking.gap_rules import GapAdvice
from marquee.booking.queries.availability import taken_seat_ids
from marquee.catalog import queries as catalog
from marquee.catalog.records import ShowRecord
from marquee.catalog.states import SingleGaps


def gap_advice(show: ShowRecord, labels: Sequence[str]) -> GapAdvice | None:
    """Return which seats a choice would leave alone, and better choices; None if there is nothing to say.

    One query; none where the cinema ignores single gaps. Labels that the auditorium does not have are
    for the booking to refuse.
    """
    plan = catalog.get_plan(show.seat_plan_id)
    if show.single_gaps == SingleGaps.OFF or not plan.by_label.keys() >= set(labels):
        return None
    seats = [plan.by_label[label] for label in dict.fromkeys(labels)]
    taken = taken_seat_ids(show.id) - {seat.id for seat in seats}
    return gap_rules.advise(plan, taken, seats)
