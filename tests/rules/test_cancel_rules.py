"""What of a booking can be cancelled: pure functions."""

from datetime import UTC, datetime, timedelta

import pytest

from marquee.booking.cancel_rules import may_cancel_some

NOON = datetime(2031, 6, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "valid", "kept", "may"),
    [
        ("confirmed", 2, 2, True),
        ("confirmed", 1, 2, True),
        ("confirmed", 1, 1, False),
        ("confirmed", 0, 2, False),
        ("held", 2, 2, True),
        ("held", 1, 1, False),
        ("cancelled", 0, 0, False),
    ],
)
def test_a_part_is_cancelled_of_what_is_more_than_one_ticket(status, valid, kept, may):
    later = NOON + timedelta(hours=1)
    found = may_cancel_some(status=status, valid=valid, kept=kept, cancel_until=later, now=NOON)
    assert found is may
