"""Moving a show to keep its local time, while customers book it and staff move it."""

from datetime import UTC, timedelta

import pytest
from django.db import connection

from marquee.booking.models import Booking
from marquee.booking.operations import keep_local_times
from marquee.catalog.models import Show
from marquee.catalog.operations import change_show, keep_local_time
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

HALF_AN_HOUR = timedelta(minutes=30)
AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)


def sold_by_another_offset() -> Scenario:
    """Return a show that was sold as starting an hour later than its zone's clock now says."""
    scenario = Scenario()
    scenario.show.utc_offset += 60
    scenario.show.save()
    return scenario


def two_workers() -> Scene:
    scenario = sold_by_another_offset()
    keep = {"show": scenario.show}
    return Scene(
        scenario, one=lambda: keep_local_time(**keep), other=lambda: keep_local_time(**keep)
    )


def keep_and_book() -> Scene:
    scenario = sold_by_another_offset()
    return Scene(
        scenario,
        keep=keep_local_times,
        book=lambda: scenario.book(scenario.alice, "A1"),
    )


def keep_and_move() -> Scene:
    scenario = sold_by_another_offset()
    new_start = scenario.show.starts_at + A_DAY / 2
    return Scene(
        scenario,
        keep=lambda: keep_local_time(show=scenario.show),
        move=lambda: change_show(show=scenario.show, starts_at=new_start),
    )


def shifted_by(race) -> set[timedelta]:
    """Return by how much each time of the show has moved, since the race began."""
    before = race.scene.about.show
    now = Show.objects.get(pk=before.pk)
    names = ("starts_at", "ends_at", "occupied_until", "sales_until")
    return {getattr(now, name) - getattr(before, name) for name in names}


def is_by_its_clock(race) -> bool:
    """Return whether the show starts when the clock of its cinema shows the time that is stored."""
    show = Show.objects.get(pk=race.scene.about.show.pk)
    zone = show.auditorium.cinema.tzinfo
    return show.starts_at.astimezone(UTC) == show.local_start.replace(tzinfo=zone).astimezone(UTC)


def test_of_two_workers_one_moves_the_show():
    for race in interleavings(two_workers, first="one"):
        assert sorted([race["one"], race["other"]]) == [timedelta(), AN_HOUR], race
        assert shifted_by(race) == {AN_HOUR}, race


def test_a_show_that_moves_takes_the_bookings_that_are_made_meanwhile():
    for race in interleavings(keep_and_book):
        assert race.outcome == ("KeptTimes", "Booking"), race
        assert shifted_by(race) == {AN_HOUR}, race
        booking = Booking.objects.select_related("show").get(show=race.scene.about.show)
        assert booking.cancel_until == booking.show.starts_at - HALF_AN_HOUR, race
        assert booking.sold_starts_at == booking.show.starts_at, race
        assert is_by_its_clock(race), race
        check_audit(race)


def test_staff_who_move_the_show_meanwhile_decide():
    for race in interleavings(keep_and_move):
        assert shifted_by(race) == {A_DAY / 2}, race
        assert is_by_its_clock(race), race


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_control_without_locks_a_move_by_staff_is_lost(monkeypatch):
    guards.without_locks(monkeypatch)
    assert any(shifted_by(race) != {A_DAY / 2} for race in interleavings(keep_and_move))
