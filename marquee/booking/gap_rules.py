"""The rule about single gaps: a choice of seats should leave no seat alone. Pure functions (DESIGN 15).

A seat is left alone if it is free and standard, and neither of its neighbours is: aisles, walls,
wheelchair spaces and companion seats count as ends. The whole choice is judged, never seat by seat, and
only while a better choice exists: as many seats, in the same categories and so at the same prices,
that leaves no seat alone. A party that sits side by side is never torn apart for it. Wheelchair spaces
and companion seats stay as chosen, and the rest of their party comes no farther from them.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from marquee.booking.best_seats import (
    Group,
    SeatNeed,
    centroid,
    contiguous_runs,
    distance,
    first_distinct,
    seat_each,
    windows,
)
from marquee.booking.errors import SingleGap
from marquee.catalog.records import PlanData, PlanSeat
from marquee.catalog.states import SeatKind


@dataclass(frozen=True, slots=True)
class GapAdvice:
    """Seats that a choice would leave alone, and better choices, as labels.

    Each of the `alternatives` has a seat for each seat chosen, in the same order.
    """

    left_alone: list[str]
    alternatives: list[list[str]]


def advise(
    plan: PlanData,
    taken: Collection[int],
    chosen: Sequence[PlanSeat],
    *,
    avoid: Collection[int] = (),
) -> GapAdvice | None:
    """Return what is better than a choice that leaves a seat alone; None if nothing is.

    `taken` are the ids of the seats that others have, `avoid` those of free seats that the customer
    cannot book.
    """
    alone = left_alone(plan, taken, chosen)
    if not alone:
        return None
    better = better_choices(plan, taken, chosen, avoid=avoid)
    if not better:
        return None
    return GapAdvice(_labels(alone), [_labels(group) for group in better])


def check_no_gap(
    plan: PlanData,
    taken: Collection[int],
    chosen: Sequence[PlanSeat],
    *,
    avoid: Collection[int] = (),
) -> None:
    """Refuse with SingleGap a choice that leaves a seat alone while a better one exists: as `advise`."""
    advice = advise(plan, taken, chosen, avoid=avoid)
    if advice is not None:
        raise SingleGap(
            f"That would leave {' and '.join(advice.left_alone)} alone, which hardly anybody books. "
            f"Choose {' or '.join(', '.join(group) for group in advice.alternatives)}.",
            left_alone=advice.left_alone,
            alternatives=advice.alternatives,
        )


def best_without_gap(
    plan: PlanData, taken: Collection[int], chosen: Group, *, avoid: Collection[int] = ()
) -> Group:
    """Return the best choice instead of one that leaves a seat alone; the same if none is better."""
    if not left_alone(plan, taken, chosen):
        return chosen
    return next(iter(better_choices(plan, taken, chosen, avoid=avoid)), chosen)


def left_alone(
    plan: PlanData, taken: Collection[int], chosen: Sequence[PlanSeat]
) -> list[PlanSeat]:
    """Return the seats that a choice leaves alone and that were not alone before, row by row."""
    standard = _standard(chosen)
    at = {seat.y for seat in standard}
    rows = [row for row in plan.rows if row[0].y in at]
    before = _alone(rows, taken)
    after = _alone(rows, {*taken, *(seat.id for seat in standard)})
    return [seat for seat in after if seat not in before]


def better_choices(
    plan: PlanData,
    taken: Collection[int],
    chosen: Sequence[PlanSeat],
    *,
    avoid: Collection[int] = (),
) -> list[Group]:
    """Return choices like this one that leave no seat alone, the nearest first; none sharing a seat.

    First parts of a choice in several parts move, each as little as it must; then all sit together.
    """
    standard = _standard(chosen)
    kept = [seat for seat in chosen if seat.kind != SeatKind.STANDARD]
    found = first_distinct(
        group
        for group in _candidates(plan, taken, standard, avoid)
        if not left_alone(plan, taken, group) and _is_as_near(kept, group, standard)
    )
    return [_put_back(chosen, group) for group in found]


def _candidates(
    plan: PlanData, taken: Collection[int], seats: Sequence[PlanSeat], avoid: Collection[int]
) -> Iterator[Group]:
    parts = _parts(seats)
    if len(parts) > 1 and (moved := _move_parts(plan, taken, seats, parts, avoid)):
        yield moved
    yield from _places(plan, taken, seats, avoid)


def _move_parts(
    plan: PlanData,
    taken: Collection[int],
    seats: Sequence[PlanSeat],
    parts: Sequence[Sequence[int]],
    avoid: Collection[int],
) -> Group | None:
    """Return the choice with each part moved that leaves a seat alone; None if one cannot move."""
    moved = list(seats)
    for part in parts:
        others = {seat.id for index, seat in enumerate(moved) if index not in part}
        here = [moved[index] for index in part]
        if not left_alone(plan, {*taken, *others}, here):
            continue
        place = next(_places(plan, {*taken, *others}, here, avoid), None)
        if place is None:
            return None
        for index, seat in zip(part, place, strict=True):
            moved[index] = seat
    return tuple(moved)


def _places(
    plan: PlanData, taken: Collection[int], seats: Sequence[PlanSeat], avoid: Collection[int]
) -> Iterator[Group]:
    """Yield the places side by side for these seats that leave no seat alone, the nearest first.

    Each has, in their order, a seat of the same category for each of them.
    """
    needs = [SeatNeed(seat.kind, {seat.category: 0}) for seat in seats]
    found = windows(plan, taken, len(seats), centroid(seats))
    free = [(away, group) for gaps, away, group in found if not gaps]
    for _, group in sorted(free, key=lambda one: one[0]):
        if any(seat.id in avoid for seat in group):
            continue
        if place := _in_order(seats, needs, group) or seat_each(needs, group):
            yield place


def _in_order(seats: Sequence[PlanSeat], needs: Sequence[SeatNeed], group: Group) -> Group | None:
    """Return seats for the needs from left to right as before; None if these do not fit."""
    order = sorted(range(len(seats)), key=lambda index: (seats[index].y, seats[index].x))
    place = dict(zip(order, group, strict=True))
    if all(need.fits(place[index]) for index, need in enumerate(needs)):
        return tuple(place[index] for index in range(len(needs)))
    return None


def _parts(seats: Sequence[PlanSeat]) -> list[list[int]]:
    """Return the parts of a choice, each side by side, as indexes of its seats."""
    parts: list[list[int]] = []
    before = None
    for index in sorted(range(len(seats)), key=lambda index: (seats[index].y, seats[index].x)):
        seat = seats[index]
        if before and (before.y, before.x + 1) == (seat.y, seat.x):
            parts[-1].append(index)
        else:
            parts.append([index])
        before = seat
    return parts


def _is_as_near(
    kept: Sequence[PlanSeat], group: Sequence[PlanSeat], chosen: Sequence[PlanSeat]
) -> bool:
    """Return whether a group is no farther from the wheelchair spaces and companion seats than these."""
    if not kept:
        return True
    near = centroid(kept)
    away, away_before = (sum(distance([seat], near) for seat in seats) for seats in (group, chosen))
    return away <= away_before


def _put_back(chosen: Sequence[PlanSeat], group: Group) -> Group:
    """Return a choice with other standard seats, in the same order."""
    others = iter(group)
    return tuple(next(others) if seat.kind == SeatKind.STANDARD else seat for seat in chosen)


def _standard(seats: Sequence[PlanSeat]) -> list[PlanSeat]:
    return [seat for seat in seats if seat.kind == SeatKind.STANDARD]


def _alone(rows: Sequence[Sequence[PlanSeat]], taken: Collection[int]) -> list[PlanSeat]:
    return [run[0] for run in contiguous_runs(rows, taken) if len(run) == 1]


def _labels(seats: Sequence[PlanSeat]) -> list[str]:
    return [seat.label for seat in seats]
