"""The site that the journeys visit: Marquee's own application in threads of the test's process.

So the tests and the site share the test's database, on both engines, and nothing has to start.
tests/test_serve.py tests the real server.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from marquee.server.wsgi import application

HOST = "127.0.0.1"


class Handler(WSGIRequestHandler):
    """Answers requests, and writes no log of them."""

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Write nothing."""


class Server(ThreadedWSGIServer):
    """Waits for its threads when it is closed, so that no connection to the database is left."""

    daemon_threads = False


class Counted:
    """The application, which knows how many requests are under way.

    A browser that is closed leaves what it asked last to the site: a query that would then meet the end of
    the test, which empties all tables.
    """

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._under_way = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """Answer a request."""
        self._add(1)
        try:
            response = application(environ, start_response)
            try:
                return list(response)
            finally:
                response.close()
        finally:
            self._add(-1)

    def _add(self, number: int) -> None:
        with self._change:
            self._under_way += number
            self._change.notify_all()

    def wait_until_idle(self) -> None:
        """Wait until nothing is under way. Raises AssertionError after a minute."""
        with self._change:
            assert self._change.wait_for(lambda: not self._under_way, 60)


counted = Counted()


@contextmanager
def running() -> Iterator[str]:
    """Yield the address of the site."""
    server = Server((HOST, 0), Handler, allow_reuse_address=False)
    server.set_app(counted)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
