"""Two concurrent changes of one booking (DESIGN 6), with the guards and without them.

The customer's lock, the booking's lock, compare-and-set and the claims' guard each protect it.
Without the locks, the data stays consistent, but a caller gets a wrong outcome. Without any guard,
the data is inconsistent.
"""

from functools import partial

import pytest
from django.db import connection

from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.operations import admit, cancel, confirm, transitions, undo_admission
from marquee.core.sql import key_in, keys_param
from marquee.core.zones import isoformat_in
from tests.factories import EARLY
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, check_audit, faults

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def confirm_and_cancel() -> Scene:
    scenario = Scenario()
    held = scenario.hold(scenario.alice, "A1", "A2")
    return Scene(
        scenario, confirm=lambda: confirm(booking=held), cancel=lambda: cancel(booking=held)
    )


def two_confirmations() -> Scene:
    scenario = Scenario()
    held = scenario.hold(scenario.alice, "A1", "A2")
    return Scene(scenario, one=lambda: confirm(booking=held), other=lambda: confirm(booking=held))


def two_cancellations() -> Scene:
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1", "A2")
    return Scene(scenario, one=lambda: cancel(booking=booked), other=lambda: cancel(booking=booked))


def two_cancellations_of_a_hold() -> Scene:
    scenario = Scenario()
    held = scenario.hold(scenario.alice, "A1", "A2")
    return Scene(scenario, one=lambda: cancel(booking=held), other=lambda: cancel(booking=held))


def cancel_and_admit() -> Scene:
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1", "A2")
    ticket = booked.tickets.first()
    return Scene(
        scenario,
        cancel=lambda: cancel(booking=booked),
        admit=lambda: admit(ticket=ticket, reason=EARLY),
    )


def two_admissions() -> Scene:
    scenario = Scenario()
    ticket = scenario.book(scenario.alice, "A1", "A2").tickets.first()
    return Scene(
        scenario,
        one=lambda: admit(ticket=ticket, reason=EARLY),
        other=lambda: admit(ticket=ticket, reason=EARLY),
    )


def undo_and_admit() -> Scene:
    scenario = Scenario()
    ticket = scenario.book(scenario.alice, "A1", "A2").tickets.first()
    admit(ticket=ticket, reason=EARLY)
    return Scene(
        scenario,
        undo=lambda: undo_admission(ticket=ticket, reason="A mistake."),
        admit=lambda: admit(ticket=ticket, reason=EARLY),
    )


def undo_and_cancel() -> Scene:
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1", "A2")
    ticket = booked.tickets.first()
    admit(ticket=ticket, reason=EARLY)
    return Scene(
        scenario,
        undo=lambda: undo_admission(ticket=ticket, reason="A mistake."),
        cancel=lambda: cancel(booking=booked),
    )


def two_undone() -> Scene:
    scenario = Scenario()
    ticket = scenario.book(scenario.alice, "A1", "A2").tickets.first()
    admit(ticket=ticket, reason=EARLY)
    undo = partial(undo_admission, ticket=ticket, reason="A mistake.")
    return Scene(scenario, one=undo, other=undo)


def events(race) -> list[str]:
    found = BookingEvent.objects.filter(booking__show=race.scene.about.show).order_by("id")
    return [event.kind for event in found]


def status(race) -> str:
    return Booking.objects.get(show=race.scene.about.show).status


def test_confirmed_then_cancelled_or_cancelled_and_then_no_longer_to_confirm():
    seen = set()
    for race in interleavings(confirm_and_cancel):
        allowed = {
            ("done", "done"): ["held", "confirmed", "cancelled"],
            ("NotHeld", "done"): ["held", "cancelled"],
        }
        assert events(race) == allowed[race.outcome], race
        assert status(race) == "cancelled", race
        check_audit(race)
        seen.add(race.outcome)
    assert len(seen) == 2, "both ends were seen"


def test_two_confirmations_are_one_and_both_succeed():
    for race in interleavings(two_confirmations, first="one"):
        assert race.outcome == ("done", "done"), race
        assert events(race) == ["held", "confirmed"], race
        check_audit(race)


@pytest.mark.parametrize("scene", [two_cancellations, two_cancellations_of_a_hold])
def test_two_cancellations_are_one_and_both_succeed(scene):
    for race in interleavings(scene, first="one"):
        assert race.outcome == ("done", "done"), race
        assert events(race)[1:] == ["cancelled"], race
        check_audit(race)


def test_either_the_ticket_is_used_and_not_cancelled_or_void_and_not_admitted():
    seen = set()
    for race in interleavings(cancel_and_admit):
        tickets = Ticket.objects.filter(booking__show=race.scene.about.show)
        allowed = {
            ("AlreadyUsed", "done"): ("confirmed", ["used", "valid"]),
            ("done", "NotAdmitted"): ("cancelled", ["void", "void"]),
        }
        found = (status(race), sorted(tickets.values_list("status", flat=True)))
        assert found == allowed[race.outcome], race
        check_audit(race)
        seen.add(race.outcome)
    assert len(seen) == 2, "both ends were seen"


def test_of_two_admissions_one_is_let_in_and_the_other_refused_with_its_time():
    for race in interleavings(two_admissions, first="one"):
        assert sorted(race.outcome) == ["AlreadyUsed", "done"], race
        refusal = race["one"] or race["other"]
        used_at = Ticket.objects.get(booking__show=race.scene.about.show, status="used").used_at
        assert refusal.facts["used_at"] == isoformat_in(used_at, "Europe/Vienna"), race
        assert events(race) == ["confirmed", "admitted"], race
        check_audit(race)


def ends(race):
    """Return the status of the booking and of its tickets."""
    tickets = Ticket.objects.filter(booking__show=race.scene.about.show)
    return status(race), sorted(tickets.values_list("status", flat=True))


def check_ends(scene, allowed, **how):
    """Assert that each outcome of a race leaves what is allowed, and that all of them were seen."""
    seen = set()
    for race in interleavings(scene, **how):
        assert ends(race) == allowed[race.outcome], race
        check_audit(race)
        seen.add(race.outcome)
    assert seen == set(allowed)


def test_a_ticket_whose_admission_is_undone_admits_only_after_that():
    allowed = {
        ("done", "done"): ("confirmed", ["used", "valid"]),  # admitted again
        ("done", "AlreadyUsed"): ("confirmed", ["valid", "valid"]),
    }
    check_ends(undo_and_admit, allowed)


def test_a_booking_is_cancelled_only_after_its_admission_was_undone():
    allowed = {
        ("done", "done"): ("cancelled", ["void", "void"]),
        ("done", "AlreadyUsed"): ("confirmed", ["valid", "valid"]),
    }
    check_ends(undo_and_cancel, allowed)


def test_an_admission_is_undone_once():
    for race in interleavings(two_undone, first="one"):
        assert sorted(race.outcome) == ["NotUsed", "done"], race
        assert events(race) == ["confirmed", "admitted", "undone"], race
        check_audit(race)


# The allowed outcomes of each race; a control must see another one.
ALLOWED = {
    confirm_and_cancel: {("done", "done"), ("NotHeld", "done")},
    two_confirmations: {("done", "done")},
    two_cancellations: {("done", "done")},
    two_cancellations_of_a_hold: {("done", "done")},
    cancel_and_admit: {("AlreadyUsed", "done"), ("done", "NotAdmitted")},
    two_admissions: {("AlreadyUsed", "done"), ("done", "AlreadyUsed")},
    two_undone: {("NotUsed", "done"), ("done", "NotUsed")},
}


@pytest.mark.parametrize("scene", ALLOWED)
def test_control_without_any_guard_the_audit_fails(scene, monkeypatch):
    guards.without_any(monkeypatch)
    assert any(faults(scene))


# Compare-and-set alone decides whether a ticket is used or void, and each refusal says which.
BY_TICKET = {two_admissions, two_undone, cancel_and_admit}


@pytest.mark.parametrize("scene", [scene for scene in ALLOWED if scene not in BY_TICKET])
def test_control_without_locks_some_callers_get_another_outcome(scene, monkeypatch):
    guards.without_locks(monkeypatch)
    assert any(race.outcome not in ALLOWED[scene] for race in interleavings(scene))


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="Without its transaction, it keeps half of what failed"
)
@pytest.mark.parametrize("scene", ALLOWED)
def test_without_locks_compare_and_set_alone_keeps_the_books(scene, monkeypatch):
    guards.without_locks(monkeypatch)
    assert not list(faults(scene))


@pytest.mark.parametrize("scene", [confirm_and_cancel, two_cancellations])
def test_control_without_asking_whether_a_status_was_set_the_books_go_wrong(scene, monkeypatch):
    guards.without_locks(monkeypatch)

    def set_if_it_can_be(booking_ids, *, to, out_of):
        sql = transitions.SET_STATUS_SQL.format(
            is_chosen=key_in("id", "bookings"),
            released_at="NULL",
            out_of=", ".join(f"'{status}'" for status in out_of),
        )
        transitions.fetch_all(sql, {"bookings": keys_param(booking_ids), "to": to})

    monkeypatch.setattr(transitions, "set_status", set_if_it_can_be)
    assert any(faults(scene))


def test_without_locks_compare_and_set_alone_admits_only_once(monkeypatch):
    guards.without_locks(monkeypatch)
    for race in interleavings(two_admissions, first="one"):
        assert race.outcome in ALLOWED[two_admissions], race
        check_audit(race)
