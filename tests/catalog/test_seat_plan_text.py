"""A seat plan is written as text, one string a row."""

import pytest

from marquee.catalog import seat_plan_text
from marquee.catalog.errors import BadSeatPlan


def seats(*lines):
    return seat_plan_text.seats(seat_plan_text.parse(lines))


def test_seats_are_numbered_from_one_in_each_row_gaps_not_counted():
    assert [seat.label for seat in seats("A: ss_s", "B: _pp")] == ["A1", "A2", "A3", "B1", "B2"]


def test_x_counts_places_from_the_left_with_the_gaps_and_y_rows_from_the_screen():
    places = [(seat.label, seat.x, seat.y) for seat in seats("A: ss_s", "B: __s_")]
    assert places == [("A1", 1, 1), ("A2", 2, 1), ("A3", 4, 1), ("B1", 3, 2)]


def test_each_letter_is_a_category_and_a_kind():
    assert [(seat.category, seat.kind) for seat in seats("A: sprwc")] == [
        ("standard", "standard"),
        ("premium", "standard"),
        ("recliner", "standard"),
        ("standard", "wheelchair"),
        ("standard", "companion"),
    ]


def test_blanks_around_label_and_places_are_ignored():
    assert [row.text for row in seat_plan_text.parse(["  AA :  ss_s  ", "1:p"])] == [
        "AA: ss_s",
        "1: p",
    ]


def test_a_plan_may_have_a_hundred_rows_of_a_hundred_places():
    assert len(seats(*(f"R{row}X: {'s' * 100}" for row in range(10, 100)))) == 9000
    assert len(seat_plan_text.parse([f"X{row}Y: s" for row in range(100)])) == 100


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "at least one row"),
        ([f"X{row}Y: s" for row in range(101)], "at most 100 rows"),
        (["A: s", "sss"], "Row 2 has no colon"),
        (["A: s", ""], "Row 2 has no colon"),
        (["A: s", "A: s"], "Row 2 has a seat A1, and so does row 1"),
        (["A: s", "a: s"], "Row 2 has a label"),
        ([": s"], "Row 1 has a label"),
        (["ABCDE: s"], "Row 1 has a label"),
        (["ä: s"], "Row 1 has a label"),
        (["A B: s"], "Row 1 has a label"),
        (["A\n: s", "A: s"], "Row 2 has a seat A1"),
        (["A: sxs"], "Row 1 has 'x'"),
        (["A: s s"], "Row 1 has ' '"),
        (["A: S"], "Row 1 has 'S'"),
        (["A: s:s"], "Row 1 has ':'"),
        (["A: s\0"], r"Row 1 has '\x00'"),
        (["A: sé"], r"Row 1 has '\xe9'"),
        (["A: ___"], "Row 1 has no seats"),
        (["A:"], "Row 1 has no seats"),
        (["A: " + "s" * 101], "Row 1 has more than 100 places"),
    ],
)
def test_an_invalid_plan_is_refused_with_row_and_reason(lines, says):
    with pytest.raises(BadSeatPlan) as refusal:
        seat_plan_text.parse(lines)
    assert says in refusal.value.detail
    assert refusal.value.field == "rows"


def test_labels_that_would_print_the_same_seat_twice_are_refused():
    with pytest.raises(BadSeatPlan, match="Row 2 has a seat A11, and so does row 1"):
        seat_plan_text.parse(["A: " + "s" * 11, "A1: s"])


def labels(*lines):
    return [seat.label for seat in seats(*lines)]


def test_a_row_that_is_a_number_puts_a_dash_between():
    numbers = labels(*(f"{row}: {'s' * 12}" for row in range(1, 13)))
    assert len(set(numbers)) == 144
    assert numbers[:2] == ["1-1", "1-2"]
    assert numbers[-1] == "12-12"
    assert labels("A1: ss", "1A: s") == ["A11", "A12", "1A1"]


def test_a_row_may_be_numbered_from_the_right():
    assert labels("B<: pp_ww") == ["B4", "B3", "B2", "B1"]
    assert labels("7 <: ss.s") == ["7-4", "7-3", "7-1"]
    [row] = seat_plan_text.parse(["B <:  pp_ww"])
    assert row.text == "B<: pp_ww"
    assert seat_plan_text.parse([row.text]) == [row]


def test_a_gap_may_take_a_number():
    assert labels("A: ss.s_s") == ["A1", "A2", "A4", "A5"]
    assert [seat.x for seat in seats("A: ss.s_s")] == [1, 2, 4, 6]
    with pytest.raises(BadSeatPlan, match="no seats"):
        seat_plan_text.parse(["A: .._"])


@pytest.mark.parametrize("label", ["Ж", "Ω", "Ä", "א", "あ", "ア", "한", "ÅÄÖ", "A\u030a"])
def test_a_label_may_have_capitals_of_any_script(label):
    [first, _] = labels(f"{label}: ss")
    assert seat_plan_text.normalise_label(first.lower()) == first


@pytest.mark.parametrize(
    "label", ["ж", "ä", "ß", "Ａ", "١", "-", "A-", "👑", "\u200b", "\u0301", "A\u202e"]
)
def test_other_characters_are_no_labels(label):
    with pytest.raises(BadSeatPlan, match="Row 1 has a label"):
        seat_plan_text.parse([f"{label}: s"])


def test_labels_that_look_the_same_are_refused():
    with pytest.raises(BadSeatPlan, match="and so does row 1"):
        seat_plan_text.parse(["A: s", "\u0410: s"])
