"""What migrations make of the rows of before: terms of bookings, and events that do not say who and why."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from marquee.booking.models import Booking
from tests.factories import book_seats, make_auditorium, make_cinema, make_show, make_user

BEFORE, AFTER = ("booking", "0007_counter_and_parts"), ("booking", "0008_terms")


def migrate(target):
    executor = MigrationExecutor(connection)
    executor.migrate([target])


def migrate_to_newest():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.fixture
def old_database(transactional_db):
    """Yield, and bring the tables back to what the models say."""
    yield
    migrate_to_newest()


@pytest.mark.usefixtures("old_database")
def test_a_booking_from_before_gets_the_deadline_that_holds_at_the_migration(settings):
    settings.CANCEL_UNTIL_MINUTES = 45
    own = make_show(make_auditorium(make_cinema(cancel_until_minutes=120)))
    usual = make_show()
    bookings = {minutes: book_seats(make_user(), show, "A1") for minutes, show in
                ((120, own), (45, usual))}  # fmt: skip

    migrate(BEFORE)
    migrate(AFTER)
    migrate_to_newest()

    for minutes, booking in bookings.items():
        row = Booking.objects.get(pk=booking.pk)
        start = row.show.starts_at
        assert (row.sold_starts_at, row.cancel_until) == (start, start - timedelta(minutes=minutes))


@pytest.mark.usefixtures("old_database")
def test_events_that_do_not_say_who_or_why_are_repaired_before_the_database_insists():
    booking = book_seats(make_user(), make_show(), "A1")
    migrate(("booking", "0013_exchanged_seats"))
    booking.events.update(actor=None, kind="undone")
    migrate_to_newest()
    [event] = booking.events.values("by", "actor", "reason")
    assert event == {"by": "customer", "actor": booking.user_id, "reason": "(not recorded)"}
