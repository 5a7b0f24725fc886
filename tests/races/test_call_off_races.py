"""Staff call a show off while its customers are busy (DESIGN 6), with the guard and without it."""

import pytest

from marquee.booking.models import Booking, SeatClaim
from marquee.booking.operations import admit, call_off, cancel, confirm, expire
from tests.factories import EARLY
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, check_audit, faults

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def against(act) -> Scene:
    """Return the scene of a call-off against another act on the same show."""
    scenario = Scenario()
    return Scene(scenario, act=act(scenario), call_off=lambda: call_off(show=scenario.show))


def hold() -> Scene:
    return against(lambda scenario: lambda: scenario.hold(scenario.alice, "A1", "A2"))


def book() -> Scene:
    return against(lambda scenario: lambda: scenario.book(scenario.alice, "A1", "A2"))


def confirm_a_hold() -> Scene:
    def act(scenario):
        held = scenario.hold(scenario.alice, "A1", "A2")
        return lambda: confirm(booking=held)

    return against(act)


def confirm_late() -> Scene:
    def act(scenario):
        expired = scenario.expired_hold(scenario.alice, "A1", "A2")
        return lambda: confirm(booking=expired)

    return against(act)


def cancel_a_booking() -> Scene:
    def act(scenario):
        booked = scenario.book(scenario.alice, "A1", "A2")
        return lambda: cancel(booking=booked)

    return against(act)


def admit_a_ticket() -> Scene:
    def act(scenario):
        ticket = scenario.book(scenario.alice, "A1", "A2").tickets.first()
        return lambda: admit(ticket=ticket, reason=EARLY)

    return against(act)


def record_expiry() -> Scene:
    def act(scenario):
        expired = scenario.expired_hold(scenario.alice, "A1", "A2")
        return lambda: expire(booking=expired)

    return against(act)


def call_off_too() -> Scene:
    def act(scenario):
        scenario.book(scenario.alice, "A1", "A2")
        return lambda: call_off(show=scenario.show)

    return against(act)


ALLOWED = {
    hold: {("Booking", "done"), ("ShowCalledOff", "done")},
    book: {("Booking", "done"), ("ShowCalledOff", "done")},
    confirm_a_hold: {("done", "done"), ("ShowCalledOff", "done")},
    confirm_late: {("done", "done"), ("ShowCalledOff", "done")},
    cancel_a_booking: {("done", "done")},
    admit_a_ticket: {("done", "done"), ("NotAdmitted", "done")},
    record_expiry: {("done", "done")},
    call_off_too: {("done", "done")},
}


@pytest.mark.parametrize("scene", ALLOWED)
def test_what_happens_while_a_show_is_called_off_is_refused_or_swept_up(scene):
    seen = set()
    for race in interleavings(scene):
        seen.add(race.outcome)
        assert_all_cancelled(race)
    assert seen == ALLOWED[scene]


def assert_all_cancelled(race):
    """Assert that a show called off has no claims, and one event per cancelled booking."""
    show = race.scene.about.show
    check_audit(race)
    left = Booking.objects.filter(show=show).exclude(status__in=["cancelled", "expired"])
    assert all(booking.held_until is not None for booking in left), race  # an expired hold
    assert not SeatClaim.objects.filter(show=show, state="sold").exists(), race


@pytest.mark.parametrize("scene", [hold, book, confirm_late])
def test_control_without_the_shows_lock_somebody_has_seats_at_a_show_called_off(scene, monkeypatch):
    guards.without_locks(monkeypatch)
    assert any(is_unswept(race) for race in interleavings(scene))


def is_unswept(race) -> bool:
    show = race.scene.about.show
    claims = SeatClaim.objects.filter(show=show, state__in=["held", "sold"])
    return race.outcome[0] in {"Booking", "done"} and claims.exists()


# On PostgreSQL two call-offs need no lock: each first writes the show's row, so one waits.
@pytest.mark.parametrize("scene", [confirm_a_hold, cancel_a_booking, admit_a_ticket])
def test_control_without_any_guard_the_audit_fails(scene, monkeypatch):
    guards.without_any(monkeypatch)
    assert any(faults(scene))
