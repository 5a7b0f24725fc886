"""The proxy that cuts connections: each cut loses what it says, and nothing else does."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from prove.faults.proxy import Cut, Proxy, at_commit
from tests.server import free_port

RESPONSE = b"you said: "


@contextmanager
def echo():
    """Run a server that answers each message, and keeps what it heard."""
    heard = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    while message := connection.recv(4096):
                        heard.append(message)
                        connection.sendall(RESPONSE + message)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], heard
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)


def talk(port: int, message: bytes) -> bytes:
    """Send a message and return all that comes back before a response is whole or the end."""
    back = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(message)
        try:
            while len(back) < len(RESPONSE + message) and (got := connection.recv(4096)):
                back += got
        except ConnectionError:
            pass
    return back


def wait_until(is_so):
    """Wait for what another thread is about to do."""
    deadline = time.monotonic() + 5
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert is_so()


@pytest.fixture
def cut_by(monkeypatch):
    """Return the proxy and what the server heard, when every message is cut in this way."""

    @contextmanager
    def cutting(cut):
        with echo() as (port, heard), Proxy(port, lambda message, rng: True, seed=1) as proxy:
            monkeypatch.setattr(proxy.rng, "choice", lambda cuts: cut)
            proxy.is_cutting = cut is not None
            yield proxy, heard

    return cutting


def test_without_a_cut_it_carries_both_ways(cut_by):
    with cut_by(None) as (proxy, heard):
        assert talk(proxy.port, b"hello") == RESPONSE + b"hello"
        assert talk(proxy.port, b"again") == RESPONSE + b"again"
        assert heard == [b"hello", b"again"]
        assert proxy.total == 0


@pytest.mark.parametrize(
    ("cut", "arrives"),
    [
        (Cut.MESSAGE, []),
        (Cut.HALF_MESSAGE, [b"he"]),
        (Cut.WHOLE_RESPONSE, [b"hell"]),
        (Cut.HALF_RESPONSE, [b"hell"]),
    ],
)
def test_each_cut_loses_what_it_says(cut_by, cut, arrives):
    with cut_by(cut) as (proxy, heard):
        back = talk(proxy.port, b"hell")
        wait_until(lambda: heard == arrives)
        assert back in (b"", (RESPONSE + b"hell")[:7])
        assert back == b"" or cut is Cut.HALF_RESPONSE
        assert proxy.cuts[cut] == proxy.total == 1


def test_a_cut_at_the_answer_does_not_wait_for_it(cut_by):
    with cut_by(Cut.RESPONSE) as (proxy, _):
        assert talk(proxy.port, b"hell") == b""


def test_a_server_that_is_away_is_a_connection_that_closes():
    with Proxy(free_port(), lambda message, rng: False, seed=1) as proxy:
        assert talk(proxy.port, b"hello") == b""


def test_commits_are_where_it_cuts():
    class Luck:
        def random(self):
            return 0.05

    assert at_commit(b"Q\0\0\0\x0bCOMMIT\0", Luck())
    assert not at_commit(b"Q\0\0\0\x0dSELECT 1\0", Luck())
