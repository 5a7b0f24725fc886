"""The best free seats for a party: together, in one row, near the middle two-thirds back.

Pure: it proposes, and only a claim decides. It proposes wheelchair spaces and companion seats only to
customers who named such seats.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from marquee.catalog.records import PlanData, PlanSeat
from marquee.catalog.states import SeatKind

# Rows stand about 1.1 m apart and seats are 0.55 m wide, so a row counts as two seats.
ROW_IN_SEATS = 2.0
MAX_ALTERNATIVES = 3  # enough to choose from, few enough to read

Group = tuple[PlanSeat, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A point in the auditorium, in rows and seat widths."""

    y: float
    x: float


def sweet_spot(plan: PlanData) -> Point:
    """Return where the best seats are: the middle, two-thirds of the way back."""
    ys = [seat.y for seat in plan.seats]
    xs = [seat.x for seat in plan.seats]
    return Point(min(ys) + (max(ys) - min(ys)) * 2 / 3, (min(xs) + max(xs)) / 2)


def centroid(seats: Sequence[PlanSeat]) -> Point:
    """Return the middle of some seats."""
    count = len(seats)
    return Point(sum(seat.y for seat in seats) / count, sum(seat.x for seat in seats) / count)


def adjacent_groups(plan: PlanData, taken: Collection[int], count: int, near: Point) -> list[Group]:
    """Return every group of so many free standard seats side by side, the best first.

    Groups that leave fewest single seats come first, then the nearest to the point.
    """
    found = [
        (_single_gaps(run, start, count), _distance(run[start : start + count], near), run, start)
        for run in _contiguous_runs(plan, taken)
        for start in range(len(run) - count + 1)
    ]
    found.sort(key=lambda group: group[:2])
    return [tuple(run[start : start + count]) for _, _, run, start in found]


def pick_best(plan: PlanData, taken: Collection[int], count: int, *, rank: int = 0) -> Group | None:
    """Return the best free seats for a party, or None if there are too few.

    A higher `rank` picks the next best, for a customer who lost a race for the best. A party that
    fits nowhere together is split into the largest possible groups, near each other.
    """
    near = sweet_spot(plan)
    if groups := adjacent_groups(plan, taken, count, near):
        return groups[min(rank, len(groups) - 1)]
    return _split(plan, taken, count, near)


def free_standard_seats(plan: PlanData, taken: Collection[int]) -> list[PlanSeat]:
    """Return the free seats that a customer who named none may get."""
    return [seat for seat in plan.seats if seat.kind == SeatKind.STANDARD and seat.id not in taken]


def alternatives(plan: PlanData, taken: Collection[int], wanted: Sequence[PlanSeat]) -> list[Group]:
    """Return up to MAX_ALTERNATIVES groups of free seats, the nearest first, none sharing a seat.

    Each seat has the kind of the wanted seat that it replaces, so that a customer who may book the
    wanted seats may book these.
    """
    chosen: list[Group] = []
    if all(seat.kind == SeatKind.STANDARD for seat in wanted):
        groups: Iterable[Group] = adjacent_groups(plan, taken, len(wanted), centroid(wanted))
    else:
        groups = _accessible_groups(plan, taken, wanted)
    for group in groups:
        if not any(seat in other for other in chosen for seat in group):
            chosen.append(group)
        if len(chosen) == MAX_ALTERNATIVES:
            break
    return chosen


def _accessible_groups(
    plan: PlanData, taken: Collection[int], wanted: Sequence[PlanSeat]
) -> Iterator[Group]:
    """Yield a group around each free seat of the same kind as the first wanted special seat."""
    free = [seat for seat in plan.seats if seat.id not in taken]
    first = next(seat for seat in wanted if seat.kind != SeatKind.STANDARD)
    anchors = [seat for seat in free if seat.kind == first.kind]
    near = centroid(wanted)
    for anchor in sorted(anchors, key=lambda seat: _distance([seat], near)):
        group: Group = ()
        for seat in wanted:
            alike = [one for one in free if one.kind == seat.kind and one not in group]
            if not alike:
                return
            group += (min(alike, key=lambda one: _distance([one], centroid([anchor]))),)
        yield group


def _split(plan: PlanData, taken: Collection[int], count: int, near: Point) -> Group | None:
    party: Group = ()
    while len(party) < count:
        taken = {*taken, *(seat.id for seat in party)}
        group = _largest_group(plan, taken, count - len(party), near)
        if group is None:
            return None
        party += group
        near = centroid(party)
    return party


def _largest_group(plan: PlanData, taken: Collection[int], most: int, near: Point) -> Group | None:
    for size in range(most, 0, -1):
        if groups := adjacent_groups(plan, taken, size, near):
            return groups[0]
    return None


def _contiguous_runs(plan: PlanData, taken: Collection[int]) -> Iterator[list[PlanSeat]]:
    """Yield each stretch of free standard seats with neither aisle nor taken seat between them."""
    for row in plan.rows:
        run: list[PlanSeat] = []
        for seat in row:
            free = seat.kind == SeatKind.STANDARD and seat.id not in taken
            if run and (not free or seat.x != run[-1].x + 1):
                yield run
                run = []
            if free:
                run.append(seat)
        if run:
            yield run


def _single_gaps(run: Sequence[PlanSeat], start: int, count: int) -> int:
    """Return how many seats of a run would be left alone beside the group: 0, 1 or 2."""
    return (start == 1) + (len(run) - start - count == 1)


def _distance(group: Sequence[PlanSeat], near: Point) -> float:
    middle = (group[0].x + group[-1].x) / 2
    return abs(group[0].y - near.y) * ROW_IN_SEATS + abs(middle - near.x)
