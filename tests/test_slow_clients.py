"""Clients that send or read slowly, or only connect, keep nobody else waiting; what has begun, ends."""

import json
import resource
import signal
import socket
import struct
import sys
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from select import POLLIN, poll
from threading import Event, Thread

import pytest
from django.db import connection

from marquee.api.resources.schema import render_schema
from marquee.booking.models import Booking
from marquee.server import connections
from marquee.server.rsgi import MAX_FILE_IN_MEMORY, Request, answer
from marquee.server.serve import allow_connections
from marquee.server.wsgi import application
from tests.factories import client_of, make_show, make_user
from tests.races import server
from tests.server import HOST, MARQUEE
from tests.test_environ import Lines, Scope

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
CHUNKS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
# What is sent again and again, for one byte a time at the most.
DRIPS = {"headers": (HEADERS, b"a"), "bodies": (BODIES, b" "), "chunks": (CHUNKS, b"1\r\n \r\n")}
OTHER_HOST = "127.0.0.2"
WSGI = [
    *[sys.executable, "-m", "granian", "marquee.server.wsgi:application", "--interface", "wsgi"],
    *["--host", HOST, "--port", "{port}", "--http", "1", "--blocking-threads", "4"],
]


@contextmanager
def slow_clients(port, sent=b"", count=SLOW, address=HOST):
    """Yield the connections of clients that have sent this, and send and read nothing more."""
    with ExitStack() as stack:
        lines = [stack.enter_context(closing(socket.socket())) for _ in range(count)]
        for line in lines:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # a response does not fit in
            line.settimeout(30)
            line.bind((address, 0))
            line.connect((HOST, port))
            line.sendall(sent)
        yield lines


def disturb(port):
    """Let clients half-close or reset their connections in the middle of a body."""
    with slow_clients(port, BODIES) as closed, slow_clients(port, CHUNKS + b"9\r\n{") as reset:
        for line in closed:
            line.shutdown(socket.SHUT_WR)
        for line in reset:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def dripping_clients(port):
    """Yield the connections of clients that send, or read, a byte now and then."""
    stop, lines = Event(), {}

    def drip():
        while not stop.wait(0.2):
            for kind, (_, piece) in DRIPS.items():
                for line in lines[kind]:
                    line.send(piece)
            for line in lines["readers"]:
                line.recv(1)

    with ExitStack() as stack:
        for kind, (begin, _) in (DRIPS | {"readers": (READERS, b"")}).items():
            lines[kind] = stack.enter_context(slow_clients(port, begin))
        thread = Thread(target=drip)
        thread.start()
        try:
            yield [line for kind in DRIPS for line in lines[kind]]
        finally:
            stop.set()
            thread.join()


def book(port, user, show, seat, timeout=30):
    """Return the status of the response to a booking."""
    line = HTTPConnection(HOST, port, timeout=timeout)
    headers = {"Content-Type": "application/json"}
    headers["Authorization"] = client_of(user)._credentials["HTTP_AUTHORIZATION"]
    body = json.dumps({"tickets": [{"seat": seat}]})
    with closing(line):
        line.request("POST", f"/api/v1/shows/{show.pk}/bookings/", body, headers)
        return line.getresponse().status


def test_1800_slow_clients_keep_no_booking_waiting():
    allow_connections()  # of our own
    show, user = make_show(), make_user()
    with (
        server.running() as running,
        slow_clients(running.port, HEADERS) as headers,
        slow_clients(running.port, BODIES) as bodies,
        slow_clients(running.port, READERS),
        dripping_clients(running.port) as dripping,
    ):
        disturb(running.port)
        for number in range(1, BOOKINGS + 1):
            assert book(running.port, user, show, f"A{number}") == 201
        waited_for = [*headers, *bodies, *dripping]
        assert not [line for line in waited_for if is_answered(line)]


LARGE = 256 * 1024
LARGE_BODIES = {
    "length": HEAD + b"Content-Length: %d\r\n\r\n" % LARGE,
    "chunks": CHUNKS + b"%x\r\n" % LARGE,
}


@pytest.mark.parametrize("head", LARGE_BODIES.values(), ids=LARGE_BODIES)
def test_large_bodies_by_the_hundred_take_little_memory_and_keep_no_booking_waiting(head):
    """They would take 200 MB in a process; those that have a place take 64."""
    allow_connections()  # of our own
    show, user = make_show(), make_user()
    with server.running() as running, ExitStack() as stack:
        assert book(running.port, user, show, "A1") == 201
        before = memory(running)
        for _ in range(600):
            line = stack.enter_context(closing(socket.create_connection((HOST, running.port))))
            line.sendall(head)
            line.settimeout(0.02)
            with suppress(TimeoutError):
                line.sendall(b" " * (LARGE - 1))
        assert book(running.port, user, show, "A2", timeout=5) == 201
        assert memory(running) < before + 130


def memory(running):
    """Return how many MB the processes of a server have."""
    pages = [Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in running.child_pids()]
    return sum(map(int, pages)) * resource.getpagesize() / 2**20


def is_answered(line):
    look = poll()
    look.register(line, POLLIN)
    return bool(look.poll(0))


def test_a_client_with_all_connections_keeps_another_waiting_for_a_second_or_two():
    """And not until they are given up: with so few files there are 200 connections."""
    show, user = make_show(), make_user()
    few = ["sh", "-c", f"ulimit -n 600; exec {' '.join(MARQUEE)}"]
    with (
        server.running(command=few) as running,
        slow_clients(running.port, count=300, address=OTHER_HOST),
    ):
        assert book(running.port, user, show, "A1", timeout=5) == 201


def test_of_a_client_with_too_many_connections_those_silent_the_longest_end():
    # At all addresses: else a client at another one may get the listener's port, and look like a connection to it.
    with socket.create_server(("", 0)) as listener, ExitStack() as stack:
        port = listener.getsockname()[1]
        greedy = stack.enter_context(slow_clients(port, count=9, address=OTHER_HOST))
        modest = stack.enter_context(slow_clients(port, count=4))
        accepted = [stack.enter_context(listener.accept()[0]) for _ in [*greedy, *modest]]
        time.sleep(0.05)
        for line in greedy[5:]:
            line.send(b"x")
        for theirs in accepted[5:9]:
            assert theirs.recv(1)
        connections.end_connections({port}, beyond=4)
        assert [is_answered(line) for line in greedy] == [True] * 5 + [False] * 4
        assert not any(map(is_answered, modest))


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", str(0x20010DB8 << 32)),
        ("2001:db8::ffff:1%eth0", str(0x20010DB8 << 32)),
        ("::ffff:192.0.2.7", "192.0.2.7"),
    ],
)
def test_of_ipv6_the_half_that_a_client_cannot_choose_counts(address, client):
    assert connections._client_at(address) == client


def test_the_kernel_buffers_little_and_waits_for_slow_readers_for_a_while_only():
    with socket.create_server((HOST, 0)) as listener:
        assert listener.getsockname()[1] in connections.limit_slow_readers(7)
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as accepted:
            buffered = accepted.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
            unread = accepted.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
            seconds = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) / 1000
    assert (buffered, seconds) == (2 * connections.SEND_BUFFER, 7)
    assert unread == 2 * connections.RECEIVE_BUFFER


class Protocol:
    """Takes a file that is to be sent."""

    def response_file_range(self, status, headers, name, begin, end):
        self.content = Path(name).read_bytes()[begin:end]


def test_the_schema_is_sent_from_a_file_that_all_readers_share():
    protocol = Protocol()
    scope = Scope("/api/v1/schema/", authority="localhost")
    answer(Request(scope, Lines(), None, protocol, None, 0, None), application)
    assert len(protocol.content) > MAX_FILE_IN_MEMORY
    assert protocol.content == render_schema("yaml")


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
