"""Requests that wait for a lock in PostgreSQL leave the server to other requests."""

import json
import time
from concurrent.futures import ThreadPoolExecutor, wait
from http.client import HTTPConnection

import pytest
from django.conf import settings
from django.db import connection, transaction

from marquee.catalog.models import Movie, Show
from tests.factories import client_of, make_show, make_staff, make_user
from tests.races import server

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("history"),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows."),
]

WAITING = settings.THREADS - 1  # so that each process has a thread left, whichever accepts them
READS = 10
WAITERS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


def send(port, method, path, user=None, body=None, timeout=20):
    """Return the status of the response. Raises TimeoutError."""
    line = HTTPConnection(server.HOST, port, timeout=timeout)
    headers = {"Content-Type": "application/json"}
    if user is not None:
        headers["Authorization"] = client_of(user)._credentials["HTTP_AUTHORIZATION"]
    try:
        line.request(method, f"/api/v1/{path}", json.dumps(body) if body else None, headers)
        return line.getresponse().status
    finally:
        line.close()


def read(port):
    try:
        return send(port, "GET", "movies/", timeout=2)
    except TimeoutError:
        return None


def bookings(show):
    """Return requests that need the show's row, and the status that they must get."""
    path = f"shows/{show.pk}/bookings/"
    seats = [{"tickets": [{"seat": f"A{n}"}]} for n in range(1, WAITING + 1)]
    return Show.objects.filter(pk=show.pk), [("POST", path, make_user(), one) for one in seats], 201


def changes_of_the_movie(show):
    """Return requests of staff that need the movie's row, and the status that they must get."""
    admin = make_staff(is_superuser=True)
    request = ("PATCH", f"movies/{show.movie_id}/", admin, {"runtime_minutes": 99})
    return Movie.objects.filter(pk=show.movie_id), [request] * WAITING, 200


def reads_meanwhile(requests_for, **environment):
    """Send requests that wait for a locked row; return the statuses of concurrent reads."""
    locked, requests, expected = requests_for(make_show(rows=["A: ssssssss"]))
    with server.running(**environment) as running, ThreadPoolExecutor(WAITING) as clients:
        read(running.port)
        with transaction.atomic():
            assert locked.select_for_update().get()
            sent = [clients.submit(send, running.port, *one) for one in requests]
            until_one_waits()
            statuses = [read(running.port) for _ in range(READS)]
        assert {one.result() for one in wait(sent).done} <= {expected, 503}
    return statuses


def until_one_waits():
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            # Within a transaction PostgreSQL reads the activity only once, and shows that again.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(WAITERS)
            if cursor.fetchone()[0]:
                return time.sleep(0.2)  # for the other requests to arrive
        time.sleep(0.01)
    raise AssertionError("no request waits for the lock")


@pytest.mark.parametrize("requests_for", [bookings, changes_of_the_movie])
def test_requests_that_wait_for_a_lock_do_not_stop_others(requests_for):
    assert reads_meanwhile(requests_for) == [200] * READS


@pytest.mark.parametrize("requests_for", [bookings, changes_of_the_movie])
def test_control_with_one_thread_a_process_they_stop_others(requests_for):
    assert None in reads_meanwhile(requests_for, THREADS="1")
