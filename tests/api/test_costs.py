"""What an answer costs, counted so that noise cannot fool it: statements, and calls of functions.

Seconds differ with the machine and its neighbours; how often Python calls a function for one request
does not, under the same versions of everything. So a change that makes the hot path dearer is seen
here, and is either mended or put down below, with its reason in the commit.
"""

import json
import sys
from collections import Counter
from io import BytesIO

import pytest
from django.core.signals import request_started
from django.db import close_old_connections, connection

from marquee.wsgi import application
from tests.world import book_seats, client_of

pytestmark = pytest.mark.django_db

# Statements, and calls, as last counted on Python 3.11: on SQLite, on PostgreSQL.
# In a test a transaction is a savepoint: two statements, in life BEGIN and COMMIT.
COSTS = {
    "book": {"sqlite": (8, 2559), "postgresql": (4, 1621)},
    "confirm": {"sqlite": (9, 1501), "postgresql": (9, 2094)},
    "cancel": {"sqlite": (10, 2138), "postgresql": (10, 2789)},
    "availability": {"sqlite": (1, 694), "postgresql": (1, 756)},
    "seats": {"sqlite": (1, 701), "postgresql": (1, 763)},
    "movies": {"sqlite": (2, 1377), "postgresql": (2, 1505)},
    "shows": {"sqlite": (2, 3417), "postgresql": (2, 3550)},
    "my bookings": {"sqlite": (2, 1592), "postgresql": (2, 1711)},
}
HEADROOM = 1.05


@pytest.fixture
def requests(show, alice, mine):
    """Return a request of each kind, as often as it is asked for."""
    token = client_of(alice)._credentials["HTTP_AUTHORIZATION"]
    labels = iter([f"{row}{n}" for row in "AB" for n in range(1, 9)])

    def booking():
        return f"/api/v1/shows/{show.pk}/bookings/", {"tickets": [{"seat": next(labels)}]}

    def held(verb):
        hold = book_seats(alice, show, next(labels), hold=True)
        return f"/api/v1/bookings/{hold.reference}/{verb}/", {}

    return token, {
        "book": booking,
        "confirm": lambda: held("confirm"),
        "cancel": lambda: held("cancel"),
        "availability": lambda: (f"/api/v1/shows/{show.pk}/availability/", None),
        "seats": lambda: (f"/api/v1/shows/{show.pk}/seats/", None),
        "movies": lambda: ("/api/v1/movies/", None),
        "shows": lambda: ("/api/v1/shows/", None),
        "my bookings": lambda: ("/api/v1/bookings/", None),
    }


def environ(path, body, token):
    raw = b"" if body is None else json.dumps(body).encode()
    return {
        "REQUEST_METHOD": "GET" if body is None else "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": token,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(raw)),
        "wsgi.input": BytesIO(raw),
        "wsgi.url_scheme": "http",
    }


def cost(request):
    """Return how many statements and calls a request takes, as the server hands it on."""
    counted = Counter()

    def count(frame, event, argument):
        counted[event] += 1

    def statement(execute, *arguments):
        counted["statement"] += 1
        return execute(*arguments)

    answered = []
    request_started.disconnect(close_old_connections)  # it would close the test's own
    with connection.execute_wrapper(statement):
        sys.setprofile(count)
        try:
            answer = application(request, lambda status, headers: answered.append(status))
            b"".join(answer)
        finally:
            sys.setprofile(None)
            request_started.connect(close_old_connections)
    assert answered[0][:1] == "2", (answered, b"".join(answer))
    return counted["statement"], counted["call"] + counted["c_call"]


@pytest.mark.parametrize("kind", COSTS)
def test_an_answer_costs_what_it_did(kind, requests):
    token, make = requests
    for _ in range(2):  # plans, prices and addresses stay in memory
        cost(environ(*make[kind](), token))

    statements, calls = cost(environ(*make[kind](), token))

    expected, usual = COSTS[kind][connection.vendor]
    assert statements == expected
    assert calls <= usual * HEADROOM
    if sys.version_info[:2] == (3, 11):  # a bound far above is none
        assert calls >= usual / HEADROOM, "note the gain, above"
