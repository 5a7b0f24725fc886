"""Which free seats are the best for a party: together, in one row, near the middle two-thirds back.

Pure: it proposes; only a claim decides. Wheelchair spaces and companion seats are never proposed
to a party that did not ask for them by name.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from marquee.catalog.models import SeatKind
from marquee.catalog.queries import PlanData, PlanSeat

# Rows stand about 1.1 m apart and seats 0.55 m wide, so a row counts as two seats.
ROW_IN_SEATS = 2.0

Party = tuple[PlanSeat, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A point in the auditorium, in rows and seat widths."""

    y: float
    x: float


def sweet_spot(plan: PlanData) -> Point:
    """Return where the best seats are: the middle, two-thirds of the way back."""
    ys = [place.y for place in plan.places]
    xs = [place.x for place in plan.places]
    return Point(min(ys) + (max(ys) - min(ys)) * 2 / 3, (min(xs) + max(xs)) / 2)


def centre(places: Sequence[PlanSeat]) -> Point:
    """Return the middle of some places."""
    count = len(places)
    return Point(sum(place.y for place in places) / count, sum(place.x for place in places) / count)


def together(plan: PlanData, taken: Collection[int], count: int, near: Point) -> list[Party]:
    """Return every way to seat a party side by side, best first.

    First those that leave fewest seats alone between others, then the nearest to the spot.
    """
    found = [
        (_orphans(run, start, count), _distance(run[start : start + count], near), run, start)
        for run in _runs(plan, taken)
        for start in range(len(run) - count + 1)
    ]
    found.sort(key=lambda way: way[:2])
    return [tuple(run[start : start + count]) for _, _, run, start in found]


def best(plan: PlanData, taken: Collection[int], count: int, *, choice: int = 0) -> Party | None:
    """Return the best free places for a party, None if there are not as many.

    `choice` takes the next best instead, for a customer who lost a race for the best. A party
    that fits nowhere together is split into as large groups as there are, near each other.
    """
    near = sweet_spot(plan)
    if ways := together(plan, taken, count, near):
        return ways[min(choice, len(ways) - 1)]
    return _split(plan, taken, count, near)


def ordinary(plan: PlanData, taken: Collection[int]) -> list[PlanSeat]:
    """Return the free places that anybody may be given without asking for them by name."""
    return [
        place for place in plan.places if place.kind == SeatKind.STANDARD and place.id not in taken
    ]


def alternatives(plan: PlanData, taken: Collection[int], wanted: Sequence[PlanSeat]) -> list[Party]:
    """Return up to three other ways to sit together, without a seat in common, nearest first.

    Each place is of the same kind as the wanted one that it stands for, so that whoever may book
    those may book these.
    """
    chosen: list[Party] = []
    if all(place.kind == SeatKind.STANDARD for place in wanted):
        ways: Iterable[Party] = together(plan, taken, len(wanted), centre(wanted))
    else:
        ways = _accessible(plan, taken, wanted)
    for way in ways:
        if not any(place in other for other in chosen for place in way):
            chosen.append(way)
        if len(chosen) == 3:  # enough to choose from, few enough to read
            break
    return chosen


def _accessible(
    plan: PlanData, taken: Collection[int], wanted: Sequence[PlanSeat]
) -> Iterator[Party]:
    """Yield a party around each free place of the kind of the first that is not ordinary."""
    free = [place for place in plan.places if place.id not in taken]
    first = next(place for place in wanted if place.kind != SeatKind.STANDARD)
    spots = [place for place in free if place.kind == first.kind]
    near = centre(wanted)
    for spot in sorted(spots, key=lambda place: _distance([place], near)):
        party: Party = ()
        for place in wanted:
            alike = [one for one in free if one.kind == place.kind and one not in party]
            if not alike:
                return
            party += (min(alike, key=lambda one: _distance([one], centre([spot]))),)
        yield party


def _split(plan: PlanData, taken: Collection[int], count: int, near: Point) -> Party | None:
    party: Party = ()
    while len(party) < count:
        taken = {*taken, *(place.id for place in party)}
        group = _largest(plan, taken, count - len(party), near)
        if group is None:
            return None
        party += group
        near = centre(party)
    return party


def _largest(plan: PlanData, taken: Collection[int], most: int, near: Point) -> Party | None:
    for size in range(most, 0, -1):
        if ways := together(plan, taken, size, near):
            return ways[0]
    return None


def _runs(plan: PlanData, taken: Collection[int]) -> Iterator[list[PlanSeat]]:
    """Yield each stretch of free ordinary seats with neither aisle nor neighbour between them."""
    for row in plan.rows:
        run: list[PlanSeat] = []
        for place in row:
            free = place.kind == SeatKind.STANDARD and place.id not in taken
            if run and (not free or place.x != run[-1].x + 1):
                yield run
                run = []
            if free:
                run.append(place)
        if run:
            yield run


def _orphans(run: Sequence[PlanSeat], start: int, count: int) -> int:
    """Return how many seats of a run would be left alone beside the party: 0, 1 or 2."""
    return (start == 1) + (len(run) - start - count == 1)


def _distance(party: Sequence[PlanSeat], near: Point) -> float:
    middle = (party[0].x + party[-1].x) / 2
    return abs(party[0].y - near.y) * ROW_IN_SEATS + abs(middle - near.x)
