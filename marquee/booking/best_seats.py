"""The best free seats for a party: the cheapest together, in one row, near the middle two-thirds back.

Pure: it proposes, and only a claim decides. Each ticket has a need: the kind of its seat, and the seat
categories that its type is sold for. Whatever is proposed fits the needs, ticket by ticket.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from marquee.catalog.records import PlanData, PlanSeat
from marquee.catalog.states import SeatKind

# Rows stand about 1.1 m apart and seats are 0.55 m wide, so a row counts as two seats.
ROW_IN_SEATS = 2.0
MAX_ALTERNATIVES = 3  # enough to choose from, few enough to read

# Around which seats an accessible party is placed: the last of these kinds that it needs.
ANCHORS = (SeatKind.STANDARD, SeatKind.COMPANION, SeatKind.WHEELCHAIR)

Group = tuple[PlanSeat, ...]


@dataclass(frozen=True, slots=True)
class SeatNeed:
    """What a ticket needs: a seat of a kind, in a category that its type is sold for.

    `prices` are minor units by seat category. Seats whose price is nearest to `asked` come first: the
    cheapest, or those that cost what the wanted seat costs.
    """

    kind: str
    prices: Mapping[str, int]
    asked: int = 0

    def fits(self, seat: PlanSeat) -> bool:
        """Say whether the ticket can be booked for this seat."""
        return seat.kind == self.kind and seat.category in self.prices

    def cost(self, seat: PlanSeat) -> int:
        """Return how far the price of a fitting seat is from the price asked for."""
        return abs(self.prices[seat.category] - self.asked)


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


def pick_best(
    plan: PlanData, taken: Collection[int], needs: Sequence[SeatNeed], *, rank: int = 0
) -> Group | None:
    """Return the best free seats for a party, in the order of its needs, or None if there are too few.

    A higher `rank` picks the next best, for a customer who lost a race for the best. A party that
    fits nowhere together is split into the largest possible groups, near each other, in the cheapest
    categories that have seats enough.
    """
    near = sweet_spot(plan)
    if groups := _groups(plan, taken, needs, near):
        return seat_each(needs, groups[min(rank, len(groups) - 1)])
    return _split(plan, taken, needs, near)


def pick_spread(
    plan: PlanData, taken: Collection[int], needs: Sequence[SeatNeed], *, spread: int
) -> Group | None:
    """Return seats as `pick_best` does, or others as good: `spread` says which, so that a crowd spreads.

    As good are groups that cost as much, leave as few single seats, and are at most a row farther from
    the best place. None of them share a seat.
    """
    if any(need.kind != SeatKind.STANDARD for need in needs):
        return pick_best(plan, taken, needs)
    ranked = _ranked_groups(plan, taken, needs, sweet_spot(plan))
    if not ranked:
        return pick_best(plan, taken, needs)
    cost, gaps, away, _ = ranked[0]
    good = (one[3] for one in ranked if one[:2] == (cost, gaps) and one[2] <= away + ROW_IN_SEATS)
    apart: list[Group] = []
    for group in good:
        if not any(seat in other for other in apart for seat in group):
            apart.append(group)
    return seat_each(needs, apart[spread % len(apart)])


def alternatives(
    plan: PlanData,
    taken: Collection[int],
    wanted: Sequence[PlanSeat],
    needs: Sequence[SeatNeed],
    *,
    total: int | None = None,
    accepts: Callable[[Group], bool] = bool,
) -> list[Group]:
    """Return up to MAX_ALTERNATIVES groups of free seats, none sharing a seat.

    Each has a seat for each wanted seat, in the same order, so that a customer who may book the wanted
    seats may book these. Those at the same price come first, then the nearest. With a `total` only
    groups that cost as much are returned; and only groups that the function `accepts`.
    """
    near = centroid(wanted)
    groups: Iterable[Group] = _groups(plan, taken, needs, near)
    if not groups:
        groups = filter(None, [_split(plan, taken, needs, near)])
    seated = filter(None, (seat_each(needs, group) for group in groups))
    return first_distinct(
        seats
        for seats in seated
        if (total is None or _price(needs, seats) == total) and accepts(seats)
    )


def first_distinct(groups: Iterable[Group]) -> list[Group]:
    """Return the first MAX_ALTERNATIVES groups that share no seat."""
    chosen: list[Group] = []
    for group in groups:
        if not any(seat in other for other in chosen for seat in group):
            chosen.append(group)
        if len(chosen) == MAX_ALTERNATIVES:
            break
    return chosen


def seat_each(needs: Sequence[SeatNeed], group: Iterable[PlanSeat]) -> Group | None:
    """Return the seats of a group in the order of the needs they fit; None if they do not fit them."""
    left, seats = list(group), {}
    for index in _most_particular_first(needs):
        fitting = [seat for seat in left if needs[index].fits(seat)]
        if not fitting:
            return None
        seats[index] = min(fitting, key=needs[index].cost)
        left.remove(seats[index])
    return tuple(seats[index] for index in range(len(needs)))


def find_scarce(
    plan: PlanData, taken: Collection[int], needs: Sequence[SeatNeed]
) -> tuple[SeatNeed, int, int]:
    """Return the scarcest need, how many free seats fit it, and how many tickets depend on these."""
    found = []
    for need in needs:
        left = sum(need.fits(seat) for seat in plan.seats if seat.id not in taken)
        wants = sum(
            other.kind == need.kind and other.prices.keys() <= need.prices.keys() for other in needs
        )
        found.append((need, left, wants))
    return min(found, key=lambda one: one[1] - one[2])


def _groups(
    plan: PlanData, taken: Collection[int], needs: Sequence[SeatNeed], near: Point
) -> list[Group]:
    if all(need.kind == SeatKind.STANDARD for need in needs):
        return adjacent_groups(plan, taken, needs, near)
    return _accessible_groups(plan, taken, needs, near)


def adjacent_groups(
    plan: PlanData, taken: Collection[int], needs: Sequence[SeatNeed], near: Point
) -> list[Group]:
    """Return every group of free standard seats side by side that fits the needs, the best first.

    Groups whose prices are nearest to those asked for come first, then those that leave fewest single
    seats, then the nearest to the point.
    """
    return [group for *_, group in _ranked_groups(plan, taken, needs, near)]


def _ranked_groups(
    plan: PlanData, taken: Collection[int], needs: Sequence[SeatNeed], near: Point
) -> list[tuple[int, int, float, Group]]:
    by_category = {category: _cost_in(category, needs) for category in plan.categories}
    taken = {*taken, *_unfit(plan, needs)}
    found = []
    for gaps, away, group in windows(plan, taken, len(needs), near):
        cost = _cost(group, needs, by_category)
        if cost is not None:
            found.append((cost, gaps, away, group))
    return sorted(found, key=lambda one: one[:3])


def _cost_in(category: str, needs: Sequence[SeatNeed]) -> int | None:
    """Return the cost of seats that are all of one category; None if not every ticket is sold there."""
    if not all(category in need.prices for need in needs):
        return None
    return sum(abs(need.prices[category] - need.asked) for need in needs)


def _cost(
    group: Group, needs: Sequence[SeatNeed], by_category: Mapping[str, int | None]
) -> int | None:
    if len({seat.category for seat in group}) == 1:
        return by_category[group[0].category]
    seats = seat_each(needs, group)
    return (
        None
        if seats is None
        else sum(need.cost(seat) for need, seat in zip(needs, seats, strict=True))
    )


def _price(needs: Sequence[SeatNeed], seats: Group) -> int:
    return sum(need.prices[seat.category] for need, seat in zip(needs, seats, strict=True))


def _unfit(plan: PlanData, needs: Sequence[SeatNeed]) -> set[int]:
    """Return the seats of categories that no ticket is sold for."""
    sold = {category for need in needs for category in need.prices}
    return {seat.id for seat in plan.seats if seat.category not in sold}


def _most_particular_first(needs: Sequence[SeatNeed]) -> list[int]:
    return sorted(range(len(needs)), key=lambda index: len(needs[index].prices))


def windows(
    plan: PlanData, taken: Collection[int], count: int, near: Point
) -> Iterator[tuple[int, float, Group]]:
    """Yield every group of so many free standard seats side by side.

    With each: how many single seats it leaves, and its distance from the point.
    """
    for run in contiguous_runs(plan.rows, taken):
        for start in range(len(run) - count + 1):
            group = tuple(run[start : start + count])
            yield _single_gaps(run, start, count), distance(group, near), group


def _accessible_groups(
    plan: PlanData, taken: Collection[int], needs: Sequence[SeatNeed], near: Point
) -> list[Group]:
    """Return a group around each free wheelchair space (or companion seat, if none is needed).

    First those at the best prices, then the closest together, then the nearest to the point.
    """
    free = [seat for seat in plan.seats if seat.id not in taken]
    first = max(needs, key=lambda need: ANCHORS.index(need.kind))
    found = []
    for anchor in filter(first.fits, free):
        at = centroid([anchor])
        if group := _seats_around(at, free, needs):
            cost = sum(need.cost(seat) for need, seat in zip(needs, group, strict=True))
            spread = sum(distance([seat], at) for seat in group)
            found.append((cost, spread, distance([anchor], near), group))
    found.sort(key=lambda one: one[:3])
    return [group for *_, group in found]


def _seats_around(at: Point, free: Iterable[PlanSeat], needs: Sequence[SeatNeed]) -> Group | None:
    """Return a seat for each need: of those at the best price, the nearest to the point."""
    left, seats = list(free), {}
    for index in _most_particular_first(needs):
        need = needs[index]
        fitting = [
            (need.cost(one), distance([one], at), one.id, one) for one in left if need.fits(one)
        ]
        if not fitting:
            return None
        *_, seats[index] = min(fitting)
        left.remove(seats[index])
    return tuple(seats[index] for index in range(len(needs)))


def _split(
    plan: PlanData, taken: Collection[int], needs: Sequence[SeatNeed], near: Point
) -> Group | None:
    """Return seats apart: in the cheapest categories that have enough, in groups as large as can be."""
    if any(need.kind != SeatKind.STANDARD for need in needs):
        return None
    costs = {category: _cost_in(category, needs) for category in plan.categories}
    for most in sorted({cost for cost in costs.values() if cost is not None}):
        sold = {key: cost for key, cost in costs.items() if cost is not None and cost <= most}
        party = _largest_groups(plan, taken, len(needs), near, sold)
        if party and (seats := seat_each(needs, party)):
            return seats
    return _seats_around(near, (seat for seat in plan.seats if seat.id not in taken), needs)


def _largest_groups(
    plan: PlanData, taken: Collection[int], count: int, near: Point, costs: Mapping[str, int]
) -> Group | None:
    """Return seats of these categories in the largest groups there are, the cheapest of a size first."""
    taken = {*taken, *(seat.id for seat in plan.seats if seat.category not in costs)}
    party: Group = ()
    while len(party) < count:
        group = _largest_group(plan, taken, count - len(party), near, costs)
        if group is None:
            return None
        party += group
        near = centroid(party)
        taken |= {seat.id for seat in group}
    return party


def _largest_group(
    plan: PlanData, taken: Collection[int], most: int, near: Point, costs: Mapping[str, int]
) -> Group | None:
    for size in range(most, 0, -1):
        groups = [
            (sum(costs[seat.category] for seat in group), gaps, away, group)
            for gaps, away, group in windows(plan, taken, size, near)
        ]
        if groups:
            return min(groups, key=lambda group: group[:3])[3]
    return None


def contiguous_runs(
    rows: Iterable[Sequence[PlanSeat]], taken: Collection[int]
) -> Iterator[list[PlanSeat]]:
    """Yield each stretch of free standard seats with neither aisle nor taken seat between them."""
    for row in rows:
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


def distance(group: Sequence[PlanSeat], near: Point) -> float:
    """Return how far the middle of seats in one row is from a point, in seat widths."""
    middle = (group[0].x + group[-1].x) / 2
    return abs(group[0].y - near.y) * ROW_IN_SEATS + abs(middle - near.x)
