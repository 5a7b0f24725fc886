"""The audit after a fault: what it finds when customers were told something else."""

import pytest

from prove.faults.audit import _told
from prove.faults.persistent_clients import Journal, LockedBooking

THERE = {"REF": ("key", "confirmed", 1, ["A1", "A2"])}


@pytest.fixture
def journal():
    """One confirmed booking, one refused key, one key that nobody has answered yet."""
    standing = LockedBooking("key", 1, ("A1", "A2"), {"confirmed"})
    return Journal({"REF": standing}, {"key": "REF"}, {"refused"}, {"asked"})


def found(there, journal):
    return [violation.invariant for violation in _told(there, journal)]


def test_what_is_as_it_was_told_is_right(journal):
    assert found(THERE, journal) == []


def test_what_nobody_heard_of_may_be_there_once(journal):
    assert found(THERE | {"NEW": ("asked", "held", 1, ["B1"])}, journal) == []


@pytest.mark.parametrize(
    "row",
    [
        ("key", "cancelled", 1, ["A1", "A2"]),
        ("key", "confirmed", 1, ["A1"]),
        ("key", "confirmed", 2, ["A1", "A2"]),
        ("other", "confirmed", 1, ["A1", "A2"]),
    ],
)
def test_a_yes_that_is_not_kept_is_found(journal, row):
    assert "every yes is kept" in found({"REF": row}, journal)


def test_a_booking_that_is_gone_is_found(journal):
    assert found({}, journal) == ["every yes is kept"]


def test_two_bookings_of_one_key_are_found(journal):
    twice = {"REF": THERE["REF"], "TOO": ("key", "confirmed", 1, ["B1"])}
    assert "one effect per key" in found(twice, journal)


def test_a_trace_of_a_refusal_is_found(journal):
    there = THERE | {"NEW": ("refused", "held", 1, ["B1"])}
    assert found(there, journal) == ["a no leaves no trace"]


def test_a_booking_that_nobody_asked_for_is_found(journal):
    assert found(THERE | {"NEW": (None, "held", 1, ["B1"])}, journal) == ["nothing from nowhere"]


def test_a_show_called_off_cancels_what_was_confirmed(journal):
    journal.called_off.add(1)
    assert found(THERE, journal) == ["every yes is kept"]
    assert found({"REF": ("key", "cancelled", 1, ["A1", "A2"])}, journal) == []
