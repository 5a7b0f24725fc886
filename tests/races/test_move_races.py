"""A show moves, or takes another plan, while customers book, confirm and cancel."""

from datetime import timedelta

import pytest
from django.db import connection

from marquee.booking.models import Booking, Ticket
from marquee.booking.operations import cancel, confirm, move_show, take_newest_plan
from marquee.catalog.models import Show
from marquee.catalog.operations import change_auditorium
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

LATER = timedelta(hours=3)


def moved(scenario, bookings):
    start = scenario.show.starts_at + LATER
    return lambda: move_show(show=scenario.show, starts_at=start, confirm_bookings=bookings)


def move_and_book() -> Scene:
    """Move a show that nobody booked while somebody books it."""
    scenario = Scenario()
    return Scene(
        scenario, move=moved(scenario, None), book=lambda: scenario.book(scenario.alice, "A1")
    )


def move_and_confirm() -> Scene:
    """Move a show with one hold while it is confirmed."""
    scenario = Scenario()
    held = scenario.hold(scenario.alice, "A1")
    return Scene(scenario, move=moved(scenario, 1), confirm=lambda: confirm(booking=held))


def move_and_confirm_late() -> Scene:
    """Move a show with an expired hold, which counts for nothing, while it is confirmed after all."""
    scenario = Scenario()
    expired = scenario.expired_hold(scenario.alice, "A1")
    return Scene(scenario, move=moved(scenario, None), confirm=lambda: confirm(booking=expired))


def move_and_cancel() -> Scene:
    """Move a show with one booking while it is cancelled."""
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1")
    return Scene(scenario, move=moved(scenario, 1), cancel=lambda: cancel(booking=booked))


def deadlines_fit(race) -> bool:
    """Say whether each live booking may be cancelled by what it bought, or until the new start."""
    show = Show.objects.get(pk=race.scene.about.show.pk)
    live = Booking.objects.filter(show=show, status__in=["held", "confirmed"])
    return all(
        one.cancel_until == show.starts_at
        if one.sold_starts_at != show.starts_at
        else one.cancel_until < show.starts_at
        for one in live
    )


def outcome(race) -> tuple[str, ...]:
    """Return which act was refused, and by what."""
    results = [racer.result for racer in race.racers.values()]
    return tuple(type(one).__name__ if isinstance(one, Exception) else "done" for one in results)


BOTH = {("done", "done"), ("BookingsNotConfirmed", "done")}
OUTCOMES = {
    move_and_book: BOTH,
    move_and_confirm: {("done", "done")},
    move_and_confirm_late: BOTH,
    move_and_cancel: BOTH,
}


@pytest.mark.parametrize("scene", OUTCOMES)
def test_a_booking_is_counted_or_made_for_the_moved_show(scene):
    seen = set()
    for race in interleavings(scene):
        seen.add(outcome(race))
        assert deadlines_fit(race), race
        check_audit(race)
    assert seen == OUTCOMES[scene]


def without_keeping_customers_out(patch) -> None:
    """Let staff change a show without waiting for its customers, nor they for staff."""
    if connection.vendor == "postgresql":
        guards.without_show_advisory_lock(patch)
        guards._without_clause(patch, "FOR KEY SHARE OF show")
    else:
        guards.without_single_writer(patch)


def test_control_without_the_locks_a_booking_escapes_the_count(monkeypatch):
    without_keeping_customers_out(monkeypatch)
    assert any(not deadlines_fit(race) for race in interleavings(move_and_book))


def plan_and_book() -> Scene:
    """Give a show another plan while somebody books it."""
    scenario = Scenario()
    auditorium = scenario.show.auditorium
    change_auditorium(auditorium=auditorium, rows=["A: ss"])
    change_auditorium(auditorium=auditorium, rows=["A: ssss"])
    return Scene(
        scenario,
        plan=lambda: take_newest_plan(show=scenario.show),
        book=lambda: scenario.book(scenario.alice, "A1"),
    )


def seats_fit(race) -> bool:
    """Say whether all tickets are of seats of the show's plan."""
    show = Show.objects.get(pk=race.scene.about.show.pk)
    return (
        not Ticket.objects.filter(booking__show=show).exclude(seat__plan=show.seat_plan_id).exists()
    )


def test_a_booking_is_of_the_old_plan_and_the_show_keeps_it_or_of_the_new_one():
    seen = set()
    for race in interleavings(plan_and_book):
        seen.add(outcome(race))
        assert seats_fit(race), race
        check_audit(race)
    assert seen == {("done", "done"), ("ShowHasBookings", "done")}


def test_control_without_the_locks_a_booking_has_a_seat_that_is_gone(monkeypatch):
    without_keeping_customers_out(monkeypatch)
    assert any(not seats_fit(race) for race in interleavings(plan_and_book))
