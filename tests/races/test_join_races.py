"""Bookings of a guest join an account while the guest books, confirms or cancels."""

import pytest

from marquee.accounts import operations as accounts
from marquee.accounts.models import User
from marquee.booking.models import Booking
from marquee.booking.operations import cancel, confirm
from marquee.booking.operations.join_guests import prove_and_join
from tests.accounts.people import CLIENT
from tests.factories import book_seats, make_user
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, another_show, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def a_guest_and_an_account() -> tuple[Scenario, User, User]:
    scenario, account = Scenario(), make_user()
    guest, _ = accounts.add_guest(email=account.address, name="Guest", networks=[CLIENT])
    scenario.guest, scenario.account = guest, account
    return scenario, guest, account


def join(account: User) -> None:
    prove_and_join(user=account, address=account.address, proof=lambda: account)


def join_and_cancel() -> Scene:
    scenario, guest, account = a_guest_and_an_account()
    booking = scenario.book(guest, "A1")
    return Scene(scenario, join=lambda: join(account), guest=lambda: cancel(booking=booking))


def join_and_confirm() -> Scene:
    scenario, guest, account = a_guest_and_an_account()
    hold = scenario.hold(guest, "A1")
    return Scene(scenario, join=lambda: join(account), guest=lambda: confirm(booking=hold))


def join_and_book() -> Scene:
    scenario, guest, account = a_guest_and_an_account()
    scenario.book(guest, "A1")
    return Scene(scenario, join=lambda: join(account), guest=lambda: scenario.book(guest, "A2"))


def join_and_book_another_show() -> Scene:
    scenario, guest, account = a_guest_and_an_account()
    scenario.book(guest, "A1")
    other = another_show()
    return Scene(scenario, join=lambda: join(account), guest=lambda: book_seats(guest, other, "A2"))


SCENES = [join_and_cancel, join_and_confirm, join_and_book, join_and_book_another_show]


def left_behind(race) -> int:
    """Return how many bookings the guest still has, whose data was erased."""
    return Booking.objects.filter(user=race.scene.about.guest).count()


@pytest.mark.parametrize("scene", SCENES)
def test_what_a_guest_does_comes_before_its_bookings_join_an_account_or_is_refused(scene):
    outcomes = set()
    for race in interleavings(scene):
        assert race["join"] is None, race
        assert left_behind(race) == 0, race
        assert race.outcome[1] in {"done", "Booking", "AccountClosed"}, race
        refused = race.outcome[1] == "AccountClosed"
        statuses = set(
            Booking.objects.filter(user=race.scene.about.account).values_list("status", flat=True)
        )
        if scene is join_and_cancel:
            assert statuses == ({"confirmed"} if refused else {"cancelled"}), race
        if scene is join_and_confirm:
            assert statuses == ({"held"} if refused else {"confirmed"}), race
        outcomes.add(refused)
        check_audit(race)
    assert outcomes == {True, False}


@pytest.mark.parametrize("scene", [join_and_book, join_and_book_another_show])
def test_control_without_locks_a_guest_keeps_a_booking_that_nobody_reaches(scene, monkeypatch):
    guards.without_locks(monkeypatch)
    monkeypatch.setattr("marquee.booking.locks.lock_account", lambda user_id: None)
    assert any(left_behind(race) for race in interleavings(scene))


def test_control_without_asking_whose_it_is_a_guest_cancels_what_joined(monkeypatch):
    monkeypatch.setattr(
        "marquee.booking.customer_rules.check_still_owns", lambda locked, **facts: None
    )
    races = interleavings(join_and_cancel)
    assert all(race.outcome[1] == "done" for race in races)
