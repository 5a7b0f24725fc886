"""HTTP/1.1 with as little between a client and its socket as there can be.

The clients share two cores with the server that they load, so what they cost counts: one thread,
one selector, keep-alive connections, orjson. Measured on both engines: about 0.1 ms of CPU an
operation.
"""

import re
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson

from prove.history import History, Operation

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
SET_COOKIE = re.compile(rb"\r\nset-cookie: *(\w+)=([^;\r]*)", re.IGNORECASE)
RECEIVE = 1 << 18
RECONNECT_AFTER = 0.02
TIMEOUT = 60.0  # a response that takes longer never comes
STUCK_AFTER = 120.0  # nobody heard anything for so long: the run is over


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: the status, the headers in lower case, the body as JSON says it; a page's as text."""

    status: int
    head: bytes
    body: Any
    cookies: dict[str, str] = field(default_factory=dict)  # that it sets

    def header(self, name: str) -> str:
        """Return a header's value, or nothing."""
        found = re.search(rb"\r\n" + name.encode() + rb": *([^\r]*)", self.head)
        return found.group(1).decode() if found else ""


class Client(Protocol):
    """Somebody who asks one thing after another, over one connection."""

    def next_request(self) -> tuple[Operation, bytes] | None:
        """Return the next operation, and the request that stands for it. None: nothing for now.

        With the fact `abandoned` it is sent, and the response not waited for.
        """

    def on_response(self, operation: Operation, reply: Response | None) -> None:
        """Take note of the response; None is a connection cut before there was one."""


def request(method: str, path: str, token: str, body: Any = None, **headers: str) -> bytes:
    """Return a request as it goes over the wire."""
    sent = b"" if body is None else orjson.dumps(body)
    connections = [
        f"{method} /api/v1/{path} HTTP/1.1",
        "Host: localhost",
        f"Content-Length: {len(sent)}",
    ]
    if token:
        connections.append(f"Authorization: Bearer {token}")
    if body is not None:
        connections.append("Content-Type: application/json")
    connections += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(connections).encode() + b"\r\n\r\n" + sent


def parse(received: bytearray) -> tuple[Response, int] | None:
    """Return the reply that stands at the start, and its length; None while it is not whole."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(received[:end]).lower()
    status = int(head[9:12])
    length = LENGTH.search(head)
    if length is None and status not in {204, 304}:
        raise ValueError(f"A reply of unknown length: {head!r}")
    whole = end + 4 + (int(length.group(1)) if length and status != 304 else 0)
    if len(received) < whole:
        return None
    raw = bytes(received[end + 4 : whole])
    return Response(status, head, _body(head, raw), _cookies(received[:end])), whole


def _cookies(head: bytearray) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in SET_COOKIE.findall(head)}


def _body(head: bytes, raw: bytes) -> Any:
    if b"json" in head and raw:
        return orjson.loads(raw)
    return raw.decode() if b"text/html" in head else None


@dataclass(slots=True)
class _Connection:
    """One client's connection, what is under way on it, and what came back so far."""

    client: Client
    socket: "socket.socket | None" = None
    operation: Operation | None = None
    received: bytearray = field(default_factory=bytearray)
    not_before: float = 0.0


class ClientLoop:
    """All connections of one process: who may send sends, who is answered hears it."""

    def __init__(self, address: str, history: History) -> None:
        parts = urlsplit(address)
        self.host = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.history = history
        self.selector = selectors.DefaultSelector()
        self.connections: list[_Connection] = []

    def run(self, clients: list[Client], on_progress: Callable[[int], object]) -> None:
        """Let every client ask until none has anything more to ask. Raises TimeoutError if stuck.

        `on_progress` hears of every hundred or so operations done.
        """
        self.connections = [_Connection(client) for client in clients]
        idle = list(self.connections)
        reported, progressed_at = 0, time.monotonic()
        while True:
            waiting = [connection for connection in idle if not self._send(connection)]
            if len(waiting) == len(self.connections) and all(
                self._is_at_rest(connection) for connection in waiting
            ):
                break
            idle = waiting + list(self._receive(0.005 if waiting else 0.5))
            if self.history.count - reported >= 100:
                on_progress(self.history.count - reported)
                reported, progressed_at = self.history.count, time.monotonic()
            elif time.monotonic() - progressed_at > STUCK_AFTER:
                raise TimeoutError(
                    f"{len(self.connections) - len(waiting)} requests have no response."
                )
        on_progress(self.history.count - reported)
        for connection in self.connections:
            self._close(connection)
        self.selector.close()

    @staticmethod
    def _is_at_rest(connection: _Connection) -> bool:
        return connection.not_before == 0.0

    def _send(self, connection: _Connection) -> bool:
        """Send what the client asks next; say whether anything was sent."""
        if connection.not_before > time.monotonic() or not (
            connection.socket or self._connect(connection)
        ):
            return False
        connection.not_before = 0.0
        prepared = connection.client.next_request()
        if prepared is None or connection.socket is None:
            return False
        connection.operation, sent = prepared
        connection.operation.sent = time.monotonic_ns()
        try:
            connection.socket.sendall(sent)
        except OSError:
            self._lose(connection)
            return False
        if connection.operation.facts.get("abandoned"):
            self._lose(connection)
            return False
        return True

    def _connect(self, connection: _Connection) -> bool:
        try:
            connection.socket = socket.create_connection(self.host, timeout=TIMEOUT)
        except OSError:
            connection.not_before = time.monotonic() + RECONNECT_AFTER
            return False
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(connection.socket, selectors.EVENT_READ, connection)
        return True

    def _close(self, connection: _Connection) -> None:
        if connection.socket is not None:
            with suppress(KeyError, ValueError):
                self.selector.unregister(connection.socket)
            connection.socket.close()
        connection.socket = None
        connection.received.clear()

    def _receive(self, timeout: float) -> Iterator[_Connection]:
        """Take in what has come; yield the lines that are free again."""
        for key, _ in self.selector.select(timeout):
            connection: _Connection = key.data
            try:
                received_bytes = key.fileobj.recv(RECEIVE)  # type: ignore[union-attr]
            except OSError:
                received_bytes = b""
            if not received_bytes:
                was_asked = connection.operation is not None
                self._lose(connection)
                if was_asked:
                    yield connection
                continue
            connection.received += received_bytes
            parsed = parse(connection.received)
            if parsed is not None:
                reply, length = parsed
                del connection.received[:length]
                if self._complete(connection, reply):
                    yield connection

    def _complete(self, connection: _Connection, reply: Response) -> bool:
        operation, connection.operation = connection.operation, None
        if operation is None:
            return False
        operation.responded_at, operation.status = time.monotonic_ns(), reply.status
        connection.client.on_response(operation, reply)
        self.history.write(operation)
        if b"\r\nconnection: close" in reply.head:
            self._close(connection)
        return True

    def _lose(self, connection: _Connection) -> None:
        """Take a lost connection: what came of the operation is unknown."""
        self._close(connection)
        connection.not_before = time.monotonic() + RECONNECT_AFTER
        operation, connection.operation = connection.operation, None
        if operation is not None:
            connection.client.on_response(operation, None)
            self.history.write(operation)


def send(address: str, sent: bytes) -> Response:
    """Send one request on a connection of its own and return the response. Raises RuntimeError."""
    parts = urlsplit(address)
    received = bytearray()
    with socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT) as connection:
        connection.sendall(sent)
        while (parsed := parse(received)) is None:
            received_bytes = connection.recv(RECEIVE)
            if not received_bytes:
                raise RuntimeError(f"{sent[:60]!r} was not answered.")
            received += received_bytes
    return parsed[0]


def call(address: str, token: str, method: str, path: str, body: Any = None) -> Any:
    """Ask one thing and return the body of its response, for setting up. Raises RuntimeError."""
    reply = send(address, request(method, path, token, body))
    if not 200 <= reply.status < 300:
        raise RuntimeError(f"{method} {path} was answered {reply.status}: {reply.body}")
    return reply.body
