"""What was counted is not counted again while the database shows the same; and never a moment longer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from marquee.booking import queries
from marquee.booking.models import SeatClaim
from marquee.booking.operations import cancel
from tests.factories import book_seats, make_movie, make_show, run_out

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql" or settings.SQL_THROUGH_DJANGO,
    reason="On SQLite, and with SQL_THROUGH_DJANGO, all is counted each time.",
)


def read(show, known=None):
    return queries.seats_taken([show.pk, 0], known)


def is_as_it_was(show, known):
    """Say whether it was not even counted; what is counted is another object each time."""
    return read(show, known) is known


def taken(show):
    return read(show).counts.get(show.pk, 0)


def eventually(holds):
    """Say whether it ever holds: other tests, in other databases of the same server, commit as well."""
    return any(holds() for _ in range(100))


@pytest.fixture
def elsewhere():
    """Do something by another connection, there already: a new one alone would make us look again."""

    def tell(verb):
        getattr(connection, verb)()  # looked up there: each thread has its own

    with ThreadPoolExecutor(1) as thread:
        thread.submit(tell, "ensure_connection").result()
        yield lambda act: thread.submit(act).result()
        thread.submit(tell, "close").result()


@on_postgresql
def test_nothing_is_counted_while_nothing_was_committed(show, alice):
    book_seats(alice, show, "A1")

    def is_not_counted():
        known = read(show)
        with CaptureQueriesContext(connection) as asked:
            read(show, known)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, COSTS off, TIMING off) " + asked[0]["sql"])
            plan = [line for (line,) in cursor.fetchall()]
        (claims,) = [line for line in plan if " on seat_claim " in line]
        assert len(asked) == 1
        return "never executed" in claims

    assert eventually(is_not_counted)
    assert eventually(lambda: is_as_it_was(show, read(show)))


@pytest.mark.parametrize("change", [book_seats, lambda *_: make_movie()])
def test_any_commit_makes_us_look_again(show, alice, elsewhere, change):
    known = read(show)
    elsewhere(lambda: change(alice, show, "A1"))
    assert not is_as_it_was(show, known)
    assert taken(show) == SeatClaim.objects.count()


@on_postgresql
def test_what_was_under_way_is_seen_from_when_it_commits(show, alice, elsewhere):
    """Also if something that began later was over before."""
    booking = book_seats(alice, show, "A1")
    with transaction.atomic():
        cancel(booking=booking)
        elsewhere(make_movie)
        known = elsewhere(lambda: read(show))
        assert elsewhere(lambda: taken(show)) == 1
    assert not is_as_it_was(show, known)
    assert taken(show) == 0


@on_postgresql
def test_it_holds_for_a_second(show, alice):
    book_seats(alice, show, "A1", hold=True)
    seen = read(show).seen
    assert moment(seen.until) == moment(seen.since) + timedelta(seconds=1)


@on_postgresql
def test_it_holds_until_the_first_of_all_holds_ends(show, alice):
    other = make_show()
    holds = [
        book_seats(alice, at, seat, hold=True) for at in (show, other) for seat in ("A1", "A2")
    ]
    for first in holds:
        for hold in holds:
            run_out(hold, seconds=0.8 if hold == first else 5)
        known = queries.seats_taken([show.pk, other.pk])
        assert moment(known.seen.until) == first.claims.get().expires_at


def test_a_hold_that_the_clock_ends_is_free_at_once(show, alice):
    """Nothing is committed when it does."""
    hold = book_seats(alice, show, "A1", hold=True)
    book_seats(alice, show, "A2")
    run_out(hold, seconds=0.4)
    known = read(show)
    while known.counts[show.pk] == 2:
        assert timezone.now() < hold.claims.get().expires_at + timedelta(seconds=0.2)
        known = read(show, known)
    assert timezone.now() >= hold.claims.get().expires_at - timedelta(seconds=0.01)


def moment(told):
    return datetime.fromisoformat(told)


@on_postgresql
@pytest.mark.parametrize(
    "clock",
    [
        lambda seen: seen._replace(until=seen.since),
        lambda seen: seen._replace(since=seen.until),  # since then it went back
    ],
)
def test_by_another_clock_it_is_counted_again(show, clock):
    def is_believed():
        known = read(show)
        return is_as_it_was(show, known._replace(seen=clock(known.seen)))

    assert not eventually(is_believed)


@on_postgresql
def test_a_new_connection_believes_nothing_that_was_seen(show):
    """It may be to a database that has recovered, and gives the same numbers out again."""

    def is_believed():
        known = read(show)
        connection.close()
        return is_as_it_was(show, known)

    assert not eventually(is_believed)


def test_a_transaction_sees_its_own_changes_and_leaves_nothing_seen(show, alice):
    known = read(show)
    with transaction.atomic():
        book_seats(alice, show, "A1")
        within = read(show, known)
        assert within is not known
        assert within.seen is None
        assert taken(show) == 1
        transaction.set_rollback(True)
    assert taken(show) == 0
