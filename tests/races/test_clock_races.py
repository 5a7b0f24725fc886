"""A transaction reads the clock after its wait for locks, not before it."""

import time
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from marquee.booking import locks
from marquee.booking.models import Booking, BookingEvent
from marquee.booking.operations import call_off, confirm
from marquee.catalog.models import Show
from marquee.core import clock
from marquee.core.clock import DatabaseNow
from marquee.core.transactions import run_in_transaction
from tests.races import guards
from tests.races.interleave import Race, Scene
from tests.races.scenario import Scenario, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def clock_before_the_wait(patch) -> None:
    """Make PostgreSQL read the clock in the locking statement, so before its wait."""
    patch.setattr(
        locks, "BOOKER_COUNTER_LOCKS_SQL", ""
    )  # they take the locks before the clock even so
    patch.setattr(locks, "BOOKING_COUNTER_LOCKS_SQL", "")
    row = locks._fetch_locked

    def early(sql, locking, parameters, *, columns="locked.*", **other):
        sql = sql.replace("\n    FROM", f", {clock.now_sql()} AS early_now\n    FROM", 1)
        columns = f"locked.early_now, {columns}"
        _, *found = row(sql, locking, parameters, columns=columns, **other)
        return found[:-1] if "locked.*" in columns else found

    patch.setattr(locks, "_fetch_locked", early)


def ends_in_the_middle(make_scene, *steps) -> Race:
    """Run the first steps before a hold expires, and the rest after; wait longer on a slow machine."""
    for seconds in (0.3, 1, 3, 9):
        scene, held = make_scene()
        until = timezone.now() + timedelta(seconds=seconds)
        Booking.objects.filter(pk=held.pk).update(held_until=until)
        held.claims.update(expires_at=until)
        race = Race(scene)
        for name, before in steps:
            race.advance(name, before=before)
        left = (until - timezone.now()).total_seconds()
        time.sleep(max(0, left) + 0.02)
        race.finish()
        if left > 0:
            return race
    raise AssertionError("this machine is too slow for clocks")


def after_a_wait(look) -> Race:
    """Let `look` wait for a transaction that has changed a hold; it returns how late it read the clock."""
    scenario = Scenario()
    held = scenario.hold(scenario.alice, "A1")
    race = Race(
        Scene(
            scenario,
            first=lambda: run_in_transaction(lambda: locks.lock_for_change(held)),
            look=lambda: run_in_transaction(lambda: look(scenario, held)),
        )
    )
    race.advance("first", before="COMMIT")
    race.advance("look")
    time.sleep(0.05)
    went_on_at = timezone.now()
    race.finish()
    # SQLite's clock has milliseconds.
    race.looked_late = race["look"].now >= went_on_at - timedelta(milliseconds=1)
    return race


def for_booking(scenario, held):
    return locks.lock_for_booking(user_id=scenario.alice.pk, show_id=scenario.show.pk)


def for_change(scenario, held):
    return locks.lock_for_change(held)


@pytest.mark.parametrize("look", [for_booking, for_change])
def test_the_clock_is_read_after_the_wait_for_the_locks(look):
    race = after_a_wait(look)
    assert race.looked_late, race


@pytest.mark.parametrize("look", [for_booking, for_change])
def test_control_a_clock_in_the_locking_statement_shows_the_time_before_the_wait(look, monkeypatch):
    clock_before_the_wait(monkeypatch)
    race = after_a_wait(look)
    # SQLite waits in BEGIN IMMEDIATE, before any statement.
    assert race.looked_late == (connection.vendor == "sqlite"), race


def a_hold_ends_while_its_confirmation_waits(settings) -> Race:
    """Confirm a hold just before it expires, and book as many seats again just after."""
    settings.SEAT_LIMIT = 2

    def make_scene():
        scenario = Scenario()
        held = scenario.hold(scenario.alice, "A1", "A2")
        book = partial(scenario.book, scenario.alice, "A3", "A4")
        return Scene(scenario, book=book, confirm=lambda: confirm(booking=held)), held

    return ends_in_the_middle(make_scene, ("book", "AS customer"), ("confirm", None))


def test_a_hold_that_ended_while_its_confirmation_waited_counts_as_ended(settings):
    race = a_hold_ends_while_its_confirmation_waits(settings)
    assert race.outcome == ("Booking", "SeatLimit"), race
    check_audit(race)


def test_control_judged_by_the_time_before_the_wait_it_went_past_the_limit(settings, monkeypatch):
    clock_before_the_wait(monkeypatch)
    race = a_hold_ends_while_its_confirmation_waits(settings)
    if connection.vendor == "sqlite":
        assert race.outcome == ("Booking", "SeatLimit"), race
    else:
        assert race.outcome == ("Booking", "done"), race
        with pytest.raises(AssertionError, match="over the limit"):
            check_audit(race)


def a_hold_ends_while_another_customer_thinks() -> Race:
    """Begin Bob's transaction before Alice's hold expires, and claim its seat after."""

    def make_scene():
        scenario = Scenario()
        held = scenario.hold(scenario.alice, "A1")
        return Scene(scenario, bob=lambda: scenario.hold(scenario.bob, "A1")), held

    return ends_in_the_middle(make_scene, ("bob", "INSERT INTO seat_claim"))


def test_a_hold_is_taken_over_if_it_has_ended_when_the_claim_is_checked():
    race = a_hold_ends_while_another_customer_thinks()
    assert race.outcome == ("Booking",), race
    check_audit(race)


def test_control_by_the_time_at_which_the_transaction_began_it_had_not_ended(monkeypatch):
    # SQLite has no clock of the transaction's start, so the test uses one that lags.
    monkeypatch.setattr(clock, "POSTGRESQL_NOW", "now()")
    lagging = clock.SQLITE_NOW.replace("'now'", "'now', '-10 seconds'")
    monkeypatch.setattr(clock, "SQLITE_NOW", lagging)
    race = a_hold_ends_while_another_customer_thinks()
    assert race.outcome == ("SeatsTaken",), race


def calling_off_waits_for_a_booking() -> Race:
    """Return the race, which knows whether the call-off's events have the time of the call-off."""
    scenario = Scenario()
    race = Race(
        Scene(
            scenario,
            book=lambda: scenario.book(scenario.alice, "A1"),
            call_off=lambda: call_off(show=scenario.show),
        )
    )
    race.advance("book", before="COMMIT")
    race.advance("call_off")
    time.sleep(0.05)
    went_on_at = timezone.now()
    race.finish()
    event = BookingEvent.objects.get(kind="called_off", booking__show=scenario.show)
    race.looked_late = event.at >= went_on_at - timedelta(milliseconds=1)
    return race


def test_calling_off_is_written_down_at_a_time_after_the_bookings_it_waited_for():
    race = calling_off_waits_for_a_booking()
    assert race.looked_late, race


def test_so_it_is_where_the_show_alone_makes_it_wait(monkeypatch):
    guards.without_show_advisory_lock(monkeypatch)
    race = calling_off_waits_for_a_booking()
    assert race.looked_late, race


def test_control_a_clock_read_with_the_show_shows_the_time_before_the_wait(monkeypatch):
    guards.without_show_advisory_lock(monkeypatch)

    def lock_show(show):
        shows = Show.objects.filter(pk=show.pk).annotate(now=DatabaseNow())
        return shows.select_for_update(of=["self"]).get().now

    monkeypatch.setattr(locks, "lock_show", lock_show)
    race = calling_off_waits_for_a_booking()
    assert race.looked_late == (connection.vendor == "sqlite"), race
