"""Many schedule the same auditorium for the same time at once: one show gets it."""

from collections import Counter
from datetime import UTC, datetime
from importlib import import_module
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import QuerySet

from marquee.catalog import operations
from marquee.catalog.errors import ShowOverlaps
from marquee.catalog.models import Show
from marquee.catalog.operations import shows as show_operations
from tests.factories import make_auditorium, make_movie, make_price_card, make_show
from tests.races.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)

EIGHT = datetime(2049, 3, 1, 20, tzinfo=UTC)
MIGRATION = import_module("marquee.catalog.migrations.0002_no_overlap_and_ticket_types")


@pytest.fixture
def show_parts():
    auditorium = make_auditorium()
    return {
        "auditorium": auditorium,
        "movie": make_movie(),
        "price_card": make_price_card(auditorium.cinema),
        "starts_at": EIGHT,
    }


@pytest.fixture
def without_constraint():
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE show DROP CONSTRAINT show_no_overlap")
    yield
    Show.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(MIGRATION.NO_OVERLAP)


def without_lock(monkeypatch):
    """Remove row locks on PostgreSQL, and the transaction on SQLite."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **how: rows)
    alone = connection.vendor == "sqlite"
    return operations.add_show.__wrapped__ if alone else operations.add_show


def meeting_between_check_and_store(monkeypatch, times):
    """Let all check that the auditorium is free before any of them stores its show."""
    check, met = show_operations._check_no_overlap, Barrier(times, timeout=20)
    looked = set()

    def look(show):
        check(show)
        if id(show) not in looked:
            looked.add(id(show))
            met.wait()

    monkeypatch.setattr(show_operations, "_check_no_overlap", look)


def test_of_many_shows_for_one_auditorium_and_time_one_wins(show_parts):
    outcomes = at_once(6, lambda: operations.add_show(**show_parts))
    assert Counter(type(one) for one in outcomes) == {Show: 1, ShowOverlaps: 5}
    winner = Show.objects.get()
    refusals = [one for one in outcomes if isinstance(one, ShowOverlaps)]
    assert {refusal.facts["show"]["id"] for refusal in refusals} == {winner.pk}


def test_of_many_shows_moved_to_one_time_one_wins(show_parts):
    shows = [make_show(**show_parts | {"starts_at": EIGHT.replace(day=2 + n)}) for n in range(5)]
    waiting = iter(shows)
    outcomes = at_once(5, lambda: operations.change_show(show=next(waiting), starts_at=EIGHT))
    assert Counter(type(one) for one in outcomes) == {Show: 1, ShowOverlaps: 4}
    assert Show.objects.filter(starts_at=EIGHT).count() == 1
    assert Show.objects.count() == 5


def test_on_postgresql_the_constraint_alone_lets_one_win(show_parts, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no exclusion constraints; its writers come one at a time")
    add_show = without_lock(monkeypatch)
    meeting_between_check_and_store(monkeypatch, 2)
    outcomes = at_once(2, lambda: add_show(**show_parts))
    assert Show.objects.count() == 1
    assert Counter(type(one) for one in outcomes) == {Show: 1, ShowOverlaps: 1}


def test_control_without_the_guards_two_shows_get_one_auditorium(
    show_parts, without_constraint, monkeypatch
):
    add_show = without_lock(monkeypatch)
    meeting_between_check_and_store(monkeypatch, 2)
    outcomes = at_once(2, lambda: add_show(**show_parts))
    assert [type(one) for one in outcomes] == [Show, Show]
    first, second = Show.objects.all()
    assert first.starts_at < second.occupied_until
    assert second.starts_at < first.occupied_until


def test_negative_control_without_the_check_sqlite_lets_two_in(show_parts, monkeypatch):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has the constraint as well")
    monkeypatch.setattr(show_operations, "_check_no_overlap", lambda show: None)
    at_once(2, lambda: operations.add_show(**show_parts))
    assert Show.objects.count() == 2
