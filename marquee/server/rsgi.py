"""The RSGI application: requests are read on granian's event loop, and answered by Django in threads.

A request takes a thread when it is here whole, and gives it back when the response is handed to the
loop. So clients that send or read slowly keep nobody else waiting (docs/decisions/0033).
"""

import asyncio
import json
import logging
import signal
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from multiprocessing import parent_process
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from typing import Any, NamedTuple
from wsgiref.util import FileWrapper

from django.conf import settings

from marquee.core.shared_content import SharedResponse
from marquee.server import bodies, connections, parent, wsgi
from marquee.server.environ import FAILURE, RECEIVED_AT, Headers, Scope, environ_of
from marquee.server.probes import PROBES
from marquee.server.readiness import Readiness
from marquee.server.security_headers import HEADERS

logger = logging.getLogger(__name__)

# WSGI (PEP 3333), as Django speaks it: the response can be closed.
WSGIApplication = Callable[[dict[str, Any], Any], Any]
CLOSE = ("connection", "close")
# As `probes.healthz` answers, which other servers use.
ALIVE = '{"status": "alive"}'
PROBE_HEADERS = [
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    *HEADERS.values(),
    CLOSE,  # a body is not read
]
# Longer files go from the disk to the client piece by piece: many slow readers would fill memory.
MAX_FILE_IN_MEMORY = 64 * 1024
IN_FILES = (FileWrapper, SharedResponse)


class Request(NamedTuple):
    """A request that is here whole, or refused, the protocol to answer by, and the future that says it is."""

    scope: Scope
    headers: Headers
    body: bytes | None
    protocol: Any
    answered: "asyncio.Future[None]"
    received_at: float
    refused: type[bodies.Refused] | None
    has_place: bool = False

    @property
    def closes(self) -> bool:
        """Whether the connection closes: its next bytes may be of this body."""
        is_chunked = self.headers.get("transfer-encoding") is not None
        return is_chunked or self.has_rest

    @property
    def has_rest(self) -> bool:
        """Whether some of the body was not read: it cannot be, or is longer than is allowed."""
        is_too_large = self.body is not None and len(self.body) > bodies.max_bytes()
        return is_too_large or self.refused is not None


class Start:
    """WSGI's `start_response`: keeps status and headers."""

    __slots__ = ("headers", "status")

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        """Keep the status as a number, and the headers."""
        self.status, self.headers = int(status[:3]), headers


class Front:
    """An RSGI application. It hands requests to a WSGI application in as many threads as THREADS.

    A second one answers those that cannot be read, and those over which the first one fails.
    """

    def __init__(self, application: WSGIApplication, unanswered: WSGIApplication) -> None:
        self.application, self.unanswered = application, unanswered
        self.waiting: SimpleQueue[Request | None] = SimpleQueue()
        # The next request ends their coroutines: waking the loop for each costs a tenth or more of the shortest GET.
        self.answered: deque[asyncio.Future[None]] = deque()
        self.readiness = Readiness()
        self.threads = [Thread(target=self._work, daemon=True) for _ in range(settings.THREADS)]

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the threads. granian listens once the loop runs."""
        main = parent_process()
        if (
            main and main.pid
        ):  # without it, nobody would stop this process, which would keep the port
            parent.end_with_it(main.pid, signal.SIGKILL)
        self.loop = loop
        self.watcher = loop.create_task(connections.watch())
        for thread in self.threads:
            thread.start()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wait for requests under way, those whose client has gone, too."""
        for _ in self.threads:
            self.waiting.put(None)
        for thread in self.threads:
            thread.join()
        self._release()
        self.watcher.cancel()
        loop.run_until_complete(asyncio.sleep(0))

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        """Read a request, and wait until a thread has answered it."""
        self._release()
        if scope.path in PROBES and scope.method in {"GET", "HEAD"}:
            # By the loop: all threads may wait for a database that hangs.
            status, text = HTTPStatus.OK, ALIVE
            if scope.path == "/readyz":
                status, state = await self.readiness.state()
                text = json.dumps(state)
            protocol.response_str(status, PROBE_HEADERS, text)
            return
        headers, answered = scope.headers, self.loop.create_future()
        body, refused, place = None, None, bodies.Place()
        try:
            try:
                body = await bodies.read(headers, protocol, place)
            except bodies.Refused as reason:
                refused = type(reason)
            request = Request(
                scope, headers, body, protocol, answered, perf_counter(), refused, place.is_taken
            )
            self.waiting.put(request)
            await answered
        finally:
            place.leave()
        if request.has_rest:
            await bodies.ignore_rest(protocol)

    def _work(self) -> None:
        for request in iter(self.waiting.get, None):
            self._answer(request)
            self.answered.append(request.answered)
            # The rest is to be read now, and the connection closed; others wait for the place.
            if request.has_rest or request.has_place:
                self.loop.call_soon_threadsafe(self._release)
            # granian keeps the connection as long as anything has the protocol.
            del request

    def _answer(self, request: Request) -> None:
        try:
            if request.refused:
                answer(request, self.unanswered, request.refused)
            else:
                answer(request, self.application)
        # Not Exception alone: a panic of a library in Rust is none, and would end the thread.
        except BaseException as error:  # noqa: BLE001 (the second application logs it)
            self._answer_failed(request, error)

    def _answer_failed(self, request: Request, error: BaseException) -> None:
        try:
            answer(request, self.unanswered, error)
        except BaseException:
            logger.exception("A request could not be answered.")
            request.protocol.response_empty(500, [CLOSE])

    def _release(self) -> None:
        """End the coroutines of requests that threads have answered. The loop's thread calls it."""
        while self.answered:
            self.answered.popleft().set_result(None)


def answer(request: Request, application: WSGIApplication, failure: Any = None) -> None:
    """Let a WSGI application answer, and hand the whole response to the loop.

    `failure` says why no view answers: a class of `Refused`, or an error.
    """
    start = Start()
    environ = environ_of(request.scope, request.headers, request.body)
    environ[RECEIVED_AT] = request.received_at
    if failure:
        environ[FAILURE] = failure
    parts = application(environ, start)
    try:
        headers = [*start.headers, CLOSE] if request.closes else start.headers
        if not _send_file(request.protocol, start.status, headers, parts):
            request.protocol.response_bytes(start.status, headers, b"".join(parts))
    finally:
        parts.close()


def _send_file(protocol: Any, status: int, headers: list[tuple[str, str]], parts: Any) -> bool:
    """Let granian send a long file of WhiteNoise's, or the range of one, or content in a file. Return whether it does."""
    if not isinstance(parts, IN_FILES):
        return False
    length = int(dict(headers)["Content-Length"])
    if isinstance(parts, FileWrapper):
        file = getattr(parts.filelike, "fileobj", parts.filelike)  # WhiteNoise's SlicedFile
        name, begin = file.name, file.tell()
    else:
        name, begin = parts.file_name, 0
    if not name or length <= MAX_FILE_IN_MEMORY:
        return False
    protocol.response_file_range(status, headers, name, begin, begin + length)
    return True


application = Front(wsgi.application, wsgi.unanswered)
