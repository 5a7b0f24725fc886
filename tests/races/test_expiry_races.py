"""Races for the seats of expired holds (DESIGN 6), with the guards and without them."""

import pytest
from django.db import connection

from marquee.booking.models import SeatClaim
from marquee.booking.operations import confirm, expire
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, check_audit, faults

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def hold_and_expiry_of_an_expired_one() -> Scene:
    scenario = Scenario()
    expired = scenario.expired_hold(scenario.alice, "A1", "A2")
    return Scene(
        scenario,
        hold=lambda: scenario.hold(scenario.bob, "A2", "A3"),
        expire=lambda: expire(booking=expired),
    )


def test_an_expired_hold_is_taken_over_while_its_expiry_is_recorded():
    for race in interleavings(hold_and_expiry_of_an_expired_one):
        assert race.outcome == ("Booking", "done"), race
        check_audit(race)
        claims = SeatClaim.objects.filter(show=race.scene.about.show, booking=race["hold"])
        assert claims.count() == 2, race


def test_control_without_asking_whose_a_seat_is_recording_an_expiry_frees_the_new_holders(
    monkeypatch,
):
    guards.without_asking_whose_it_is(monkeypatch)
    found = faults(hold_and_expiry_of_an_expired_one)
    assert any("held, with seats" in fault for fault in found)


def hold_and_expiry_of_a_live_one() -> Scene:
    scenario = Scenario()
    live = scenario.hold(scenario.alice, "A1", "A2")
    return Scene(
        scenario,
        hold=lambda: scenario.hold(scenario.bob, "A2", "A3"),
        expire=lambda: expire(booking=live),
    )


def test_a_live_hold_is_neither_taken_over_nor_recorded_as_expired():
    for race in interleavings(hold_and_expiry_of_a_live_one):
        assert race.outcome == ("SeatsTaken", "done"), race
        check_audit(race)


def test_control_without_asking_who_has_a_seat_a_live_hold_is_taken_over(monkeypatch):
    guards.without_asking_who_has_it(monkeypatch)
    for race in interleavings(hold_and_expiry_of_a_live_one, first="hold"):
        assert race.outcome == ("Booking", "done"), race
        with pytest.raises(AssertionError, match="held, with seats"):
            check_audit(race)


def late_confirmation_and_take_over() -> Scene:
    scenario = Scenario()
    expired = scenario.expired_hold(scenario.alice, "A1", "A2")
    return Scene(
        scenario,
        confirm=lambda: confirm(booking=expired),
        hold=lambda: scenario.hold(scenario.bob, "A2", "A3"),
    )


def recorded_confirmation_and_take_over() -> Scene:
    """Return the same scene after the worker recorded the expiry: its seats are free."""
    scenario = Scenario()
    expired = scenario.expired_hold(scenario.alice, "A1", "A2")
    expire(booking=expired)
    return Scene(
        scenario,
        confirm=lambda: confirm(booking=expired),
        hold=lambda: scenario.hold(scenario.bob, "A2", "A3"),
    )


TAKE_OVERS = [late_confirmation_and_take_over, recorded_confirmation_and_take_over]


@pytest.mark.parametrize("scene", TAKE_OVERS)
def test_of_a_late_confirmation_and_a_take_over_exactly_one_wins(scene):
    seen = set()
    for race in interleavings(scene):
        assert race.outcome in {("done", "SeatsTaken"), ("HoldExpired", "Booking")}, race
        loser = race["hold"] if race.outcome[0] == "done" else race["confirm"]
        assert loser.facts["seats"] == ["A2"], race
        check_audit(race)
        seen.add(race.outcome)
    assert len(seen) == 2, "both ends were seen"


@pytest.mark.parametrize("scene", TAKE_OVERS)
def test_control_without_asking_whose_a_seat_is_both_have_it(scene, monkeypatch):
    guards.without_asking_whose_it_is(monkeypatch)
    both = (race for race in interleavings(scene) if race.outcome == ("done", "Booking"))
    with pytest.raises(AssertionError, match="held, with seats"):
        check_audit(next(both))


@pytest.mark.parametrize("scene", TAKE_OVERS)
def test_control_without_asking_who_has_a_seat_both_have_it(scene, monkeypatch):
    guards.without_asking_who_has_it(monkeypatch)
    both = (race for race in interleavings(scene) if race.outcome == ("done", "Booking"))
    with pytest.raises(AssertionError, match="with seats"):
        check_audit(next(both))


def late_confirmation_and_expiry() -> Scene:
    scenario = Scenario()
    expired = scenario.expired_hold(scenario.alice, "A1", "A2")
    return Scene(
        scenario,
        confirm=lambda: confirm(booking=expired),
        expire=lambda: expire(booking=expired),
    )


def test_a_late_confirmation_succeeds_while_the_expiry_is_recorded():
    for race in interleavings(late_confirmation_and_expiry):
        assert race.outcome == ("done", "done"), race
        check_audit(race)


def test_control_without_locks_recording_an_expiry_blocks_a_late_confirmation(monkeypatch):
    guards.without_locks(monkeypatch)
    races = interleavings(late_confirmation_and_expiry)
    assert any(race.outcome != ("done", "done") for race in races)


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="Without its transaction, it keeps half of what failed"
)
@pytest.mark.parametrize("scene", [late_confirmation_and_expiry, hold_and_expiry_of_an_expired_one])
def test_without_locks_compare_and_set_alone_keeps_an_expiry_from_undoing_anything(
    scene, monkeypatch
):
    guards.without_locks(monkeypatch)
    assert not list(faults(scene))


def test_control_without_any_guard_an_expiry_undoes_a_confirmation(monkeypatch):
    guards.without_any(monkeypatch)
    assert any(faults(late_confirmation_and_expiry))
