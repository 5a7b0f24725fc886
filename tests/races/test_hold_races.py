"""Concurrent requests for seats (DESIGN 6), with the guards and without them."""

from uuid import uuid4

import pytest

from marquee.accounts.operations import delete_account
from marquee.booking.models import Booking, SeatClaim, Ticket
from marquee.booking.operations import confirm
from tests.races import guards
from tests.races.interleave import Race, Scene, interleavings
from tests.races.scenario import Scenario, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def overlapping_holds() -> Scene:
    scenario = Scenario()
    return Scene(
        scenario,
        alice=lambda: scenario.hold(scenario.alice, "A1", "A2"),
        bob=lambda: scenario.hold(scenario.bob, "A2", "A3"),
    )


def overlapping_holds_of_seats_used_before() -> Scene:
    scene = overlapping_holds()
    scene.about.expired_hold(scene.about.carol, "A1", "A2", "A3")
    return scene


@pytest.mark.parametrize("scene", [overlapping_holds, overlapping_holds_of_seats_used_before])
def test_of_two_holds_on_overlapping_seats_one_is_made_and_one_is_refused_naming_the_seat(scene):
    for race in interleavings(scene):
        assert sorted(race.outcome) == ["Booking", "SeatsTaken"], race
        loser = "alice" if race.outcome[0] == "SeatsTaken" else "bob"
        assert race[loser].facts["seats"] == ["A2"], race
        check_audit(race)
        assert_no_rows(race, loser)


def assert_no_rows(race: Race, loser: str):
    """Assert that a refused hold has left no rows."""
    scenario = race.scene.about
    theirs = Booking.objects.filter(show=scenario.show, user=getattr(scenario, loser))
    assert not theirs.exists(), race
    assert not Ticket.objects.filter(booking__in=theirs).exists(), race
    assert not SeatClaim.objects.filter(booking__in=theirs).exists(), race


@pytest.mark.parametrize("scene", [overlapping_holds, overlapping_holds_of_seats_used_before])
def test_control_without_asking_who_has_a_seat_both_holds_are_made(scene, monkeypatch):
    guards.without_asking_who_has_it(monkeypatch)
    for race in interleavings(scene, first="alice"):
        assert race.outcome == ("Booking", "Booking"), race
        with pytest.raises(AssertionError, match=r"held, with seats|illegal"):
            check_audit(race)


def holds_at_the_limit() -> Scene:
    scenario = Scenario()
    return Scene(
        scenario,
        phone=lambda: scenario.hold(scenario.alice, "A1", "A2"),
        laptop=lambda: scenario.book(scenario.alice, "A3", "A4"),
    )


def late_confirmation_at_the_limit() -> Scene:
    """Confirm an expired hold, which did not count, while another booking is made."""
    scenario = Scenario()
    held = scenario.expired_hold(scenario.alice, "A1", "A2")
    return Scene(
        scenario,
        phone=lambda: confirm(booking=held),
        laptop=lambda: scenario.book(scenario.alice, "A3", "A4"),
    )


def two_late_confirmations_at_the_limit() -> Scene:
    scenario = Scenario()
    one = scenario.expired_hold(scenario.alice, "A1", "A2")
    other = scenario.expired_hold(scenario.alice, "A3", "A4")
    return Scene(
        scenario,
        phone=lambda: confirm(booking=one),
        laptop=lambda: confirm(booking=other),
    )


AT_THE_LIMIT = [
    holds_at_the_limit,
    late_confirmation_at_the_limit,
    two_late_confirmations_at_the_limit,
]


@pytest.mark.parametrize("scene", AT_THE_LIMIT)
def test_one_customer_at_once_on_two_devices_stays_within_the_limit(scene, settings):
    settings.SEAT_LIMIT = 3
    for race in interleavings(scene):
        assert sorted(race.outcome) in (["Booking", "SeatLimit"], ["SeatLimit", "done"]), race
        check_audit(race)


@pytest.mark.parametrize("scene", AT_THE_LIMIT)
def test_control_without_the_customers_lock_two_devices_go_past_the_limit(
    scene, settings, monkeypatch
):
    settings.SEAT_LIMIT = 3
    guards.without_user_lock(monkeypatch)
    both = (race for race in interleavings(scene) if "SeatLimit" not in race.outcome)
    with pytest.raises(AssertionError, match="over the limit"):
        check_audit(next(both))


def same_key_twice() -> Scene:
    scenario, key = Scenario(), str(uuid4())
    return Scene(
        scenario,
        first=lambda: scenario.hold(scenario.alice, "A1", "A2", key=key),
        again=lambda: scenario.hold(scenario.alice, "A1", "A2", key=key),
    )


def best_seats_with_the_same_key_twice() -> Scene:
    """Request the best seats twice with one key: only the key makes the requests the same."""
    scenario, key = Scenario(), str(uuid4())
    return Scene(
        scenario,
        first=lambda: scenario.book_best(scenario.alice, 2, key=key),
        again=lambda: scenario.book_best(scenario.alice, 2, key=key),
    )


SAME_KEY = [same_key_twice, best_seats_with_the_same_key_twice]


@pytest.mark.parametrize("scene", SAME_KEY)
def test_one_key_sent_twice_makes_one_booking_and_returns_it_twice(scene):
    for race in interleavings(scene, first="first"):
        check_one_booking(race)


def check_one_booking(race: Race):
    assert race.outcome == ("Booking", "Booking"), race
    assert race["first"] == race["again"], race
    assert Booking.objects.filter(show=race.scene.about.show).count() == 1, race
    check_audit(race)


def test_without_the_customers_lock_the_keys_own_constraint_still_allows_one_booking(monkeypatch):
    guards.without_user_lock(monkeypatch)
    for race in interleavings(best_seats_with_the_same_key_twice, first="first"):
        check_one_booking(race)


def test_control_without_lock_and_constraint_one_key_makes_two_bookings(monkeypatch):
    guards.without_user_lock(monkeypatch)
    with guards.without_constraint(Booking, "booking_key_unique_for_user"):
        races = interleavings(best_seats_with_the_same_key_twice, first="first")
        assert any(race["first"] != race["again"] for race in races)


@pytest.mark.parametrize("scene", SAME_KEY)
def test_control_without_a_look_for_the_key_the_second_fails(scene, monkeypatch):
    guards.without_looking_for_the_key(monkeypatch)
    races = interleavings(scene, first="first")
    assert all("IntegrityError" in race.outcome for race in races)


def an_account_is_closed_while_its_booking_waits() -> Race:
    scenario = Scenario()
    race = Race(
        Scene(
            scenario,
            leaving=lambda: delete_account(user=scenario.alice),
            booking=lambda: scenario.book(scenario.alice, "A1"),
        )
    )
    race.advance("leaving", before="COMMIT")
    race.advance("booking")
    race.finish()
    return race


def test_an_account_closed_while_its_booking_waited_books_nothing():
    race = an_account_is_closed_while_its_booking_waits()
    assert race.outcome == ("done", "AccountClosed"), race
    assert not Booking.objects.filter(show=race.scene.about.show).exists(), race


def test_control_without_the_customers_lock_a_closed_account_books(monkeypatch):
    guards.without_user_lock(monkeypatch)
    race = an_account_is_closed_while_its_booking_waits()
    assert race.outcome == ("done", "Booking"), race
