"""What is allowed, until when, at what price: without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquee.booking import rules
from marquee.booking.errors import (
    SalesClosed,
    SeatLimit,
    ShowCalledOff,
    TooLateToCancel,
    UnknownSeat,
    UnknownTicketType,
)
from marquee.booking.rules import TicketRequest
from marquee.catalog.queries import PlanData, PlanSeat, PriceTable
from marquee.core.errors import BadInput

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)
A1 = PlanSeat(11, "A1", "A", 1, 1, "standard", "standard")
A2 = PlanSeat(12, "A2", "A", 1, 2, "premium", "standard")
PLAN = PlanData(1, (A1, A2))
PRICES = PriceTable(
    1,
    "EUR",
    "adult",
    {("standard", "adult"): 1250, ("standard", "child"): 900, ("premium", "adult"): 1500},
)


def test_wishes_name_every_seat_or_none():
    rules.check_wishes([TicketRequest("A1"), TicketRequest("A2", "child")])
    rules.check_wishes([TicketRequest(), TicketRequest(type="child")])


@pytest.mark.parametrize(
    "wishes",
    [
        [],
        [TicketRequest("A1"), TicketRequest()],
        [TicketRequest(), TicketRequest("A1")],
        [TicketRequest("A1"), TicketRequest("A1", "child")],
    ],
)
def test_no_wish_a_seat_named_twice_and_seats_named_in_part_are_bad_input(wishes):
    with pytest.raises(BadInput) as refusal:
        rules.check_wishes(wishes)
    assert refusal.value.field == "tickets"


def test_seats_named_twice_are_told():
    with pytest.raises(BadInput) as refusal:
        rules.check_wishes(
            [TicketRequest("A1"), TicketRequest("A2"), TicketRequest("A1"), TicketRequest("A1")]
        )
    assert refusal.value.facts["seats"] == ["A1"]


def test_a_show_sells_until_the_last_moment_before_sales_close():
    rules.check_on_sale(state="scheduled", sales_until=NOON, zone="UTC", now=NOON - A_MOMENT)


@pytest.mark.parametrize("late", [timedelta(), A_MOMENT, timedelta(days=9)])
def test_sales_are_closed_from_sales_until_on(late):
    with pytest.raises(SalesClosed) as refusal:
        rules.check_on_sale(state="scheduled", sales_until=NOON, zone="UTC", now=NOON + late)
    assert refusal.value.facts == {"sales_until": "2026-11-24T12:00:00+00:00"}


@pytest.mark.parametrize("now", [NOON - A_MOMENT, NOON])
def test_a_show_called_off_is_refused_as_such_whenever_it_is(now):
    with pytest.raises(ShowCalledOff):
        rules.check_on_sale(state="called_off", sales_until=NOON, zone="UTC", now=now)


@given(limit=st.integers(1, 20), has=st.integers(0, 30), wants=st.integers(1, 30))
def test_nobody_gets_beyond_the_seat_limit_and_the_refusal_tells_what_is_left(limit, has, wants):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules.settings, "SEAT_LIMIT", limit)
        if has + wants <= limit:
            rules.check_seat_limit(has=has, wants=wants)
        else:
            with pytest.raises(SeatLimit) as refusal:
                rules.check_seat_limit(has=has, wants=wants)
            assert refusal.value.facts == {"limit": limit, "left": max(0, limit - has)}


def test_places_come_in_the_order_of_their_labels():
    assert rules.places_named(PLAN, ["A2", "A1"]) == [A2, A1]


def test_every_unknown_seat_is_named():
    with pytest.raises(UnknownSeat) as refusal:
        rules.places_named(PLAN, ["B7", "A1", "a1"])
    assert refusal.value.facts == {"seats": ["B7", "a1"]}


def test_each_place_has_the_price_of_its_category_and_type():
    seatings = rules.settle([A1, A2], [TicketRequest("A1", "child"), TicketRequest("A2")], PRICES)
    assert [(s.place, s.type, s.price) for s in seatings] == [
        (A1, "child", 900),
        (A2, "adult", 1500),
    ]


def test_types_stay_with_their_seats_when_seats_are_put_in_order():
    seatings = rules.settle(
        [A2, A1], [TicketRequest("A2", "adult"), TicketRequest("A1", "child")], PRICES
    )
    assert [(s.place, s.type) for s in seatings] == [(A1, "child"), (A2, "adult")]


@pytest.mark.parametrize("type_", ["child", "dog"])
def test_a_type_not_sold_for_the_seat_is_refused_with_those_that_are(type_):
    with pytest.raises(UnknownTicketType) as refusal:
        rules.settle([A2], [TicketRequest("A2", type_)], PRICES)
    assert refusal.value.facts == {"types": [type_], "known": ["adult"]}


def test_a_hold_lasts_as_many_minutes_as_the_setting_says(settings):
    settings.HOLD_MINUTES = 3
    assert rules.held_until(NOON) == NOON + timedelta(minutes=3)


@pytest.mark.parametrize(("cinemas_own", "minutes"), [(None, 30), (0, 0), (120, 120)])
def test_cancelling_closes_the_cinemas_minutes_before_or_the_usual(settings, cinemas_own, minutes):
    settings.CANCEL_UNTIL_MINUTES = 30
    assert rules.cancel_until(NOON, cinemas_own) == NOON - timedelta(minutes=minutes)


def test_a_booking_may_be_cancelled_until_the_last_moment_and_not_after():
    rules.check_may_cancel(until=NOON, zone="UTC", now=NOON - A_MOMENT)
    with pytest.raises(TooLateToCancel) as refusal:
        rules.check_may_cancel(until=NOON, zone="UTC", now=NOON)
    assert refusal.value.facts == {"cancel_until": "2026-11-24T12:00:00+00:00"}
