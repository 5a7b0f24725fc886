"""The checker on what visitors did: one hand-made history for each violation."""

import pytest

from prove.audit_log import Guest, Transition
from prove.history import visitor_number
from tests.prove.test_checker_of_forms import hold_by_form, send

VISITOR, OTHER = "a" * 32, "b" * 32
GUEST, ACCOUNT = 70, 7
GUESTS, MOVES, SHOWN = (
    "one provisional guest per visitor",
    "a hold moves to its own account",
    "nobody else's booking is shown",
)
ME = visitor_number(VISITOR)


@pytest.fixture
def hold(builder):
    """A hold of a visitor, who has one guest."""
    builder.tables.guests.append(Guest(GUEST, VISITOR, ""))
    number = builder.store(GUEST, "A1", hold=True, key="0" * 64)
    send(builder, ME, "A1", form="f", booking=number)
    return number


def give(builder, number, former, owner):
    """Give a booking to somebody else, as the trigger writes it down."""
    builder.tables.transitions.append(
        Transition(
            n=len(builder.tables.transitions) + 1, tx=builder.now, show=1, seat=None, gen=owner,
            state="given", booking=number, was="given", had=former, in_time=False, expires_at=None,
            at=(builder.now + 1) * 1000,
        )
    )  # fmt: skip
    builder.change("bookings", number, user=owner)


def log_in(builder):
    builder.tell(ME, "log_in", form="log_in", facts={"account": ACCOUNT})


def look(builder, user, number):
    builder.tell(user, "look", form="look", reference=f"R{number}", facts={"shown": [f"R{number}"]})


def test_a_visitor_holds_looks_logs_in_and_looks_again(builder, hold):
    look(builder, ME, hold)
    give(builder, hold, GUEST, ACCOUNT)
    log_in(builder)
    look(builder, ACCOUNT, hold)
    assert builder.violated_invariants() == set()


def test_two_provisional_guests(builder, hold):
    builder.tables.guests.append(Guest(GUEST + 1, VISITOR, ""))
    assert GUESTS in builder.violated_invariants()


def test_a_second_guest_who_has_said_who_it_is(builder, hold):
    builder.tables.guests.append(Guest(GUEST + 1, VISITOR, "me@example.com"))
    assert builder.violated_invariants() == set()


def test_a_hold_that_moves_without_a_login(builder, hold):
    give(builder, hold, GUEST, ACCOUNT)
    assert MOVES in builder.violated_invariants()


def test_a_hold_that_was_somebody_elses(builder, hold):
    give(builder, hold, GUEST + 1, ACCOUNT)
    log_in(builder)
    assert MOVES in builder.violated_invariants()


def test_a_hold_that_a_login_leaves_behind(builder, hold):
    log_in(builder)
    assert MOVES in builder.violated_invariants()


def test_a_hold_that_another_tab_takes_to_another_account(builder, hold):
    give(builder, hold, GUEST, ACCOUNT + 1)
    builder.tell(ME, "log_in", form="log_in", facts={"account": ACCOUNT + 1})
    builder.now -= 10  # both at once
    log_in(builder)
    assert builder.violated_invariants() == set()


def test_a_hold_that_stays_when_another_tab_asks_something_of_it(builder, hold):
    builder.tell(
        ME, "release", 404, "not_found", form="release", show=1, reference=f"R{hold}",
        sent=builder.now, responded_at=builder.now + 2,
    )  # fmt: skip
    builder.now -= 10
    log_in(builder)
    assert MOVES in builder.violated_invariants()


def test_a_hold_that_would_be_too_many_stays(builder, hold):
    builder.book(ACCOUNT, "A2", "A3", "A4", "A5")
    log_in(builder)
    assert builder.violated_invariants() == set()


def test_a_hold_that_moves_past_the_limit(builder, hold):
    builder.book(ACCOUNT, "A2", "A3", "A4", "A5")
    give(builder, hold, GUEST, ACCOUNT)
    log_in(builder)
    assert builder.violated_invariants() == {"seat limit"}


@pytest.mark.parametrize("user", [0, ACCOUNT, visitor_number(OTHER)])
def test_somebody_elses_booking_is_shown(builder, hold, user):
    look(builder, user, hold)
    assert SHOWN in builder.violated_invariants()


def test_a_hold_is_shown_to_the_visitor_that_it_has_left(builder, hold):
    give(builder, hold, GUEST, ACCOUNT)
    log_in(builder)
    builder.now += 50
    look(builder, ME, hold)
    assert builder.violated_invariants() == {SHOWN}


def test_a_form_without_a_cookie_may_have_its_effect_without_an_answer(builder):
    builder.expecting(cuts=True)
    builder.tables.guests.append(Guest(GUEST, VISITOR, ""))
    builder.store(GUEST, "A1", hold=True, key="0" * 64)
    builder.tell(
        0, "book", 0, show=1, hold=True, form="f", ticket_requests=[["A1", "adult"]], responded_at=0
    )
    assert builder.violated_invariants() == set()


def test_a_hold_given_back_that_stays(builder):
    number = hold_by_form(builder, 1, "A1", form="f")
    builder.tell(1, "release", form="release", show=1, reference=f"R{number}")
    assert "every acknowledged change is stored" in builder.violated_invariants()


def test_a_hold_that_is_not_kept_for_longer_needs_a_reason(builder):
    number = hold_by_form(builder, 1, "A1", form="f")
    builder.tell(1, "extend", 409, "by_page", form="extend", show=1, reference=f"R{number}")
    assert "every refusal is justified" in builder.violated_invariants()
