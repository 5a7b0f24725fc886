"""Hostile requests to the server itself: HTTP/2, oversized headers, odd bodies, slow clients."""

import json
import re
import socket
import struct
import time
import weakref
from threading import Thread
from urllib.request import urlopen

import pytest
from django.conf import settings

from marquee.server.rsgi import MAX_FILE_IN_MEMORY, Front, Request
from marquee.server.wsgi import unanswered
from tests.server import free_port, running
from tests.test_environ import Lines, Scope

pytestmark = pytest.mark.both_engines  # the server has the configured one

# A 404 needs no tables, and still goes through granian, its threads and Django.
NOWHERE = b"/api/v1/nowhere/"
LOG_IN = b"/api/v1/auth/login/"
CLOSE = b"Host: localhost\r\nConnection: close\r\n"
LARGE_FILE = b"/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
LARGE = b"GET " + LARGE_FILE + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SECONDS = 2  # that a client may take
STREAMS, CONNECTIONS = 4, 8  # more than all workers have threads
SETTINGS, HEADERS, PING = 0x4, 0x1, 0x6
END_HEADERS = 0x4


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that is started as `make run` starts it."""
    url = {"DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('live') / 'marquee.sqlite3'}"}
    on_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    watched = {"ACCESS_LOG": "1", "METRICS_PORT": str(free_port())}
    slow = {"SLOW_CLIENT_SECONDS": str(SECONDS)} | watched
    with running(slow | (url if on_sqlite else {}), path="nowhere/") as server:
        yield server


@pytest.fixture
def port(server):
    """The server's port."""
    return server.port


def status(port, path=NOWHERE, headers=b""):
    """Return the status of the response to a GET request."""
    response = exchange(port, b"GET " + path + b" HTTP/1.1\r\n" + CLOSE + headers + b"\r\n")
    return int(response.split(b" ", 2)[1])


def exchange(port, sent):
    """Return all that the server sends until it closes the connection. Raises TimeoutError."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(sent)
        received = b""
        while part := line.recv(65536):
            received += part
        return received


def frame(kind, flags, stream, payload=b""):
    """Return an HTTP/2 frame (RFC 9113, 4.1)."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload  # fmt: skip


def announced_bodies():
    """Return the first bytes of a connection: four POST requests whose bodies never come."""
    # HPACK: two indexed fields, and literals with indexed names (RFC 7541, appendix A).
    fields = b"\x83\x86" + b"".join(  # `:method: POST`, `:scheme: http`
        bytes([0x40 | index, len(value)]) + value
        for index, value in (
            (4, LOG_IN),  # :path
            (1, b"localhost"),  # :authority
            (28, b"10"),  # content-length
            (31, b"application/json"),  # content-type
        )
    )
    streams = range(1, 2 * STREAMS, 2)
    requests = [frame(HEADERS, END_HEADERS, stream, fields) for stream in streams]
    return PREFACE + frame(SETTINGS, 0, 0) + b"".join(requests)


def test_http2_streams_that_announce_bodies_and_send_none_do_not_block_others(port):
    lines = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(CONNECTIONS)]
    try:
        for line in lines:
            line.sendall(announced_bodies())
        time.sleep(0.5)
        assert [status(port) for _ in range(CONNECTIONS)] == [404] * CONNECTIONS
    finally:
        for line in lines:
            line.close()
    assert status(port) == 404


@pytest.mark.parametrize(
    "frames",
    [
        b"",
        frame(SETTINGS, 0, 0) + frame(PING, 0, 0, b"12345678") * 1000,
        frame(SETTINGS, 0, 0, b"\0\1\0\0\0\0") * 1000,
        frame(HEADERS, 0, 1, b"\x82") + frame(0x9, 0, 1, b"\x40\x01a\x01b") * 1000,
        b"\xff" * 50_000,
    ],
    ids=["nothing", "pings", "settings", "endless continuation", "noise"],
)
def test_the_server_does_not_speak_http2(port, frames):
    try:
        received = exchange(port, PREFACE + frames)
    except ConnectionError:
        received = b""  # closed while we were still sending
    # A server that speaks HTTP/2 begins with a SETTINGS frame.
    assert received == b"" or received.startswith(b"HTTP/1.1 4")
    assert status(port) == 404


def test_an_upgrade_to_http2_is_ignored(port):
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    assert status(port, headers=upgrade) == 404  # and not 101


def test_headers_are_at_most_16_kilobytes(port):
    assert status(port, headers=b"X: " + b"a" * 15_000 + b"\r\n") == 404
    for name in (b"X", b"Accept", b"Accept-Language", b"Cookie", b"Content-Type", b"If-None-Match"):
        assert status(port, headers=name + b": " + b"a" * 17_000 + b"\r\n") == 431


def test_many_small_headers_are_refused_too(port):
    many = b"".join(b"X-%d: a\r\n" % number for number in range(2000))
    assert status(port, headers=many) == 431


def test_the_url_counts_like_a_header(port):
    assert status(port, NOWHERE + b"?" + b"a" * 15_000) == 404
    assert status(port, NOWHERE + b"?" + b"a" * 17_000) == 431
    assert status(port, NOWHERE + b"a" * 17_000) == 431


def test_bodies_may_be_larger_than_headers(port):
    body = b'{"email": "' + b"a" * 100_000 + b'"}'
    head = b"POST " + LOG_IN + b" HTTP/1.1\r\n" + CLOSE + b"Content-Type: application/json\r\n"
    response = exchange(port, head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert response.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in response


@pytest.mark.parametrize(
    ("chunk", "times", "expected"),
    [
        (b"1\r\n \r\n", 100, b"HTTP/1.1 400"),  # no JSON
        (b"1\r\n \r\n", 40_000, b"HTTP/1.1 413"),
        (b"1000\r\n" + b" " * 4096 + b"\r\n", 60, b"HTTP/1.1 400"),
    ],
    ids=["few", "many", "large"],
)
def test_a_body_in_very_many_chunks_is_too_large(port, chunk, times, expected):
    head = b"POST " + LOG_IN + b" HTTP/1.1\r\n" + CLOSE + b"Content-Type: application/json\r\n"
    body = chunk * times + b"0\r\n\r\n"
    assert exchange(port, head + b"Transfer-Encoding: chunked\r\n\r\n" + body).startswith(expected)


@pytest.mark.parametrize(
    "line",
    [
        b"Content-Length: 2\r\nContent-Length: 3",
        b"Content-Length: +2",
        b"Content-Length: \xd9\xa3",
        b"Content-Length: 2\r\nTransfer-Encoding: xchunked",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked",
        b"Content-Length: two\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        b"Cookie: sessionid=\0",
        b"Host : localhost",
        b" folded: line",
    ],
)
def test_ambiguous_headers_are_a_400(port, line):
    head = b"POST " + LOG_IN + b" HTTP/1.1\r\n" + CLOSE + line + b"\r\n\r\n{}"
    assert exchange(port, head).startswith(b"HTTP/1.1 400")
    assert status(port) == 404


def test_another_coding_than_chunks_is_a_501(port):
    head = (
        b"POST " + LOG_IN + b" HTTP/1.1\r\n" + CLOSE + b"Transfer-Encoding: gzip, chunked\r\n\r\n"
    )
    assert exchange(port, head).startswith(b"HTTP/1.1 501")


@pytest.mark.parametrize("zeros", [30, 5000])
def test_zeros_before_a_length_are_no_error_of_ours(port, zeros):
    head = b"POST " + LOG_IN + b" HTTP/1.1\r\n" + CLOSE
    length = b"Content-Length: " + b"0" * zeros + b"2\r\n\r\n"
    assert exchange(port, head + length + b"{}").startswith(b"HTTP/1.1 4")


def post(*lines, path=LOG_IN):
    """Return the head of a POST request that leaves its connection open."""
    head = (b"POST " + path + b" HTTP/1.1", b"Host: localhost", b"Content-Type: application/json")
    return b"\r\n".join([*head, *lines, b"", b""])


CHUNKED = post(b"Transfer-Encoding: chunked")


@pytest.mark.parametrize(
    ("path", "kind", "text"),
    [
        (LOG_IN, "application/problem+json", '"code":"invalid"'),
        (b"/login/", "text/html; charset=utf-8", "<h1>This request cannot be read</h1>"),
        (b"/admin/", "text/plain", "Send the body as it is, or in chunks."),
    ],
)
def test_what_cannot_be_read_has_an_id_an_answer_a_line_in_the_log_and_is_counted(
    server, path, kind, text
):
    unread = post(b"Transfer-Encoding: gzip, chunked", path=path) + b"0\r\n\r\n"
    head, _, body = exchange(server.port, unread).decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 501")
    assert f"content-type: {kind}" in head
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy"):
        assert f"{name}: " in head
    assert text in body
    request_id = re.search("x-request-id: ([0-9a-f]{32})\r", head)[1]
    if path == LOG_IN:
        assert json.loads(body)["request_id"] == request_id
    (line,) = [line for line in server.read_log().splitlines() if request_id in line]
    assert "POST unreadable 501 " in line
    with urlopen(f"http://127.0.0.1:{server.environment['METRICS_PORT']}/metrics") as scraped:
        assert (
            'marquee_requests_total{method="POST",route="unreadable",status="501"}'
            in scraped.read().decode()
        )


class Protocol:
    """Takes the response to a request that has arrived."""

    def response_bytes(self, status, headers, body):
        self.status, self.headers, self.body = status, dict(headers), body

    def response_empty(self, status, headers):
        self.response_bytes(status, headers, b"")

    def response_str(self, status, headers, text):
        self.response_bytes(status, headers, text.encode())


def test_while_every_thread_waits_the_process_is_alive(client):
    protocol = Protocol()
    coroutine = Front(breaks, breaks).__rsgi__(
        Scope("/healthz"), protocol
    )  # its threads do not run
    with pytest.raises(StopIteration):
        coroutine.send(None)

    usual = client.get("/healthz")
    assert (protocol.status, protocol.body) == (usual.status_code, usual.content)
    sent = {name.lower(): value for name, value in protocol.headers.items()}
    assert sent.pop("connection") == "close"  # the rest of a body is no request
    assert sent == {name.lower(): value for name, value in usual.headers.items()}


class Parts(list):
    """A WSGI response."""

    def close(self):
        pass


def answers(environ, start_response):
    start_response("200 OK", [])
    return Parts()


def test_a_thread_that_waits_keeps_no_connection():
    """granian closes none that something still has."""
    protocol = Protocol()
    kept, front = weakref.ref(protocol), Front(answers, breaks)
    front.waiting.put(Request(Scope(), Lines(), None, protocol, None, 0, None))
    del protocol
    thread = Thread(target=front._work)
    thread.start()
    deadline = time.monotonic() + 10
    try:
        while kept():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        front.waiting.put(None)
        thread.join()


def breaks(environ, start_response):
    raise ZeroDivisionError("before any middleware")


def panics(environ, start_response):
    raise SystemExit("which is no Exception, as a panic of a library in Rust is none")


@pytest.mark.django_db  # Django looks at the connection that a test before has left open
@pytest.mark.parametrize("first", [breaks, panics])
@pytest.mark.parametrize(
    "second", [unanswered, breaks, panics], ids=["its answer", "that fails, too", "that panics"]
)
def test_a_failure_outside_of_the_middleware_is_a_500_that_names_the_request(caplog, first, second):
    protocol = Protocol()
    request = Request(Scope(NOWHERE.decode()), Lines(), None, protocol, None, 0, None)
    Front(first, second)._answer(request)
    assert protocol.status == 500
    assert {breaks: ZeroDivisionError, panics: SystemExit}[first] in errors_of(caplog.records[0])
    if second is unanswered:
        request_id = protocol.headers["X-Request-ID"]
        assert json.loads(protocol.body)["request_id"] == request_id
    else:
        assert protocol.headers == {"connection": "close"}


def errors_of(record):
    """Return the classes of the error that is logged, and of the one before it."""
    error = record.exc_info[1]
    return {type(error), type(error.__context__)}


def test_after_a_chunked_body_the_connection_closes_and_the_rest_is_no_request(port):
    """A proxy and we may disagree on where it ends (RFC 9112, 6.1)."""
    both = post(b"Transfer-Encoding: chunked", b"Content-Length: 5")
    received = exchange(
        port, both + b"0\r\n\r\nGET " + NOWHERE + b" HTTP/1.1\r\n" + CLOSE + b"\r\n"
    )
    assert received.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in received


def test_after_a_chunked_body_a_file_from_the_disk_is_the_last_response(port):
    get = b"GET " + LARGE_FILE + b" HTTP/1.1\r\nHost: localhost\r\n"
    chunked = get + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    responses = exchange(port, chunked + get + b"Connection: close\r\n\r\n")
    assert responses.count(b"HTTP/1.1 ") == 1
    assert len(responses) > MAX_FILE_IN_MEMORY


@pytest.mark.parametrize(
    "body",
    [b"2\r\n{}\r\n0\r\nX-Trailer: a\r\n\r\n", b"2\r\n{}\r\nnonsense\r\n"],
    ids=["trailers", "nonsense"],
)
def test_a_chunked_body_that_breaks_off_is_not_used(port, body):
    received = exchange(port, CHUNKED + body)
    assert received.startswith(b"HTTP/1.1 400")
    assert b"The body cannot be read." in received


def test_a_body_that_is_too_large_is_refused_before_it_comes(port):
    """And the connection closes soon, though nobody else sends anything."""
    announced = post(b"Content-Length: 1000000000000", b"Expect: 100-continue")
    assert exchange(port, announced).startswith(b"HTTP/1.1 413")


def test_a_client_that_sends_a_body_that_is_too_large_sees_the_answer(port):
    body = b" " * 3_000_000
    assert exchange(port, post(b"Content-Length: %d" % len(body)) + body).startswith(
        b"HTTP/1.1 413"
    )


def test_a_client_that_waits_for_100_continue_gets_it(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(post(b"Content-Length: 2", b"Expect: 100-continue"))
        assert line.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(b"{}")
        assert line.recv(65536).startswith(b"HTTP/1.1 400")


def test_requests_in_one_packet_are_answered_in_their_order(port):
    get = b" " + NOWHERE + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /nowhere HTTP/1.1\r\n" + CLOSE + b"\r\n"
    received = exchange(
        port, b"HEAD" + get + post(b"Content-Length: 2") + b"{}" + b"GET" + get + last
    )
    heads = received.split(b"HTTP/1.1 ")[1:]
    assert [head[:3] for head in heads] == [b"404", b"400", b"404", b"404"]
    assert heads[0].endswith(b"\r\n\r\n")  # a head without a body
    assert b"content-length: 0" not in heads[0]
    assert b"text/html" in heads[3]


def test_a_large_file_and_its_ranges_come_whole(port):
    get = b"GET " + LARGE_FILE + b" HTTP/1.1\r\n" + CLOSE
    _, _, whole = exchange(port, get + b"\r\n").partition(b"\r\n\r\n")
    head, _, part = exchange(port, get + b"Range: bytes=100000-\r\n\r\n").partition(b"\r\n\r\n")
    assert len(whole) > 1_000_000
    assert head.startswith(b"HTTP/1.1 206")
    assert part == whole[100_000:]
    # Of another version that it has a part of, a client needs it whole (RFC 9110, 13.1.5).
    _, _, new = exchange(port, get + b'Range: bytes=9-\r\nIf-Range: "old"\r\n\r\n').partition(
        b"\r\n\r\n"
    )
    assert new == whole


def send_until_reset(line):
    """Send bytes until the other end is gone, which only they show. Raises ConnectionError then."""
    for _ in range(50):
        line.send(b"x")
        time.sleep(0.2)


def test_slow_clients_are_given_up(port):
    sents = [post(b"Content-Length: 9"), post()[:-2], LARGE, CHUNKED + b"FFFFFFFFFFFFFFF\r\n"]
    lines = [socket.socket() for _ in sents]
    for line, sent in zip(lines, sents, strict=True):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(10)
        line.connect(("127.0.0.1", port))
        line.sendall(sent)
    body, headers, reader, chunk = lines
    for late in (body, chunk):
        assert late.recv(65536).startswith(b"HTTP/1.1 408 Request Timeout")
        assert late.recv(65536) == b""
    assert headers.recv(65536) == b""
    with pytest.raises(ConnectionError):
        send_until_reset(reader)
    for line in lines:
        line.close()


UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
ODD = {
    "TLS": (b"\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03" + b"\xab" * 240, b"400"),
    "HTTP/0.9": (b"GET /\r\n", b"400"),
    "CONNECT": (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"400"),
    "CONNECT to us": (b"CONNECT localhost:80 HTTP/1.1\r\n" + CLOSE + b"\r\n", b"403"),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\n" + CLOSE + b"\r\n", b"404"),
    "another host in the URL": (
        b"GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"400",
    ),
    "a long chunk extension": (CHUNKED + b"1;" + b"a" * 50_000 + b"\r\n", b"400"),
    "many chunk extensions": (CHUNKED + (b"1;" + b"a" * 1000 + b"\r\n \r\n") * 50, b"400"),
    "thousands of headers": (
        b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: a\r\n" % number for number in range(10_000)),
        b"431",
    ),
}


@pytest.mark.parametrize(("sent", "expected"), ODD.values(), ids=ODD)
def test_odd_clients_get_a_4xx_and_a_closed_connection(server, sent, expected):
    assert exchange(server.port, sent).startswith(b"HTTP/1.1 " + expected)
    assert "Traceback" not in server.read_log()


def test_a_websocket_is_an_ordinary_request(port):
    assert status(port, headers=UPGRADE) == 404  # and not 101


def test_hundreds_of_requests_in_one_packet_are_all_answered(port):
    get = b"GET " + NOWHERE + b" HTTP/1.1\r\nHost: localhost\r\n"
    received = exchange(port, (get + b"\r\n") * 300 + get + b"Connection: close\r\n\r\n")
    assert received.count(b"HTTP/1.1 404") == 301
