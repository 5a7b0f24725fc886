"""The rules of booking, tested without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquee.accounts.errors import AccountClosed
from marquee.booking import gate_rules, hold_rules, rules
from marquee.booking.errors import (
    NotAdmitted,
    NotHeld,
    SalesClosed,
    SeatLimit,
    ShowCalledOff,
    TooEarly,
    TooLate,
    TooLateToCancel,
    UnknownSeat,
    UnknownTicketType,
    UnpaidLimit,
)
from marquee.booking.records import LockedBooking, TicketRequest, Usage
from marquee.booking.states import UpcomingBookings
from marquee.catalog.queries import PlanData, PlanSeat, PriceTable
from marquee.core.errors import BadInput
from marquee.core.money import Money

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


def test_requests_name_every_seat_or_none():
    rules.check_ticket_requests([TicketRequest("A1"), TicketRequest("A2", "child")])
    rules.check_ticket_requests([TicketRequest(), TicketRequest(type="child")])


@pytest.mark.parametrize(
    "tickets",
    [
        [],
        [TicketRequest("A1"), TicketRequest()],
        [TicketRequest(), TicketRequest("A1")],
        [TicketRequest("A1"), TicketRequest("A1", "child")],
    ],
)
def test_no_ticket_a_seat_named_twice_and_seats_named_in_part_are_bad_input(tickets):
    with pytest.raises(BadInput) as refusal:
        rules.check_ticket_requests(tickets)
    assert refusal.value.field == "tickets"


def test_the_refusal_names_the_seats_named_twice():
    with pytest.raises(BadInput) as refusal:
        rules.check_ticket_requests(
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
def test_nobody_gets_beyond_the_seat_limit_and_the_refusal_says_what_is_left(limit, has, wants):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules.settings, "SEAT_LIMIT", limit)
        if has + wants <= limit:
            rules.check_seat_limit(has=has, wants=wants)
        else:
            with pytest.raises(SeatLimit) as refusal:
                rules.check_seat_limit(has=has, wants=wants)
            assert refusal.value.facts == {"limit": limit, "left": max(0, limit - has)}


def test_seats_come_in_the_order_of_their_labels():
    assert rules.find_seats(PLAN, ["A2", "A1"]) == [A2, A1]


def test_every_unknown_seat_is_named():
    with pytest.raises(UnknownSeat) as refusal:
        rules.find_seats(PLAN, ["B7", "A1", "a1"])
    assert refusal.value.facts == {"seats": ["B7", "a1"]}


def test_each_seat_has_the_price_of_its_category_and_type():
    priced_seats = rules.price_seats(
        [A1, A2], [TicketRequest("A1", "child"), TicketRequest("A2")], PRICES
    )
    assert [(s.seat, s.type, s.price) for s in priced_seats] == [
        (A1, "child", 900),
        (A2, "adult", 1500),
    ]


def test_types_stay_with_their_seats_when_seats_are_put_in_order():
    priced_seats = rules.price_seats(
        [A2, A1], [TicketRequest("A2", "adult"), TicketRequest("A1", "child")], PRICES
    )
    assert [(s.seat, s.type) for s in priced_seats] == [(A1, "child"), (A2, "adult")]


@pytest.mark.parametrize("type_", ["child", "dog"])
def test_a_type_not_sold_for_the_seat_is_refused_with_those_that_are(type_):
    with pytest.raises(UnknownTicketType) as refusal:
        rules.price_seats([A2], [TicketRequest("A2", type_)], PRICES)
    assert refusal.value.facts == {"types": [type_], "known": ["adult"]}


def test_a_hold_lasts_as_many_minutes_as_the_setting_says(settings):
    settings.HOLD_MINUTES = 3
    assert hold_rules.held_until(NOON) == NOON + timedelta(minutes=3)


@pytest.mark.parametrize(("cinemas_own", "minutes"), [(None, 30), (0, 0), (120, 120)])
def test_cancelling_closes_the_cinemas_minutes_before_or_the_default(
    settings, cinemas_own, minutes
):
    settings.CANCEL_UNTIL_MINUTES = 30
    assert rules.cancel_until(NOON, cinemas_own) == NOON - timedelta(minutes=minutes)


def locked(**facts):
    """Return a confirmed booking of two seats at a show at noon, locked an hour before it."""
    usual = {
        "now": NOON - timedelta(hours=1),
        "show_state": "scheduled",
        "starts_at": NOON,
        "ends_at": NOON + timedelta(hours=2),
        "sales_from": None,
        "sales_until": NOON,
        "seat_plan_id": 1,
        "zone": "UTC",
        "cancel_until_minutes": 0,
        "sold_starts_at": NOON,
        "cancel_until": NOON,
        "user_id": 1,
        "is_active": True,
        "is_verified": False,
        "has_address": True,
        "is_staff": False,
        "client_key": None,
        "status": "confirmed",
        "held_until": None,
        "held_at_most_until": None,
        "extended_at": None,
        "total": Money(2500, "EUR"),
        "channel": "api",
        "seats": {1, 2},
    }
    return LockedBooking(**usual | facts)


HELD = {"status": "held", "held_until": NOON}
EXPIRED = {"status": "held", "held_until": NOON - timedelta(hours=1)}
RECORDED = {"status": "expired"}
NOTHING = Usage(0, 0, 0, None, 0, None, 0, None, {})


def test_a_booking_may_be_cancelled_until_the_last_moment_and_not_after():
    rules.check_may_cancel(locked(now=NOON - A_MOMENT))
    with pytest.raises(TooLateToCancel) as refusal:
        rules.check_may_cancel(locked(now=NOON))
    assert refusal.value.facts == {"cancel_until": "2026-11-24T12:00:00+00:00"}


def test_a_hold_may_be_given_back_at_any_time_until_it_expires():
    rules.check_may_cancel(locked(**HELD, cancel_until=NOON - timedelta(hours=10)))
    for expired in (EXPIRED, RECORDED):
        with pytest.raises(NotHeld):
            rules.check_may_cancel(locked(**expired))


@pytest.mark.parametrize(
    ("facts", "status"),
    [(HELD, "held"), (EXPIRED, "expired"), (RECORDED, "expired"), ({}, "confirmed")],
)
def test_a_held_booking_has_expired_from_its_end_on(facts, status):
    row = locked(**facts)
    assert rules.effective_status(row.status, row.held_until, row.now) == status
    assert rules.is_expired(row) == (status == "expired")


def test_only_a_hold_that_has_expired_is_recorded_as_expired():
    assert rules.may_expire(locked(**EXPIRED))
    assert not any(rules.may_expire(locked(**facts)) for facts in (HELD, RECORDED, {}))


def test_a_cancelled_booking_and_a_show_called_off_cannot_be_confirmed():
    rules.check_may_confirm(locked(**HELD))
    with pytest.raises(NotHeld):
        rules.check_may_confirm(locked(status="cancelled"))
    with pytest.raises(ShowCalledOff):
        rules.check_may_confirm(locked(**HELD, show_state="called_off"))


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"is_active": False}, AccountClosed),
        ({"show_state": "called_off"}, ShowCalledOff),
        ({"sales_until": NOON - timedelta(hours=2)}, SalesClosed),
    ],
)
def test_an_expired_hold_is_judged_like_a_new_booking(facts, refusal):
    rules.check_may_reclaim(locked(**EXPIRED), usage=NOTHING, capacity=9)
    with pytest.raises(refusal):
        rules.check_may_reclaim(locked(**EXPIRED, **facts), usage=NOTHING, capacity=9)


def test_an_expired_hold_counts_towards_the_limits(settings):
    settings.SEAT_LIMIT = 3
    usage = NOTHING._replace(customer_seats=2)
    with pytest.raises(SeatLimit):
        rules.check_may_reclaim(locked(**EXPIRED), usage=usage, capacity=9)
    settings.SEAT_LIMIT, settings.UNPAID_SEAT_LIMIT = 9, 3
    rules.check_may_reclaim(locked(**EXPIRED, is_staff=True), usage=usage, capacity=9)
    with pytest.raises(UnpaidLimit):
        rules.check_may_reclaim(locked(**EXPIRED), usage=usage, capacity=9)


@pytest.mark.parametrize("status", ["held", "cancelled", "expired"])
def test_only_a_confirmed_booking_admits_anybody(status):
    gate_rules.check_may_admit(locked(), reason="")
    with pytest.raises(NotAdmitted):
        gate_rules.check_may_admit(locked(status=status), reason="A reason.")


@pytest.mark.parametrize(
    ("minutes", "refusal"),
    [(-91, TooEarly), (-90, None), (0, None), (120, None), (121, TooLate)],
)
def test_tickets_admit_from_ninety_minutes_before_the_show_to_its_end(minutes, refusal):
    at = locked(now=NOON + timedelta(minutes=minutes))
    gate_rules.check_may_admit(at, reason="A reason.")
    if refusal is None:
        gate_rules.check_may_admit(at, reason="")
        return
    with pytest.raises(refusal) as caught:
        gate_rules.check_may_admit(at, reason="")
    assert caught.value.facts == {
        "admits_from": "2026-11-24T10:30:00+00:00",
        "admits_until": "2026-11-24T14:00:00+00:00",
    }


def test_with_an_account_end_its_holds_and_what_may_still_be_cancelled():
    def ends(*, has_used_ticket=False, choice=None, **at):
        return rules.ends_with_account(locked(**at), has_used_ticket=has_used_ticket, choice=choice)

    assert ends()
    assert ends(choice=UpcomingBookings.CANCEL)
    assert ends(**HELD, now=NOON)
    assert ends(**HELD, choice=UpcomingBookings.KEEP)
    assert not ends(choice=UpcomingBookings.KEEP)
    assert not ends(has_used_ticket=True)
    assert not ends(now=NOON)
    assert not ends(status="cancelled")
