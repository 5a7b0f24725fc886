"""What a response costs, counted in statements and function calls, which do not vary with the machine.

Seconds vary with the machine and its neighbours. Counts do not, under the same versions of Python and
the libraries. A change that makes a response dearer fails here: either fix it, or update the count
below and say why in the commit.
"""

import json
import sys
from collections import Counter
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import connection

from marquee.server import tuning
from marquee.server.wsgi import application
from tests.factories import book_seats, client_of
from tests.round_trips import count_round_trips

pytestmark = pytest.mark.django_db

# Statements and calls, as last counted on Python 3.11: on SQLite, on PostgreSQL. In a test a
# transaction is a savepoint of two statements; in production these are BEGIN and COMMIT.
COSTS = {
    "book": {"sqlite": (8, 3010), "postgresql": (4, 1276)},
    "book with a key": {"sqlite": (8, 3024), "postgresql": (4, 1291)},
    "confirm": {"sqlite": (9, 1473), "postgresql": (9, 1259)},
    "cancel": {"sqlite": (10, 1558), "postgresql": (10, 1301)},
    "availability": {"sqlite": (1, 463), "postgresql": (1, 423)},
    "seats": {"sqlite": (1, 463), "postgresql": (1, 423)},
    "show": {"sqlite": (1, 562), "postgresql": (1, 506)},
    "movies": {"sqlite": (1, 473), "postgresql": (1, 431)},
    "shows to come": {"sqlite": (1, 471), "postgresql": (1, 430)},
    "shows of a day": {"sqlite": (1, 467), "postgresql": (1, 426)},
    "my bookings": {"sqlite": (2, 725), "postgresql": (2, 646)},
}
HEADROOM = 1.05


@pytest.fixture(autouse=True)
def as_the_server_leaves_it():
    """Disconnect the signals that Django's test client and query counter have connected again."""
    tuning.disconnect_signals()


@pytest.fixture
def requests(show, alice, alice_client):
    """Return a token, and a function that makes a request for each kind."""
    token = client_of(alice)._credentials["HTTP_AUTHORIZATION"]
    labels = iter([f"{row}{n}" for row in "AB" for n in range(1, 9)])

    def booking():
        return f"/api/v1/shows/{show.pk}/bookings/", {"tickets": [{"seat": next(labels)}]}

    def held(verb):
        hold = book_seats(alice, show, next(labels), hold=True)
        return f"/api/v1/bookings/{hold.reference}/{verb}/", {}

    return token, {
        "book": booking,
        "book with a key": lambda: (*booking(), str(uuid4())),
        "confirm": lambda: held("confirm"),
        "cancel": lambda: held("cancel"),
        "availability": lambda: (f"/api/v1/shows/{show.pk}/availability/", None),
        "seats": lambda: (f"/api/v1/shows/{show.pk}/seats/", None),
        "show": lambda: (f"/api/v1/shows/{show.pk}/", None),
        "movies": lambda: ("/api/v1/movies/", None),
        "shows to come": lambda: ("/api/v1/shows/", None),
        "shows of a day": lambda: (f"/api/v1/shows/?date={show.starts_at.date()}", None),
        "my bookings": lambda: ("/api/v1/bookings/", None),
    }


def environ(token, address, body, key=None):
    path, _, query = address.partition("?")
    raw = b"" if body is None else json.dumps(body).encode()
    keyed = {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key}
    return keyed | {
        "REQUEST_METHOD": "GET" if body is None else "POST",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": token,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(raw)),
        "wsgi.input": BytesIO(raw),
        "wsgi.url_scheme": "http",
    }


def response(request, expected="2"):
    answered = []
    body = b"".join(application(request, lambda status, headers: answered.append(status)))
    assert answered[0][:1] == expected, (answered, body)


def statements_of(request):
    """Return how many SQL statements a request takes."""
    seen = []

    def statement(execute, *arguments):
        seen.append(arguments[0])
        return execute(*arguments)

    with connection.execute_wrapper(statement):
        response(request)
    return len(seen)


def calls_of(request):
    """Return how many calls of Python and C functions a request takes."""
    counted = Counter()

    def count(frame, event, argument):
        counted[event] += 1

    sys.setprofile(count)
    try:
        response(request)
    finally:
        sys.setprofile(None)
    return counted["call"] + counted["c_call"]


@pytest.mark.parametrize("kind", COSTS)
def test_a_response_costs_what_it_did(kind, requests):
    token, make = requests
    for _ in range(2):  # fill the caches of plans, prices and URLs
        response(environ(token, *make[kind]()))

    statements = statements_of(environ(token, *make[kind]()))
    calls = calls_of(environ(token, *make[kind]()))

    expected, usual = COSTS[kind][connection.vendor]
    assert statements == expected
    assert calls <= usual * HEADROOM
    if sys.version_info[:2] == (3, 11):  # a bound far above the count holds nothing
        assert calls >= usual / HEADROOM, "note the gain, above"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is no trip away.")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["book", "book with a key"])
def test_a_booking_takes_four_round_trips(kind, requests):
    """BEGIN; the locks; all that is stored; COMMIT."""
    token, make = requests
    for _ in range(2):
        response(environ(token, *make[kind]()))
    with count_round_trips() as made:
        response(environ(token, *make[kind]()))
    assert made == ["exec_", "exec_prepared", "exec_prepared", "exec_"]


INDEXES = """
    SELECT tablename, count(*) FROM pg_indexes
    WHERE tablename IN ('booking', 'ticket', 'booking_event', 'seat_claim') GROUP BY 1 ORDER BY 1
"""


@pytest.mark.skipif(connection.vendor != "postgresql", reason="No index that we did not ask for.")
def test_a_booking_is_written_to_these_indexes_only():
    """Each booking or ticket writes to each index. Three of booking's are only for holds and keys, one of
    its events only for what customers get mail about.
    """
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        counted = dict(cursor.fetchall())
    assert counted == {"booking": 8, "ticket": 3, "booking_event": 3, "seat_claim": 1}
