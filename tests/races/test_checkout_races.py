"""A visitor's hold is confirmed, moved to an account, given back and expires, in two tabs at once."""

import pytest
from django.db import connection

from marquee.booking.models import Booking, BookingEvent
from marquee.booking.operations import cancel, confirm, expire, move_holds, release
from marquee.booking.records import Contact
from marquee.booking.states import BookingStatus
from tests.booking.visitors import GERDA, hold_as_visitor, visitor_of
from tests.factories import expire_hold
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, another_show, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

OTTO = Contact("Otto", "otto@example.com")


@pytest.fixture(autouse=True)
def no_limit(settings):
    settings.GUEST_LIMIT = 0


def held(*labels: str) -> tuple[Scenario, Booking]:
    scenario = Scenario()
    scenario.hold_of_visitor = hold_as_visitor(scenario.show, *labels or ("A1", "A2"))
    return scenario, scenario.hold_of_visitor


def two_logins() -> Scene:
    scenario, hold = held()
    visitor = visitor_of(hold)
    return Scene(
        scenario,
        one=lambda: move_holds(visitor=visitor, user=scenario.alice),
        other=lambda: move_holds(visitor=visitor, user=scenario.bob),
    )


def two_confirmations() -> Scene:
    scenario, hold = held()
    return Scene(
        scenario,
        one=lambda: confirm(booking=hold, contact=GERDA),
        other=lambda: confirm(booking=hold, contact=OTTO),
    )


def login_and_confirmation() -> Scene:
    scenario, hold = held()
    visitor = visitor_of(hold)
    return Scene(
        scenario,
        login=lambda: move_holds(visitor=visitor, user=scenario.alice),
        confirm=lambda: confirm(booking=hold, contact=GERDA),
    )


def login_and_release() -> Scene:
    scenario, hold = held()
    visitor = visitor_of(hold)
    return Scene(
        scenario,
        login=lambda: move_holds(visitor=visitor, user=scenario.alice),
        release=lambda: cancel(booking=hold),
    )


def login_and_expiry() -> Scene:
    scenario, hold = held()
    visitor = visitor_of(hold)

    def run_out() -> None:
        expire_hold(hold)
        expire(booking=hold)

    return Scene(
        scenario,
        login=lambda: move_holds(visitor=visitor, user=scenario.alice),
        expire=run_out,
    )


def login_and_hold_of_another_show() -> Scene:
    scenario, hold = held()
    visitor, other = visitor_of(hold), another_show()
    return Scene(
        scenario,
        login=lambda: move_holds(visitor=visitor, user=scenario.alice),
        hold=lambda: hold_as_visitor(other, "A1", visitor=visitor),
    )


def confirmation_and_release() -> Scene:
    scenario, hold = held()
    return Scene(
        scenario,
        confirm=lambda: confirm(booking=hold, contact=GERDA),
        release=lambda: release(booking=hold),
    )


def two_guests_of_one_address() -> Scene:
    scenario, hold = held()
    other = hold_as_visitor(scenario.show, "A3", "A4")
    return Scene(
        scenario,
        one=lambda: confirm(booking=hold, contact=GERDA),
        other=lambda: confirm(booking=other, contact=GERDA),
    )


def state(race) -> tuple[str, str]:
    """Return the status of the hold, and the name of who has it."""
    booking = Booking.objects.select_related("user").get(pk=race.scene.about.hold_of_visitor.pk)
    return booking.status, booking.user.name


def test_of_two_logins_one_moves_the_hold():
    for race in interleavings(two_logins, first="one"):
        moved = sorted(list(race[name].moved) for name in ("one", "other"))
        assert moved == [[], [race.scene.about.hold_of_visitor.reference]], race
        assert state(race) == ("held", "Alice" if race["one"].moved else "Bob"), race
        assert (
            BookingEvent.objects.filter(
                kind="joined", booking=race.scene.about.hold_of_visitor
            ).count()
            == 1
        ), race
        check_audit(race)


def test_of_two_confirmations_one_names_the_guest():
    names = set()
    for race in interleavings(two_confirmations, first="one"):
        assert sorted([race["one"], race["other"]]) == [False, True], race
        named = GERDA if race["one"] else OTTO
        assert state(race) == ("confirmed", named.name), race
        names.add(named)
        check_audit(race)
    assert names == {GERDA, OTTO}


def test_a_hold_is_the_accounts_or_the_guest_confirmed_it_first():
    seen = set()
    for race in interleavings(login_and_confirmation):
        if race.outcome[1] == "AccountClosed":
            assert state(race) == ("held", "Alice"), race
        else:
            assert state(race) == ("confirmed", GERDA.name), race
        seen.add(race.outcome[1])
        check_audit(race)
    assert seen == {"AccountClosed", "done"}


def test_a_hold_that_moves_is_given_back_first_or_not_any_more():
    seen = set()
    for race in interleavings(login_and_release):
        refused = race.outcome[1] == "AccountClosed"
        assert state(race) == (("held", "Alice") if refused else ("cancelled", "")), race
        seen.add(refused)
        check_audit(race)
    assert seen == {True, False}


def test_a_hold_that_expires_moves_before_or_stays():
    seen = set()
    for race in interleavings(login_and_expiry):
        status, name = state(race)
        assert status == "expired", race
        seen.add(name)
        check_audit(race)
    assert seen == {"Alice", ""}


def test_a_hold_of_another_show_is_made_meanwhile_and_moves_or_stays_live():
    for race in interleavings(login_and_hold_of_another_show):
        assert race.outcome[1] == "Booking", race
        assert state(race) == ("held", "Alice"), race
        holder = Booking.objects.get(pk=race["hold"].pk).user
        assert holder == race.scene.about.alice or holder.is_active, race
        check_audit(race)


def test_a_hold_is_confirmed_or_given_back():
    seen = set()
    for race in interleavings(confirmation_and_release):
        assert state(race)[0] == ("cancelled" if race.outcome[1] == "done" else "confirmed"), race
        assert "NotHeld" in race.outcome, race
        seen.add(race.outcome)
        check_audit(race)
    assert len(seen) == 2


def test_control_cancelling_instead_a_tab_cancels_what_the_other_confirmed(monkeypatch):
    monkeypatch.setattr("marquee.booking.hold_rules.check_only_held", lambda locked: None)
    outcomes = {race.outcome for race in interleavings(confirmation_and_release)}
    assert ("done", "done") in outcomes


def test_two_guests_of_one_address_stay_within_its_limit(settings):
    settings.SEAT_LIMIT = 3
    for race in interleavings(two_guests_of_one_address, first="one"):
        assert sorted(race.outcome) == ["SeatLimit", "done"], race
        check_audit(race)


def test_control_without_counter_locks_they_exceed_it(settings, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, and what it wrote is counted")
    settings.SEAT_LIMIT = 3
    guards.without_counter_locks(monkeypatch)
    outcomes = [race.outcome for race in interleavings(two_guests_of_one_address, first="one")]
    assert ("done", "done") in outcomes


@pytest.mark.parametrize("scene", [two_confirmations, login_and_confirmation])
def test_control_without_locks_a_hold_has_two_owners(scene, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time: there is no lock to take away")
    guards.without_locks(monkeypatch)
    monkeypatch.setattr("marquee.booking.locks.lock_account", lambda user_id: None)
    monkeypatch.setattr("marquee.booking.customer_rules.check_still_owns", lambda *a, **k: None)
    bad = {("confirmed", "Alice"), ("held", GERDA.name)}
    outcomes = {(race.outcome, state(race)) for race in interleavings(scene)}
    assert any(
        end in bad
        or "RuntimeError" in outcome
        or (outcome == ("done", "done") and scene is two_confirmations)
        for outcome, end in outcomes
    )


def test_control_without_locks_a_hold_moves_after_it_was_given_back(monkeypatch):
    guards.without_locks(monkeypatch)
    monkeypatch.setattr("marquee.booking.locks.lock_account", lambda user_id: None)
    states = {state(race) for race in interleavings(login_and_release)}
    assert (BookingStatus.CANCELLED, "Alice") in states
