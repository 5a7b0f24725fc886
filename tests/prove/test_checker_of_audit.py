"""The checker on what staff did: the audit log, and roles that are taken. One history for each violation."""

import pytest

from prove.audit_log import PriceCard
from tests.prove.history_builder import BOSS, HistoryBuilder, ticket_requests

SELLER = 9
AUDIT, RIGHTS = "one audit entry per act", "no act without its right"
JUSTIFIED = "every refusal is justified"


@pytest.fixture
def builder():
    return HistoryBuilder(sellers=[(SELLER, True)])


def sell(builder, label="A1", **when):
    number = builder.store(SELLER, label)
    builder.record(SELLER, "sold", "booking", number)
    builder.tell(
        SELLER, "sell", 201, show=1, ticket_requests=ticket_requests([label]),
        facts=builder.answer(number), **when,
    )  # fmt: skip
    return number


def refund(builder, number):
    builder.record(SELLER, "cancelled", "booking", number)
    builder.cancel(number)


def rename(builder, before, after):
    builder.tables.cards[:] = [PriceCard(5, after)]
    builder.record(SELLER, "changed", "price_card", 5, name=[before, after])
    builder.tell(SELLER, "rename", facts={"card": 5, "name": after})


def move(builder, seconds):
    """Move the show to so many seconds after 1970."""
    said = f"1970-01-01T00:00:{seconds:02}Z"
    builder.change("shows", 1, starts_at=seconds * 1_000_000)
    builder.record(BOSS, "moved", "show", 1, starts_at=["1970-01-01T00:00:00Z", said])
    builder.tell(BOSS, "move", show=1, facts={"starts_at": said.replace("Z", "+00:00")})


def change_role(builder, verb, **when):
    action = {"take_role": "role_taken", "give_role": "role_given"}[verb]
    builder.record(BOSS, action, "account", SELLER)
    builder.tell(BOSS, verb, facts={"account": SELLER}, **when)


def block(builder):
    builder.move(2, "blocked")
    builder.record(BOSS, "blocked", "show", 1, seats=[None, ["A2"]])
    builder.tell(BOSS, "block", show=1, ticket_requests=ticket_requests(["A2"]))


@pytest.fixture
def day(builder):
    """A day on which everything was as it should be."""
    number = sell(builder)
    refund(builder, number)
    rename(builder, "Usual", "New")
    rename(builder, "New", "Newer")
    move(builder, 7)
    block(builder)
    change_role(builder, "take_role")
    builder.refuse(SELLER, "not_allowed", status=403, verb="sell")
    builder.refuse(SELLER, "not_found", status=404, verb="cancel", reference=f"R{number}")
    change_role(builder, "give_role")
    builder.call_off()
    return number


def test_a_day_of_staff(builder, day):
    assert builder.violated_invariants() == set()


@pytest.mark.parametrize(
    "action", ["sold", "cancelled", "called_off", "role_taken", "role_given", "moved", "blocked"]
)
def test_an_act_without_its_entry(builder, day, action):
    builder.tables.entries[:] = [one for one in builder.tables.entries if one.action != action]
    assert AUDIT in builder.violated_invariants()


@pytest.mark.parametrize("number", range(9))
def test_an_entry_that_is_there_twice(builder, day, number):
    builder.tables.entries.append(builder.tables.entries[number]._replace(id=100))
    assert builder.violated_invariants() == {AUDIT}


@pytest.mark.parametrize("number", range(9))
def test_an_entry_that_names_somebody_else(builder, day, number):
    builder.tables.entries[number] = builder.tables.entries[number]._replace(actor=8)
    assert builder.violated_invariants() == {AUDIT}


def test_an_entry_of_a_time_when_nobody_did_it(builder, day):
    builder.tables.entries[0] = builder.tables.entries[0]._replace(at=(builder.now + 99) * 1000)
    assert builder.violated_invariants() == {AUDIT}


def test_a_change_between_two_entries(builder, day):
    builder.tables.cards[:] = [PriceCard(5, "Newest")]
    assert builder.violated_invariants() == {AUDIT}


def test_an_entry_of_a_customer(builder):
    number = builder.book(7, "A1")
    builder.record(7, "cancelled", "booking", number)
    builder.cancel(number)
    assert builder.violated_invariants() == {AUDIT}


def test_a_sale_after_the_role_was_taken(builder):
    change_role(builder, "take_role")
    sell(builder)
    assert builder.violated_invariants() == {RIGHTS}


def test_a_sale_that_was_under_way_when_the_role_was_taken(builder):
    change_role(builder, "take_role", sent=1000, responded_at=1020)
    builder.now = 1015
    sell(builder)
    assert builder.violated_invariants() == set()


def test_a_refusal_with_the_role(builder):
    builder.refuse(SELLER, "not_allowed", status=403, verb="sell")
    assert builder.violated_invariants() == {JUSTIFIED}


def test_an_administrator_is_never_refused(builder):
    builder.refuse(BOSS, "not_allowed", status=403, verb="move")
    assert builder.violated_invariants() == {JUSTIFIED}
