"""The site that the journeys visit: Marquee's own application in threads of the test's process.

So the tests and the site share the test's database, on both engines, and nothing has to start.
tests/test_serve.py tests the real server.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def running() -> Iterator[str]:
    """Yield the address of the site."""
    server = Server((HOST, 0), Handler, allow_reuse_address=False)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
