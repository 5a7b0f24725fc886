"""Concurrent bookings that one limit counts together: of one network, or of one address."""

import pytest

from marquee.accounts.models import AddressKey
from marquee.booking.models import Booking
from marquee.booking.operations import close_account, confirm
from tests.factories import book_seats, expire_hold, make_user, usage_of
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

NETWORK = "192.0.2.1"
LIMIT = 3


@pytest.fixture(autouse=True)
def limits(settings):
    settings.UNPAID_CLIENT_SEAT_LIMIT, settings.UNPAID_CLIENT_PERCENT = LIMIT, 0
    settings.SEAT_LIMIT = LIMIT
    settings.CLIENT_HOLD_LIMIT = 0


def two_customers_of_one_network() -> Scene:
    scenario = Scenario()
    return Scene(
        scenario,
        alice=lambda: book_seats(scenario.alice, scenario.show, "A1", "A2", client=NETWORK),
        bob=lambda: book_seats(scenario.bob, scenario.show, "A3", "A4", client=NETWORK),
    )


def a_late_confirmation_and_a_booking_of_one_network() -> Scene:
    scenario = Scenario()
    held = book_seats(scenario.alice, scenario.show, "A1", "A2", hold=True, client=NETWORK)
    expire_hold(held)
    return Scene(
        scenario,
        alice=lambda: confirm(booking=held),
        bob=lambda: book_seats(scenario.bob, scenario.show, "A3", "A4", client=NETWORK),
    )


def two_accounts_of_one_address() -> Scene:
    """Return two accounts of one address: one had it before, the other has it now."""
    scenario = Scenario()
    now, before = make_user(), make_user()
    AddressKey.add(type(now)(pk=now.pk, email=before.email))
    return Scene(
        scenario,
        alice=lambda: book_seats(now, scenario.show, "A1", "A2"),
        bob=lambda: book_seats(before, scenario.show, "A3", "A4"),
    )


TOGETHER = [
    two_customers_of_one_network,
    a_late_confirmation_and_a_booking_of_one_network,
    two_accounts_of_one_address,
]


def seats_sold(race) -> int:
    return Booking.objects.filter(show=race.scene.about.show, status="confirmed").count() * 2


@pytest.mark.parametrize("scene", TOGETHER)
def test_those_whom_one_limit_counts_together_stay_within_it(scene):
    for race in interleavings(scene):
        assert seats_sold(race) == 2 <= LIMIT, race
        check_audit(race)


@pytest.mark.parametrize("scene", TOGETHER)
def test_control_without_the_counters_locks_they_go_past_it(scene, monkeypatch):
    guards.without_counter_locks(monkeypatch)
    assert any(seats_sold(race) > LIMIT for race in interleavings(scene))


def two_holds_of_one_network() -> Scene:
    scenario = Scenario()
    Booking.objects.filter(status="held").update(status="cancelled", held_until=None)
    return Scene(
        scenario,
        alice=lambda: book_seats(scenario.alice, scenario.show, "A1", hold=True, client=NETWORK),
        bob=lambda: book_seats(scenario.bob, scenario.show, "A3", hold=True, client=NETWORK),
    )


def test_a_network_has_so_many_holds_at_once(settings):
    settings.CLIENT_HOLD_LIMIT = 1
    for race in interleavings(two_holds_of_one_network):
        assert sorted(race.outcome) == ["Booking", "TooManyHolds"], race


def test_control_without_the_counters_locks_it_has_more(settings, monkeypatch):
    settings.CLIENT_HOLD_LIMIT = 1
    guards.without_counter_locks(monkeypatch)
    races = interleavings(two_holds_of_one_network)
    assert any(race.outcome == ("Booking", "Booking") for race in races)


# --- Closing an account while it books ------------------------------------------------------------


def booking_while_the_account_is_closed() -> Scene:
    scenario = Scenario()
    user = scenario.user = make_user()
    book_seats(user, scenario.show, "A1")
    return Scene(
        scenario,
        phone=lambda: book_seats(user, scenario.show, "A2", "A3"),
        laptop=lambda: close_account(user=user, upcoming="cancel"),
    )


def live_seats_of_closed(race) -> int:
    return usage_of(race.scene.about.user, race.scene.about.show).customer_seats


def test_a_closed_account_keeps_no_seat_that_it_could_give_up():
    for race in interleavings(booking_while_the_account_is_closed):
        assert race["laptop"] is None, race
        assert live_seats_of_closed(race) == 0, race
        check_audit(race)


def test_control_without_locks_a_closed_account_keeps_seats(monkeypatch):
    guards.without_locks(monkeypatch)
    monkeypatch.setattr("marquee.booking.locks.lock_account", lambda user_id: None)
    races = interleavings(booking_while_the_account_is_closed)
    assert any(live_seats_of_closed(race) for race in races)
