"""The audit after a fault: what it finds when customers were told something else."""

import pytest

from prove.faults.audit import _compare
from prove.faults.persistent_clients import ExpectedBooking, Journal

STORED = {"REF": ("key", "confirmed", 1, ["A1", "A2"])}


@pytest.fixture
def journal():
    """One confirmed booking, one refused key, one key that nobody has answered yet."""
    expected = ExpectedBooking("key", 1, ("A1", "A2"), {"confirmed"})
    return Journal({"REF": expected}, {"key": "REF"}, {"refused"}, {"asked"})


def found(stored_bookings, journal):
    return [violation.invariant for violation in _compare(stored_bookings, journal)]


def test_what_is_as_it_was_told_is_right(journal):
    assert found(STORED, journal) == []


def test_what_nobody_heard_of_may_be_there_once(journal):
    assert found(STORED | {"NEW": ("asked", "held", 1, ["B1"])}, journal) == []


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
    assert "every acknowledged change is stored" in found({"REF": row}, journal)


def test_a_booking_that_is_gone_is_found(journal):
    assert found({}, journal) == ["every acknowledged change is stored"]


def test_two_bookings_of_one_key_are_found(journal):
    twice = {"REF": STORED["REF"], "TOO": ("key", "confirmed", 1, ["B1"])}
    assert "one effect per key" in found(twice, journal)


def test_a_trace_of_a_refusal_is_found(journal):
    stored_bookings = STORED | {"NEW": ("refused", "held", 1, ["B1"])}
    assert found(stored_bookings, journal) == ["refused requests change nothing"]


def test_a_booking_that_nobody_asked_for_is_found(journal):
    assert found(STORED | {"NEW": (None, "held", 1, ["B1"])}, journal) == [
        "every booking was requested"
    ]


def test_a_show_called_off_cancels_what_was_confirmed(journal):
    journal.called_off.add(1)
    assert found(STORED, journal) == ["every acknowledged change is stored"]
    assert found({"REF": ("key", "cancelled", 1, ["A1", "A2"])}, journal) == []
