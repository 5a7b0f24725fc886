"""A hold that is kept for longer while something else happens to it (DESIGN 6 and 16)."""

import pytest
from django.db import connection

from marquee.booking.models import Booking, BookingEvent, SeatClaim
from marquee.booking.operations import cancel, confirm, extend
from tests.factories import expire_hold
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def held(*, seconds: float = 60) -> tuple[Scenario, Booking]:
    scenario = Scenario()
    hold = scenario.hold(scenario.alice, "A1", "A2")
    expire_hold(hold, seconds=seconds)
    return scenario, hold


def two_extensions() -> Scene:
    scenario, hold = held()
    return Scene(scenario, one=lambda: extend(booking=hold), other=lambda: extend(booking=hold))


def extend_and_confirm() -> Scene:
    scenario, hold = held()
    return Scene(
        scenario, extend=lambda: extend(booking=hold), confirm=lambda: confirm(booking=hold)
    )


def extend_and_cancel() -> Scene:
    scenario, hold = held()
    return Scene(scenario, extend=lambda: extend(booking=hold), cancel=lambda: cancel(booking=hold))


def extend_and_book() -> Scene:
    scenario, hold = held()
    return Scene(
        scenario,
        extend=lambda: extend(booking=hold),
        book=lambda: scenario.book(scenario.bob, "A2", "A3"),
    )


def events(race) -> list[str]:
    found = BookingEvent.objects.filter(booking__show=race.scene.about.show).order_by("id")
    return [event.kind for event in found]


def check_claims(race) -> None:
    """Assert that a hold and its claims end at the same time."""
    for claim in SeatClaim.objects.filter(booking__show=race.scene.about.show, state="held"):
        assert claim.expires_at == claim.booking.held_until, race


def test_of_two_extensions_one_is_made():
    for race in interleavings(two_extensions, first="one"):
        assert sorted(race.outcome) == ["CannotExtend", "done"], race
        assert events(race) == ["held", "extended"], race
        check_claims(race)
        check_audit(race)


def test_a_hold_is_confirmed_extended_or_not():
    allowed = {
        ("done", "done"): ["held", "extended", "confirmed"],
        ("NotHeld", "done"): ["held", "confirmed"],
    }
    check_events(extend_and_confirm, allowed)


def test_a_hold_that_is_given_back_is_not_extended_afterwards():
    allowed = {
        ("done", "done"): ["held", "extended", "cancelled"],
        ("NotHeld", "done"): ["held", "cancelled"],
    }
    check_events(extend_and_cancel, allowed)


def check_events(scene, allowed):
    seen = set()
    for race in interleavings(scene):
        assert events(race) == allowed[race.outcome], race
        check_audit(race)
        seen.add(race.outcome)
    assert seen == set(allowed)


def test_nobody_gets_a_seat_of_a_hold_that_is_extended():
    for race in interleavings(extend_and_book):
        assert race.outcome == ("done", "SeatsTaken"), race
        check_claims(race)
        check_audit(race)


def test_control_without_locks_both_extensions_are_made(monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time: there is no lock to take away")
    guards.without_locks(monkeypatch)
    outcomes = {race.outcome for race in interleavings(two_extensions, first="one")}
    assert ("done", "done") in outcomes
