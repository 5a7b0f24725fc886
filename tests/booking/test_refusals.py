"""After several refusals in a row, a refused request writes nothing, not even rolled back rows."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marquee.booking.errors import CoolingDown, HoldLimit, SeatLimit, SeatsTaken
from marquee.booking.operations import cancel
from marquee.booking.operations.refusal_streaks import STREAK_LIMIT, RefusalStreaks
from marquee.core.errors import Refused
from tests.factories import assert_refused, book_seats

pytestmark = pytest.mark.django_db


@contextmanager
def nothing_is_written():
    with CaptureQueriesContext(connection) as queries:
        yield
    assert not [query["sql"] for query in queries if "INSERT" in query["sql"]]


def refuse_often(user, show, *labels, **options):
    for _ in range(STREAK_LIMIT):
        with pytest.raises(Refused):
            book_seats(user, show, *labels, **options)


def test_seats_that_are_taken(show, alice, bob):
    book_seats(alice, show, "A1")
    refuse_often(bob, show, "A1")
    with nothing_is_written(), assert_refused(SeatsTaken, seats=["A1"]):
        book_seats(bob, show, "A1", "A2")


def test_seats_beyond_a_limit(show, alice, settings):
    settings.SEAT_LIMIT = 1
    book_seats(alice, show, "A1")
    refuse_often(alice, show, "A2")
    with nothing_is_written(), assert_refused(SeatLimit, left=0):
        book_seats(alice, show, "A2")


def test_holds_beyond_a_limit_and_cooling_seats(show, alice, settings):
    for _ in range(2):
        cancel(booking=book_seats(alice, show, "A1", hold=True))
    refuse_often(alice, show, "A1")
    with nothing_is_written(), assert_refused(CoolingDown, seats=["A1"]):
        book_seats(alice, show, "A1")
    settings.HOLD_LIMIT = 2
    with nothing_is_written(), assert_refused(HoldLimit):
        book_seats(alice, show, "A2", hold=True)


def test_a_key_that_is_sent_again_and_again(show, alice):
    first = book_seats(alice, show, "A1", key="k")
    for _ in range(STREAK_LIMIT):
        book_seats(alice, show, "A1", key="k")
    with nothing_is_written():
        assert book_seats(alice, show, "A1", key="k") == first


def test_what_may_be_booked_is_booked_even_so_and_ends_it(show, alice, bob):
    book_seats(alice, show, "A1")
    refuse_often(bob, show, "A1")
    book_seats(bob, show, "A2")
    with CaptureQueriesContext(connection) as queries, assert_refused(SeatsTaken):
        book_seats(bob, show, "A1")
    assert any("INSERT" in query["sql"] for query in queries)  # one statement, as usual


def test_only_the_last_so_many_users_are_remembered():
    some = RefusalStreaks(2)
    for user in (1, 2, 1, 3):
        for _ in range(STREAK_LIMIT):
            some.extend(user)
    assert [some.is_long(user) for user in (1, 2, 3)] == [True, False, True]
    some.end(3)
    assert not some.is_long(3)
