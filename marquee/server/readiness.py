"""The answer to `/readyz` while the database hangs: from the event loop, after some seconds.

One thread of its own asks the database, however many ask this process. So a probe takes no thread from
requests, and waits for none that waits for the database.
"""

import asyncio
import logging
from contextlib import suppress
from http import HTTPStatus
from threading import Thread

from django.db import connections

from marquee.server import probes
from marquee.server.probes import State

logger = logging.getLogger(__name__)

# Longer than a database that is there takes, be it SQLite that is busy.
SECONDS = probes.BUSY_SECONDS + 1


class Readiness:
    """What the database said last, or is being asked."""

    def __init__(self) -> None:
        self._asked: asyncio.Future[State] | None = None
        self._asked_at = 0.0

    async def state(self) -> tuple[HTTPStatus, State]:
        """Return the answer to `/readyz`, within SECONDS. It is asked anew unless it is being asked now."""
        loop = asyncio.get_running_loop()
        if self._asked is None or self._asked.done():
            self._asked, self._asked_at = loop.create_future(), loop.time()
            Thread(target=_ask, args=[loop, self._asked], daemon=True).start()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._asked_at + SECONDS):
                return probes.readiness(await asyncio.shield(self._asked))
        return probes.readiness(probes.UNREACHABLE)


def _ask(loop: asyncio.AbstractEventLoop, asked: "asyncio.Future[State]") -> None:
    """Ask by a connection of its own, which is closed: an older one may hang after the database came back."""
    state = probes.UNREACHABLE
    try:
        state = probes.database_state()
    except Exception:
        logger.exception("The database could not be asked whether it is ready.")
    finally:
        with suppress(Exception):
            connections.close_all()  # this thread's
    with suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(asked.set_result, state)
