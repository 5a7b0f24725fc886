"""The best seats for a party, compared with a brute-force search."""

from collections import Counter

from hypothesis import assume, given
from hypothesis import strategies as st

from marquee.booking import best_seats
from marquee.booking.best_seats import SeatNeed
from marquee.catalog import seat_plan_text
from marquee.catalog.queries import PlanData, PlanSeat

SAME_PRICE = dict.fromkeys(["standard", "premium", "recliner"], 1000)
PRICES = {"standard": 1000, "premium": 1500, "recliner": 1900}
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


def party_of(count, prices=SAME_PRICE, kind="standard"):
    """Return the needs of a party whose tickets are sold for every category, or at these prices."""
    return [SeatNeed(kind, prices)] * count


def best(plan, count, *taken, prices=SAME_PRICE, **how):
    needs = party_of(count, prices)
    return labels(best_seats.pick_best(plan, keys(plan, *taken), needs, **how) or ())


def needs_of(wanted, prices=SAME_PRICE):
    return [SeatNeed(seat.kind, prices, asked=prices[seat.category]) for seat in wanted]


def alternatives(plan, taken, wanted, prices=SAME_PRICE):
    return best_seats.alternatives(plan, taken, wanted, needs_of(wanted, prices))


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


def free_seats(plan, taken):
    return {seat for run in runs(plan, taken) for seat in run}


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
    party = best_seats.pick_best(plan, taken, party_of(count))
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
    party = best_seats.pick_best(plan, taken, party_of(count))
    if len(free) < count:
        assert party is None
    else:
        assert len(party) == len(set(party)) == count
        assert set(party) <= free


@given(plans_with_taken_seats(), st.integers(2, 6))
def test_a_party_that_fits_nowhere_is_split_into_as_large_groups_as_there_are(case, count):
    plan, taken = case
    longest = max((len(run) for run in runs(plan, taken)), default=0)
    party = best_seats.pick_best(plan, taken, party_of(count))
    if party and longest < count:
        first = party[:longest]
        assert len({seat.y for seat in first}) == 1
        assert [seat.x for seat in first] == list(range(first[0].x, first[0].x + longest))


@given(plans_with_taken_seats(), st.integers(1, 4), st.data())
def test_alternatives_are_the_nearest_that_do_not_overlap(case, count, data):
    plan, taken = case
    standard = [seat for seat in plan.seats if seat.kind == "standard"]
    assume(standard)
    some = st.lists(st.sampled_from(standard), min_size=1, max_size=count, unique=True)
    wanted = data.draw(some)
    ways = alternatives(plan, taken, wanted)
    possible = dict(windows(plan, taken, len(wanted)))
    seats = [seat for way in ways for seat in way]
    assert len(seats) == len(set(seats))
    assert len(ways) <= 3
    if not possible:  # then seats apart are offered, if there are enough
        assert len(ways) == (len(free_seats(plan, taken)) >= len(wanted))
        return
    assert set(ways) <= possible.keys()
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
    assert best_seats.pick_best(make_plan("A: ss"), {1}, party_of(2)) is None


def test_alternatives_are_near_the_seats_wanted_not_near_the_middle():
    plan = make_plan(*FIVE_ROWS)
    wanted = [plan.by_label["A1"], plan.by_label["A2"]]
    ways = alternatives(plan, keys(plan, "A1"), wanted)
    assert labels(ways[0])[0][0] in "AB"
    assert all(seat.y <= 3 for way in ways for seat in way)


def test_the_alternative_of_a_party_that_fits_nowhere_together_is_apart():
    plan = make_plan("A: s_s", "B: s_s")
    wanted = [plan.by_label["A1"], plan.by_label["A2"]]
    (way,) = alternatives(plan, keys(plan, "A1"), wanted)
    assert len({*way}) == 2
    assert alternatives(plan, keys(plan, "A1", "B1", "B2"), wanted) == []


@given(plans_with_taken_seats(), st.data())
def test_alternatives_to_wheelchair_spaces_are_free_and_of_the_same_kinds(case, data):
    plan, taken = case
    some = st.lists(st.sampled_from(plan.seats), min_size=1, max_size=4, unique=True)
    wanted = data.draw(some)
    assume(any(seat.kind != "standard" for seat in wanted))
    ways = alternatives(plan, taken, wanted)
    seats = [seat for way in ways for seat in way]
    assert len(seats) == len(set(seats))
    assert not {seat.id for seat in seats} & set(taken)
    for way in ways:
        assert [seat.kind for seat in way] == [seat.kind for seat in wanted]
    free = Counter(seat.kind for seat in plan.seats if seat.id not in taken)
    assert bool(ways) == (Counter(seat.kind for seat in wanted) <= free)


def test_the_cheapest_category_with_seats_enough_comes_first():
    plan = make_plan("A: ssss", "B: pppp", "C: rrrr")
    assert best(plan, 2, prices=PRICES) == ["A1", "A2"]
    assert best(plan, 2, "A1", "A3", prices=PRICES) == ["B1", "B2"]  # together, though dearer
    assert best(plan, 4, "A1", "B1", "C1", "C3", prices=PRICES) == ["A2", "A3", "A4", "B2"]
    assert best(plan, 1, prices={"recliner": 1900}) == ["C1"]


def test_seats_side_by_side_in_two_categories_cost_less_than_dear_ones():
    plan = make_plan("A: s_spp", "B: rr")
    assert best(plan, 2, prices=PRICES) == ["A2", "A3"]
    assert best(plan, 2, prices={"standard": 1900, "premium": 1500, "recliner": 1000}) == [
        "B1",
        "B2",
    ]


def test_each_ticket_of_a_party_has_a_seat_that_it_is_sold_for():
    plan = make_plan("A: sp")
    child, adult = SeatNeed("standard", {"standard": 700}), SeatNeed("standard", PRICES)
    assert labels(best_seats.pick_best(plan, set(), [adult, child])) == ["A2", "A1"]
    assert best_seats.pick_best(plan, set(), [child, child]) is None


def test_a_wheelchair_space_comes_with_the_companion_seat_beside_it():
    plan = make_plan("A: ssssss", "B: wc__cw", "C: pppppp")
    needs = [
        SeatNeed("companion", PRICES),
        SeatNeed("wheelchair", PRICES),
        SeatNeed("standard", PRICES),
    ]
    assert labels(best_seats.pick_best(plan, set(), needs)) == ["B2", "B1", "A1"]
    assert labels(best_seats.pick_best(plan, keys(plan, "B1"), needs)) == ["B3", "B4", "A6"]
    assert best_seats.pick_best(plan, keys(plan, "B1", "B4"), needs) is None


def test_alternatives_cost_first_what_was_asked_for():
    plan = make_plan("A: pp_ss", "B: pp_rr", "C: ss_ss")
    wanted = [plan.by_label["A3"], plan.by_label["A4"]]
    ways = alternatives(plan, keys(plan, "A3"), wanted, PRICES)
    assert [labels(way) for way in ways] == [["C3", "C4"], ["C1", "C2"], ["A1", "A2"]]


@given(plans_with_taken_seats(), st.data())
def test_alternatives_cost_as_much_as_the_total_expected(case, data):
    plan, taken = case
    wanted = data.draw(st.lists(st.sampled_from(plan.seats), min_size=1, max_size=4, unique=True))
    total = sum(PRICES[seat.category] for seat in wanted)
    for way in best_seats.alternatives(plan, taken, wanted, needs_of(wanted, PRICES), total=total):
        assert sum(PRICES[seat.category] for seat in way) == total


# --- Spreading a crowd ----------------------------------------------------------------------------


def spread(plan, count, *taken, prices=SAME_PRICE):
    """Return what a hundred customers are proposed, each kind of proposal once."""
    needs = party_of(count, prices)
    found = (
        best_seats.pick_spread(plan, keys(plan, *taken), needs, spread=one) for one in range(100)
    )
    return {tuple(labels(party or ())) for party in found}


def test_customers_are_proposed_groups_as_good_as_the_best_that_share_no_seat():
    plan = make_plan(*FIVE_ROWS)
    proposed = spread(plan, 2)

    assert tuple(best(plan, 2)) in proposed
    assert len(proposed) >= 3
    seats = [seat for group in proposed for seat in group]
    assert len(seats) == len(set(seats))
    near = best_seats.sweet_spot(plan)

    def away(group):
        return best_seats.distance([plan.by_label[label] for label in group], near)

    assert max(map(away, proposed)) <= away(best(plan, 2)) + best_seats.ROW_IN_SEATS


def test_nobody_is_proposed_dearer_seats_or_ones_that_leave_more_seats_alone():
    assert spread(make_plan("A: sspp"), 2, prices=PRICES) == {("A1", "A2")}
    assert spread(make_plan("A: sssss"), 3) == {("A1", "A2", "A3")}


def test_a_split_party_and_too_few_seats_are_as_without_spreading():
    assert spread(make_plan("A: ss", "B: s"), 3) == {tuple(best(make_plan("A: ss", "B: s"), 3))}
    assert spread(make_plan("A: s"), 2) == {()}
