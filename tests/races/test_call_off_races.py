"""Staff call a show off while its customers are busy (DESIGN 6), with the guard and without it."""

import pytest
from django.db import connection, transaction

from marquee.booking import operations
from marquee.booking.models import Booking, SeatClaim
from marquee.booking.operations import admit, call_off, cancel, confirm, expire
from tests.races import guards
from tests.races.interleave import Race, Scene, interleavings
from tests.races.stage import Stage, check_books, faults
from tests.world import make_movie

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def against(act) -> Scene:
    """Return the scene of a call-off against something that is done with a stage."""
    stage = Stage()
    return Scene(stage, act=act(stage), call_off=lambda: call_off(show=stage.show))


def hold() -> Scene:
    return against(lambda stage: lambda: stage.hold(stage.alice, "A1", "A2"))


def book() -> Scene:
    return against(lambda stage: lambda: stage.book(stage.alice, "A1", "A2"))


def confirm_a_hold() -> Scene:
    def act(stage):
        held = stage.hold(stage.alice, "A1", "A2")
        return lambda: confirm(booking=held)

    return against(act)


def confirm_late() -> Scene:
    def act(stage):
        lapsed = stage.lapsed_hold(stage.alice, "A1", "A2")
        return lambda: confirm(booking=lapsed)

    return against(act)


def cancel_a_booking() -> Scene:
    def act(stage):
        booked = stage.book(stage.alice, "A1", "A2")
        return lambda: cancel(booking=booked)

    return against(act)


def admit_a_ticket() -> Scene:
    def act(stage):
        ticket = stage.book(stage.alice, "A1", "A2").tickets.first()
        return lambda: admit(ticket=ticket)

    return against(act)


def tidy_up() -> Scene:
    def act(stage):
        lapsed = stage.lapsed_hold(stage.alice, "A1", "A2")
        return lambda: expire(booking=lapsed)

    return against(act)


def call_off_too() -> Scene:
    def act(stage):
        stage.book(stage.alice, "A1", "A2")
        return lambda: call_off(show=stage.show)

    return against(act)


ALLOWED = {
    hold: {("Booking", "done"), ("ShowCalledOff", "done")},
    book: {("Booking", "done"), ("ShowCalledOff", "done")},
    confirm_a_hold: {("done", "done"), ("ShowCalledOff", "done")},
    confirm_late: {("done", "done"), ("ShowCalledOff", "done")},
    cancel_a_booking: {("done", "done")},
    admit_a_ticket: {("done", "done"), ("NotAdmitted", "done")},
    tidy_up: {("done", "done")},
    call_off_too: {("done", "done")},
}


@pytest.mark.parametrize("scene", ALLOWED)
def test_what_happens_while_a_show_is_called_off_is_refused_or_swept_up(scene):
    seen = set()
    for race in interleavings(scene):
        seen.add(race.outcome)
        check_swept(race)
    assert seen == ALLOWED[scene]


def check_swept(race):
    """Nobody has a seat at a show called off, and everybody who had one was told so, once."""
    show = race.scene.about.show
    check_books(race)
    left = Booking.objects.filter(show=show).exclude(status__in=["cancelled", "expired"])
    assert all(booking.held_until is not None for booking in left), race  # a lapsed hold
    assert not SeatClaim.objects.filter(show=show, state="sold").exists(), race


@pytest.mark.parametrize("scene", [hold, book, confirm_late])
def test_control_without_the_shows_lock_somebody_has_seats_at_a_show_called_off(scene, monkeypatch):
    guards.without_locks(monkeypatch)
    assert any(is_unswept(race) for race in interleavings(scene))


def is_unswept(race) -> bool:
    show = race.scene.about.show
    claims = SeatClaim.objects.filter(show=show, state__in=["held", "sold"])
    return race.outcome[0] in {"Booking", "done"} and claims.exists()


# Two call-offs need no lock on PostgreSQL: each begins by writing the show, so one waits.
@pytest.mark.parametrize("scene", [confirm_a_hold, cancel_a_booking, admit_a_ticket])
def test_control_without_any_guard_the_books_go_wrong(scene, monkeypatch):
    guards.without_any(monkeypatch)
    assert any(faults(scene))


def customers_come_while_staff_wait() -> Race:
    """One customer is about to be done when staff call the show off, and then another one comes."""
    stage = Stage()
    race = Race(
        Scene(
            stage,
            early=lambda: stage.book(stage.alice, "A1"),
            staff=lambda: call_off(show=stage.show),
            late=lambda: stage.book(stage.bob, "A3"),
        )
    )
    race.advance("early", before="COMMIT")
    race.advance("staff")
    race.advance("late")
    race.advance("early")
    race.finish()
    return race


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no fair queue of writers")
def test_customers_queue_behind_staff_who_wait_for_a_show():
    race = customers_come_while_staff_wait()
    assert race.outcome == ("Booking", "done", "ShowCalledOff"), race
    check_swept(race)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no fair queue of writers")
def test_control_without_the_gate_customers_pass_staff_who_wait(monkeypatch):
    guards.without_gate(monkeypatch)
    race = customers_come_while_staff_wait()
    assert race.outcome == ("Booking", "done", "Booking"), race
    check_swept(race)


def called_off_during_an_import() -> Race:
    """Staff call a show off while others import a programme, and a customer books the show meanwhile."""
    stage = Stage()

    def import_a_programme():
        with transaction.atomic():
            make_movie()

    race = Race(
        Scene(
            stage,
            importer=import_a_programme,
            staff=lambda: call_off(show=stage.show),
            customer=lambda: stage.book(stage.alice, "A1"),
        )
    )
    race.advance("importer", before="COMMIT")
    race.advance("staff")
    race.advance("customer")
    race.served = race.racers["customer"].is_done
    race.finish()
    return race


@pytest.fixture
def several_write():
    if connection.vendor == "sqlite":
        pytest.skip("Everybody waits for an import: one writes at a time.")


@pytest.mark.usefixtures("several_write")
def test_staff_who_wait_for_others_keep_no_customer_waiting():
    race = called_off_during_an_import()
    assert race.served, race
    check_books(race)


@pytest.mark.usefixtures("several_write")
def test_control_without_taking_turns_first_they_do(monkeypatch):
    monkeypatch.setattr(operations, "take_turn", lambda: None)
    race = called_off_during_an_import()
    assert not race.served, race
