"""The best seats for a party, compared with a brute-force search."""

from collections import Counter

from hypothesis import assume, given
from hypothesis import strategies as st

from marquee.booking import best_seats
from marquee.catalog import seat_plan_text
from marquee.catalog.queries import PlanData, PlanSeat

FIVE_ROWS = [f"{row}: sssssssss" for row in "ABCDE"]


def make_plan(*rows):
    """Return a plan with these rows; seat ids count from 1, row by row."""
    seats = seat_plan_text.seats(seat_plan_text.parse(rows))
    return PlanData(1, tuple(
        PlanSeat(key, seat.label, seat.row, seat.y, seat.x, seat.category, seat.kind)
        for key, seat in enumerate(seats, 1)
    ))  # fmt: skip


def keys(plan, *labels):
    return {plan.by_label[label].id for label in labels}


def labels(party):
    return [seat.label for seat in party]


def best(plan, count, *taken, **how):
    return labels(best_seats.pick_best(plan, keys(plan, *taken), count, **how) or ())


def runs(plan, taken):
    """Yield each run of free standard seats side by side, by brute force."""
    at = {
        (seat.y, seat.x): seat
        for seat in plan.seats
        if seat.kind == "standard" and seat.id not in taken
    }
    for (y, x), seat in at.items():
        if (y, x - 1) not in at:
            run = [seat]
            while after := at.get((y, x + len(run))):
                run.append(after)
            yield run


def windows(plan, taken, count):
    """Return every group of seats side by side, with the number of single seats it leaves."""
    for run in runs(plan, taken):
        for start in range(len(run) - count + 1):
            before, after = run[:start], run[start + count :]
            yield tuple(run[start : start + count]), [len(before), len(after)].count(1)


def distance(party, spot):
    x, y = sum(seat.x for seat in party) / len(party), party[0].y
    return 2 * abs(y - spot.y) + abs(x - spot.x)


@st.composite
def plans_with_taken_seats(draw):
    letters = st.text("sssspr_wc", min_size=1, max_size=9).filter(lambda row: row.strip("_"))
    rows = draw(st.lists(letters, min_size=1, max_size=4))
    plan = make_plan(*[f"{'ABCD'[y]}: {row}" for y, row in enumerate(rows)])
    return plan, set(draw(st.lists(st.sampled_from([seat.id for seat in plan.seats]))))


@given(plans_with_taken_seats(), st.integers(1, 5))
def test_a_party_sits_together_and_leaves_as_few_seats_alone_as_can_be(case, count):
    plan, taken = case
    ways = dict(windows(plan, taken, count))
    party = best_seats.pick_best(plan, taken, count)
    if ways:
        fewest = min(ways.values())
        spot = best_seats.sweet_spot(plan)
        assert ways[party] == fewest
        nearest = min(distance(way, spot) for way, alone in ways.items() if alone == fewest)
        assert distance(party, spot) == nearest


@given(plans_with_taken_seats(), st.integers(1, 8))
def test_a_party_gets_free_standard_seats_whenever_there_are_enough(case, count):
    plan, taken = case
    free = {seat for run in runs(plan, taken) for seat in run}
    party = best_seats.pick_best(plan, taken, count)
    if len(free) < count:
        assert party is None
    else:
        assert len(party) == len(set(party)) == count
        assert set(party) <= free
    assert set(best_seats.free_standard_seats(plan, taken)) == free


@given(plans_with_taken_seats(), st.integers(2, 6))
def test_a_party_that_fits_nowhere_is_split_into_as_large_groups_as_there_are(case, count):
    plan, taken = case
    longest = max((len(run) for run in runs(plan, taken)), default=0)
    party = best_seats.pick_best(plan, taken, count)
    if party and longest < count:
        first = party[:longest]
        assert len({seat.y for seat in first}) == 1
        assert [seat.x for seat in first] == list(range(first[0].x, first[0].x + longest))


@given(plans_with_taken_seats(), st.integers(1, 4), st.data())
def test_alternatives_are_the_nearest_that_do_not_overlap(case, count, data):
    plan, taken = case
    standard = best_seats.free_standard_seats(plan, set())
    assume(standard)
    some = st.lists(st.sampled_from(standard), min_size=1, max_size=count, unique=True)
    wanted = data.draw(some)
    ways = best_seats.alternatives(plan, taken, wanted)
    possible = dict(windows(plan, taken, len(wanted)))
    seats = [seat for way in ways for seat in way]
    assert len(seats) == len(set(seats))
    assert len(ways) <= 3
    assert set(ways) <= possible.keys()
    if possible:
        near = best_seats.centroid(wanted)
        fewest = min(possible.values())
        nearest = min(distance(way, near) for way, alone in possible.items() if alone == fewest)
        assert (possible[ways[0]], distance(ways[0], near)) == (fewest, nearest)
    if len(ways) < 3:
        assert all(set(way) & set(seats) for way in possible)


def test_an_empty_auditorium_gives_the_middle_two_thirds_back():
    assert best(make_plan(*[f"{row}: sssssssss" for row in "ABCDEFG"]), 3) == ["E4", "E5", "E6"]


def test_the_next_best_choice_is_another_one_and_beyond_the_last_is_the_last():
    plan = make_plan("A: ssss")
    ways = [best(plan, 2, rank=rank) for rank in range(4)]
    # A party in the middle would leave A1 and A4 as single seats.
    assert ways == [["A1", "A2"], ["A3", "A4"], ["A2", "A3"], ["A2", "A3"]]


def test_a_seat_further_off_is_better_than_leaving_one_alone():
    assert best(make_plan("A: sssss"), 2) in (["A1", "A2"], ["A4", "A5"])
    assert best(make_plan("A: sssss"), 3) in (["A1", "A2", "A3"], ["A3", "A4", "A5"])


def test_a_seat_is_left_alone_when_it_cannot_be_helped():
    assert len(best(make_plan("A: sss"), 2)) == 2


def test_an_aisle_is_between_its_neighbours():
    plan = make_plan("A: sss", "B: ss_s", "C: s_ss")
    assert best(plan, 3) == ["A1", "A2", "A3"]


def test_wheelchair_spaces_and_companion_seats_are_left_to_those_who_name_them():
    plan = make_plan("A: wcwcs")
    assert best(plan, 1) == ["A5"]
    assert best(plan, 2) == []


def test_a_split_party_sits_near_each_other():
    plan = make_plan(*[f"{row}: ss______ss" for row in "ABCDEF"])
    party = best(plan, 6, "D1")
    assert sorted(party) in (
        ["B3", "B4", "C3", "C4", "D3", "D4"],
        ["C3", "C4", "D3", "D4", "E3", "E4"],
    )


def test_too_few_seats_are_none_at_all():
    assert best_seats.pick_best(make_plan("A: ss"), {1}, 2) is None


def test_alternatives_are_near_the_seats_wanted_not_near_the_middle():
    plan = make_plan(*FIVE_ROWS)
    wanted = [plan.by_label["A1"], plan.by_label["A2"]]
    ways = best_seats.alternatives(plan, keys(plan, "A1"), wanted)
    assert labels(ways[0])[0][0] in "AB"
    assert all(seat.y <= 3 for way in ways for seat in way)


def test_a_party_that_fits_nowhere_together_has_no_alternatives():
    plan = make_plan("A: s_s")
    assert best_seats.alternatives(plan, set(), plan.seats) == []


@given(plans_with_taken_seats(), st.data())
def test_alternatives_to_wheelchair_spaces_are_free_and_of_the_same_kinds(case, data):
    plan, taken = case
    some = st.lists(st.sampled_from(plan.seats), min_size=1, max_size=4, unique=True)
    wanted = data.draw(some)
    assume(any(seat.kind != "standard" for seat in wanted))
    ways = best_seats.alternatives(plan, taken, wanted)
    seats = [seat for way in ways for seat in way]
    assert len(seats) == len(set(seats))
    assert not {seat.id for seat in seats} & set(taken)
    for way in ways:
        assert [seat.kind for seat in way] == [seat.kind for seat in wanted]
    free = Counter(seat.kind for seat in plan.seats if seat.id not in taken)
    assert bool(ways) == (Counter(seat.kind for seat in wanted) <= free)
