"""What can be done with a hold, and until when it can be extended: pure functions."""

from datetime import UTC, datetime, timedelta

import pytest

from marquee.booking.hold_rules import HoldState, hold_state, may_extend_until

NOW = datetime(2031, 6, 14, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"status": "held"}, HoldState.HELD),
        ({"status": "confirmed"}, HoldState.CONFIRMED),
        ({"status": "cancelled"}, HoldState.GIVEN_BACK),
        ({"status": "cancelled", "show_state": "called_off"}, HoldState.CALLED_OFF),
        ({"status": "expired"}, HoldState.LAPSED),
        ({"status": "expired", "has_lost_seats": True}, HoldState.LOST),
        ({"status": "expired", "sales_until": NOW}, HoldState.SALES_CLOSED),
        ({"status": "held", "sales_until": NOW}, HoldState.HELD),
        ({"status": "expired", "show_state": "called_off"}, HoldState.CALLED_OFF),
    ],
)
def test_what_can_be_done_with_a_hold(facts, state):
    usual = {"show_state": "scheduled", "sales_until": NOW + MINUTE, "has_lost_seats": False}
    assert hold_state(**usual | facts, now=NOW) == state


@pytest.mark.parametrize(
    ("until", "cap", "extended", "longer"),
    [
        (1, 30, False, 8),
        (1, 5, False, 5),
        (1, 1, False, None),
        (8, 30, False, None),
        (1, 30, True, None),
        (0, 30, False, None),
        (-1, 30, False, None),
    ],
)
def test_until_when_a_hold_can_be_extended(settings, until, cap, extended, longer):
    settings.HOLD_MINUTES = 8
    found = may_extend_until(
        until=NOW + until * MINUTE,
        at_most_until=NOW + cap * MINUTE,
        extended_at=NOW if extended else None,
        now=NOW,
    )
    assert found == (None if longer is None else NOW + longer * MINUTE)


def test_what_is_not_held_is_not_extended():
    assert may_extend_until(until=None, at_most_until=None, extended_at=None, now=NOW) is None
