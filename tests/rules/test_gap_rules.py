"""Which choices leave a seat alone, and which better ones there are, compared with a brute-force search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquee.booking import gap_rules
from marquee.booking.errors import SingleGap
from marquee.catalog import seat_plan_text
from marquee.catalog.records import PlanData, PlanSeat


def make_plan(*rows):
    """Return a plan with these rows; seat ids count from 1, row by row."""
    seats = seat_plan_text.seats(seat_plan_text.parse(rows))
    return PlanData(1, tuple(
        PlanSeat(key, seat.label, seat.row, seat.y, seat.x, seat.category, seat.kind)
        for key, seat in enumerate(seats, 1)
    ))  # fmt: skip


def seats_of(plan, text):
    return [plan.by_label[label] for label in text.split()]


def judge(plan, chosen, taken="", avoid=""):
    """Return the seats left alone and the better choices, as texts; None if the choice is fine."""
    taken, avoid = ({seat.id for seat in seats_of(plan, text)} for text in (taken, avoid))
    advice = gap_rules.advise(plan, taken, seats_of(plan, chosen), avoid=avoid)
    if advice is None:
        return None
    return " ".join(advice.left_alone), [" ".join(group) for group in advice.alternatives]


ROW = make_plan("A: ssssss")


@pytest.mark.parametrize(
    ("chosen", "taken", "judged"),
    [
        ("A1 A2", "", None),
        ("A2 A3", "", ("A1", ["A1 A2", "A3 A4", "A5 A6"])),
        ("A3 A2", "", ("A1", ["A2 A1", "A4 A3", "A6 A5"])),  # each ticket keeps its side
        ("A4", "A6", ("A5", ["A3", "A5", "A1"])),
        ("A1 A3", "", ("A2", ["A4 A3", "A1 A2", "A5 A6"])),  # between their own seats
        ("A1 A5", "", ("A6", ["A1 A4", "A5 A6"])),
        ("A2 A3 A4 A5", "", ("A1 A6", ["A1 A2 A3 A4"])),
        ("A2", "A1", None),  # beside somebody
    ],
)
def test_a_free_seat_is_left_alone_when_both_neighbours_are_taken_or_ends(chosen, taken, judged):
    assert judge(ROW, chosen, taken) == judged


@pytest.mark.parametrize(
    ("row", "chosen"),
    [
        ("A: ss_ssss", "A1"),  # an aisle
        ("A: ssw_ssss", "A1"),  # a wheelchair space
        ("A: ssc_ssss", "A1"),  # a companion seat
    ],
)
def test_aisles_walls_wheelchair_spaces_and_companion_seats_are_ends(row, chosen):
    alone, _ = judge(make_plan(row), chosen)
    assert alone == "A2"


def test_a_seat_that_was_alone_before_is_not_held_against_anybody():
    assert judge(ROW, "A3 A4", "A2") is None


@pytest.mark.parametrize(
    ("rows", "chosen", "taken"),
    [
        (["A: sss"], "A1 A2", ""),  # whichever two they take
        (["A: sss", "B: pppp"], "A1 A2", ""),  # better ones cost something else
        (["A: sss", "B: ss_ss_ss"], "A1 A2", "B1 B4 B5"),  # they would sit apart
    ],
)
def test_a_choice_is_fine_when_no_better_one_exists(rows, chosen, taken):
    plan = make_plan(*rows)
    assert judge(plan, chosen, taken) is None
    gap_rules.check_no_gap(plan, set(), [])


def test_seats_that_the_customer_cannot_book_are_not_offered():
    assert judge(make_plan("A: sss_ss"), "A1 A2") == ("A3", ["A4 A5"])
    assert judge(make_plan("A: sss_ss"), "A1 A2", avoid="A4") is None


def test_each_ticket_keeps_its_category():
    plan = make_plan("A: ssssspp", "B: ssss", "C: sssppp")
    assert judge(plan, "A6 A4", "A7") == ("A5", ["A6 A3", "C4 C3"])
    assert judge(plan, "A5 A6") == ("A7", ["C3 C4"])


def test_wheelchair_spaces_and_companion_seats_are_not_judged():
    plan = make_plan("A: sww_ccs_ss")
    assert judge(plan, "A1") is None
    assert judge(plan, "A2") is None
    assert judge(plan, "A2 A4") is None


def test_who_sits_beside_a_wheelchair_space_is_not_sent_away_from_it():
    plan = make_plan("A: wssss")
    assert judge(plan, "A1 A2 A3 A4") is None
    assert judge(plan, "A1 A3") == ("A2", ["A1 A2"])
    assert judge(plan, "A1 A2 A3", "") is None


def test_the_refusal_names_the_seats_left_alone_and_better_choices():
    with pytest.raises(SingleGap) as refused:
        gap_rules.check_no_gap(ROW, set(), seats_of(ROW, "A2 A3"))
    assert refused.value.facts == {
        "left_alone": ["A1"],
        "alternatives": [["A1", "A2"], ["A3", "A4"], ["A5", "A6"]],
    }
    assert str(refused.value) == (
        "That would leave A1 alone, which hardly anybody books. Choose A1, A2 or A3, A4 or A5, A6."
    )


@st.composite
def choices(draw):
    """Return a plan, the ids of taken seats, and seats chosen of the others."""
    letters = st.text("sssssp_wc", min_size=2, max_size=9).filter(lambda row: row.strip("_"))
    rows = draw(st.lists(letters, min_size=1, max_size=3))
    plan = make_plan(*[f"{'ABC'[y]}: {row}" for y, row in enumerate(rows)])
    taken = draw(st.sets(st.sampled_from([seat.id for seat in plan.seats])))
    free = [seat for seat in plan.seats if seat.id not in taken]
    if not free:
        taken, free = set(), plan.seats
    start = draw(st.integers(0, len(free) - 1))
    together = free[start : start + draw(st.integers(1, 4))]
    apart = draw(st.lists(st.sampled_from(free), min_size=1, max_size=4, unique=True))
    return plan, taken, draw(st.sampled_from([together, apart]))


def alone(plan, taken):
    """Return the free standard seats without a free standard seat beside them, by brute force."""
    free = {(s.y, s.x) for s in plan.seats if s.kind == "standard" and s.id not in taken}
    return {
        (y, x) for y, x in free if (y, x - 1) not in free and (y, x + 1) not in free
    }  # fmt: skip


def leaves_alone(plan, taken, group):
    standard = {seat.id for seat in group if seat.kind == "standard"}
    return alone(plan, taken | standard) - alone(plan, taken)


def offered(plan, taken, chosen):
    advice = gap_rules.advise(plan, taken, chosen)
    labels = advice.alternatives if advice else []
    return [[plan.by_label[label] for label in group] for group in labels]


@given(choices())
def test_a_refused_choice_leaves_a_seat_alone_and_every_better_one_none(case):
    plan, taken, chosen = case
    better = offered(plan, taken, chosen)
    assert not better or leaves_alone(plan, taken, chosen)
    for group in better:
        assert not leaves_alone(plan, taken, group)
        assert [(one.kind, one.category) for one in group] == [
            (one.kind, one.category) for one in chosen
        ]
        assert len({seat.id for seat in group} - taken) == len(chosen)
        assert gap_rules.advise(plan, taken, group) is None
    standard = [seat.id for group in better for seat in group if seat.kind == "standard"]
    assert len(standard) == len(set(standard))


@given(choices())
def test_an_accepted_choice_leaves_no_seat_alone_that_sitting_side_by_side_would_avoid(case):
    plan, taken, chosen = case
    chosen = [seat for seat in chosen if seat.kind == "standard"]
    if offered(plan, taken, chosen) or not leaves_alone(plan, taken, chosen):
        return
    wanted = sorted(seat.category for seat in chosen)
    for start in plan.seats:
        group = [s for s in plan.seats if s.y == start.y and 0 <= s.x - start.x < len(chosen)]
        fits = (
            len(group) == len(chosen)
            and all(s.kind == "standard" and s.id not in taken for s in group)
            and sorted(s.category for s in group) == wanted
        )
        assert not fits or leaves_alone(plan, taken, group), (chosen, group)


@given(choices())
def test_the_best_choice_of_the_server_leaves_no_gap_that_it_would_refuse(case):
    plan, taken, chosen = case
    best = gap_rules.best_without_gap(plan, taken, tuple(chosen))
    gap_rules.check_no_gap(plan, taken, best)
