"""The audit after a fault: what it finds when customers were told something else."""

import json

import pytest

from prove.faults.audit import _compare, compare_names
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


class Database:
    """A database with the clerk's price card, its name, and entries about it."""

    engine, clerks_card = "sqlite", 7

    def __init__(self, name, *pairs):
        self.found = [(json.dumps({"name": pair}), name) for pair in pairs] or [(None, name)]

    def rows(self, sql):
        return self.found


ACKNOWLEDGED = Journal(names={"One": 0, "Two": 1})
GIVEN = [("Clerk's", "One"), ("One", "Two")]


@pytest.mark.parametrize(
    ("name", "pairs", "journal"),
    [
        ("Clerk's", [], Journal()),
        ("Two", GIVEN, ACKNOWLEDGED),
        (
            "Two",
            [*GIVEN, ("Two", "Three"), ("Three", "Two")],
            Journal(names={"One": 0, "Two": 1, "Three": 0}),
        ),
    ],
)
def test_names_that_were_given_once_each_are_right(name, pairs, journal):
    assert not list(compare_names(Database(name, *pairs), journal))


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("Two", []),
        ("Two", GIVEN[1:]),
        ("One", GIVEN),
        ("Two", [*GIVEN, ("Two", "One"), ("One", "Two")]),
        ("Two", [GIVEN[0], ("Other", "Two")]),
        ("Three", [*GIVEN, ("Two", "Three")]),
    ],
)
def test_an_act_without_its_entry_and_an_entry_without_its_act_are_found(name, pairs):
    (violation,) = compare_names(Database(name, *pairs), ACKNOWLEDGED)
    assert violation.invariant == "one audit entry per act"
