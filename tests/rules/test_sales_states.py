"""What a list says of a show: whether it can be booked, and how full it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquee.booking.sales_states import Fullness, SalesState, fullness, sales_state
from marquee.catalog.queries import ShowRecord
from marquee.catalog.rules import is_on_sale

START = datetime(2031, 11, 24, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def record(**changes):
    fields = dict.fromkeys(ShowRecord._fields, "") | {
        "starts_at": START,
        "ends_at": START + 2 * HOUR,
        "sales_until": START,
        "sales_from": None,
        "state": "scheduled",
    }
    return ShowRecord(**fields | changes)


def state(show, *, left=5, spaces=1, now=START - HOUR):
    return sales_state(show, left=left, accessible_left=spaces, now=now)


@pytest.mark.parametrize(
    ("changes", "now", "expected"),
    [
        ({}, START - HOUR, SalesState.ON_SALE),
        ({}, START, SalesState.STARTED),
        ({}, START + 2 * HOUR, SalesState.OVER),
        ({"sales_until": START + HOUR}, START, SalesState.ON_SALE),
        ({"sales_until": START - HOUR}, START - HOUR, SalesState.CLOSED),
        ({"sales_from": START - HOUR}, START - 2 * HOUR, SalesState.NOT_OPEN),
        ({"sales_from": START - HOUR}, START - HOUR, SalesState.ON_SALE),
        ({"state": "called_off"}, START + 2 * HOUR, SalesState.CALLED_OFF),
    ],
)
def test_a_show_says_whether_it_can_be_booked_and_if_not_why(changes, now, expected):
    assert state(record(**changes), now=now) is expected


def test_a_show_without_seats_is_sold_out_unless_wheelchair_spaces_are_left():
    assert state(record(), left=0, spaces=0) is SalesState.SOLD_OUT
    assert state(record(), left=0, spaces=1) is SalesState.WHEELCHAIRS_ONLY


def test_a_show_that_opens_later_is_not_called_sold_out():
    later = record(sales_from=START - HOUR)

    assert state(later, left=0, spaces=0, now=START - 2 * HOUR) is SalesState.NOT_OPEN


@given(
    left=st.integers(0, 2),
    spaces=st.integers(0, 1),
    minutes=st.integers(-180, 180),
    until=st.integers(-120, 120),
    opens=st.none() | st.integers(-170, -120),
    called_off=st.booleans(),
)
def test_a_show_that_pages_offer_is_one_that_the_api_sells(
    left, spaces, minutes, until, opens, called_off
):
    now = START + timedelta(minutes=minutes)
    show = record(
        sales_until=START + timedelta(minutes=until),
        sales_from=None if opens is None else START + timedelta(minutes=opens),
        state="called_off" if called_off else "scheduled",
    )
    found = state(show, left=left, spaces=spaces, now=now)

    bookable = {SalesState.ON_SALE, SalesState.WHEELCHAIRS_ONLY}
    assert (found in bookable) == (is_on_sale(show, now) and left + spaces > 0)


@pytest.mark.parametrize(
    ("left", "total", "expected"),
    [
        (100, 100, Fullness.PLENTY),
        (50, 100, Fullness.PLENTY),
        (49, 100, Fullness.FILLING_UP),
        (11, 100, Fullness.FILLING_UP),
        (10, 100, Fullness.FEW_LEFT),
        (5, 20, Fullness.FILLING_UP),
        (4, 20, Fullness.FEW_LEFT),
        (1, 1, Fullness.FEW_LEFT),
        (0, 100, Fullness.SOLD_OUT),
        (0, 0, Fullness.SOLD_OUT),
    ],
)
def test_few_seats_are_a_tenth_or_four_and_a_show_fills_up_from_half(left, total, expected):
    assert fullness(left=left, total=total) is expected
