"""Clients that send or read slowly keep nobody else waiting; what has begun, ends."""

import json
import signal
import socket
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from select import select

import pytest
from django.db import connection

from marquee.booking.models import Booking
from tests.factories import client_of, make_show, make_user
from tests.races import server
from tests.server import HOST

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # The requests wait in the server, not in the database.
    pytest.mark.skipif(connection.vendor != "sqlite", reason="One engine is enough."),
]

SLOW = 200  # of each kind
BOOKINGS = 5
LARGE_FILE = b"/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
HEAD = b"POST /api/v1/auth/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HEADERS = HEAD + b"X-Half: "
BODIES = HEAD + b'Content-Length: 100\r\n\r\n{"email": '
READERS = b"GET " + LARGE_FILE + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
WSGI = [
    *[sys.executable, "-m", "granian", "marquee.server.wsgi:application", "--interface", "wsgi"],
    *["--host", HOST, "--port", "{port}", "--http", "1", "--blocking-threads", "4"],
]


@contextmanager
def slow_clients(port, sent, count=SLOW):
    """Yield the connections of clients that have sent this, and send and read nothing more."""
    with ExitStack() as stack:
        lines = [stack.enter_context(closing(socket.socket())) for _ in range(count)]
        for line in lines:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # a response does not fit in
            line.settimeout(30)
            line.connect((HOST, port))
            line.sendall(sent)
        yield lines


def book(port, user, show, seat, timeout=30):
    """Return the status of the response to a booking."""
    line = HTTPConnection(HOST, port, timeout=timeout)
    headers = {"Content-Type": "application/json"}
    headers["Authorization"] = client_of(user)._credentials["HTTP_AUTHORIZATION"]
    body = json.dumps({"tickets": [{"seat": seat}]})
    with closing(line):
        line.request("POST", f"/api/v1/shows/{show.pk}/bookings/", body, headers)
        return line.getresponse().status


def test_600_slow_clients_keep_no_booking_waiting():
    show, user = make_show(), make_user()
    with (
        server.running() as running,
        slow_clients(running.port, HEADERS) as headers,
        slow_clients(running.port, BODIES) as bodies,
        slow_clients(running.port, READERS),
    ):
        for number in range(1, BOOKINGS + 1):
            assert book(running.port, user, show, f"A{number}") == 201
        assert select([*headers, *bodies], [], [], 0) == ([], [], [])  # they are still waited for


def test_control_by_wsgi_half_sent_bodies_stop_the_server():
    show, user = make_show(), make_user()
    with (
        server.running(command=WSGI) as running,
        slow_clients(running.port, BODIES),
        pytest.raises(TimeoutError),
    ):
        book(running.port, user, show, "A1", timeout=2)


@contextmanager
def locked():
    """Hold SQLite's write lock, so that a booking waits."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        yield
        cursor.execute("ROLLBACK")


def begin_booking(line, user, show, seat):
    """Send a booking whole, without reading the response."""
    body = json.dumps({"tickets": [{"seat": seat}]}).encode()
    token = client_of(user)._credentials["HTTP_AUTHORIZATION"].encode()
    line.sendall(
        b"POST /api/v1/shows/%d/bookings/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: %b\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        % (show.pk, token, len(body), body)
    )


def test_a_booking_under_way_ends_though_its_client_is_gone_and_the_server_stops():
    show, user = make_show(), make_user()
    with server.running() as running:
        gone, waits = (socket.create_connection((HOST, running.port), timeout=20) for _ in "12")
        with locked():
            begin_booking(gone, user, show, "A1")
            begin_booking(waits, user, show, "A2")
            time.sleep(0.3)  # both wait for the lock, which nothing shows
            gone.close()
            running.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        assert waits.recv(12) == b"HTTP/1.1 201"
        assert running.process.wait(timeout=20) == 0
        waits.close()
    assert Booking.objects.count() == 2
