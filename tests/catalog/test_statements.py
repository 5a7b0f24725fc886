"""Scheduling a show takes few statements, and locks the catalog once: on both engines.

It took 31 when each lock of a row locked the catalog again, and Django checked each constraint by a
query in a savepoint of its own.
"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marquee.catalog.operations import add_show, change_show
from marquee.core.cache import clear_caches
from tests.factories import (
    client_of,
    make_auditorium,
    make_movie,
    make_price_card,
    make_show,
    make_superuser,
)

pytestmark = pytest.mark.django_db(transaction=True)

MAX_STATEMENTS = 18
IN_THE_AUDIT_LOG = 1
BEGIN_AND_COMMIT = 2
DAY = timedelta(days=1)


def statements_of(func):
    """Return the statements that a function sends with empty caches, without BEGIN and COMMIT."""
    clear_caches()
    with CaptureQueriesContext(connection) as captured:
        func()
    sent = [query["sql"] for query in captured]
    assert sum('"catalog_revision"' in sql for sql in sent) == 1, sent
    return [sql for sql in sent if not sql.startswith(("BEGIN", "COMMIT"))]


def parts_of(show):
    return {
        "movie": show.movie,
        "auditorium": show.auditorium,
        "price_card": show.price_card,
        "starts_at": show.starts_at + DAY,
    }


def other_parts(show):
    cinema = show.auditorium.cinema
    return {
        "movie": make_movie(),
        "auditorium": make_auditorium(cinema),
        "price_card": make_price_card(cinema),
        "starts_at": show.starts_at + DAY,
    }


def test_adding_a_show_takes_ten_statements():
    show = make_show()
    sent = statements_of(lambda: add_show(**parts_of(show)))
    assert len(sent) == 10, sent


def test_moving_a_show_takes_at_most_nine_statements():
    show = make_show()
    sent = statements_of(lambda: change_show(show=show, starts_at=show.starts_at + DAY))
    assert len(sent) <= 9, sent


def test_changing_all_of_a_show_takes_at_most_sixteen_statements():
    show = make_show()
    changes = other_parts(show)
    sent = statements_of(lambda: change_show(show=show, **changes))
    assert len(sent) <= 16, sent


@pytest.fixture
def admin_client():
    return client_of(make_superuser())


def body_of(parts):
    ids = {name: row.pk for name, row in parts.items() if name != "starts_at"}
    return ids | {"starts_at": parts["starts_at"].isoformat()}


def test_the_request_that_adds_a_show_takes_at_most_nineteen_statements(admin_client):
    body = body_of(parts_of(make_show()))
    sent = statements_of(lambda: admin_client.post("/api/v1/shows/", body))
    assert len(sent) + BEGIN_AND_COMMIT <= MAX_STATEMENTS + IN_THE_AUDIT_LOG, sent


def test_the_request_that_moves_a_show_takes_two_more_for_its_bookings_and_the_time(admin_client):
    show = make_show()
    body = {"starts_at": (show.starts_at + DAY).isoformat()}
    sent = statements_of(lambda: admin_client.patch(f"/api/v1/shows/{show.pk}/", body))
    assert len(sent) + BEGIN_AND_COMMIT <= MAX_STATEMENTS + 2 + IN_THE_AUDIT_LOG, sent
