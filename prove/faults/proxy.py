"""A TCP proxy that cuts connections where it hurts most: around the moment that decides.

What goes from the client to the server comes in messages (a request; a statement); what decides is
told by `Chooser`. A cut loses the message, or its response, or half of either; sometimes by a proper
end of the connection, sometimes by a reset.
"""

import asyncio
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import Self

CHUNK = 1 << 16


class Cut(Enum):
    """What a cut loses."""

    MESSAGE = auto()  # it never arrives
    HALF_MESSAGE = auto()  # the server gets the half of it
    RESPONSE = auto()  # it arrives, and both ends are cut at once, whatever the server does then
    WHOLE_RESPONSE = auto()  # the server has answered, and the client never hears
    HALF_RESPONSE = auto()  # the client hears the half


CUTS = list(Cut)
Chooser = Callable[[bytes, random.Random], bool]


def any_request(message: bytes, rng: random.Random) -> bool:
    """Cut at one request in five that changes something."""
    return message.startswith(b"POST") and rng.random() < 0.2


def at_commit(message: bytes, rng: random.Random) -> bool:
    """Cut at one COMMIT in six, and at a few of all other statements, of PostgreSQL's protocol."""
    return rng.random() < (0.16 if b"COMMIT" in message else 0.004)


class Proxy:
    """Stands before a server on a port of its own; cuts while `is_cutting`."""

    def __init__(self, upstream: int, choose: Chooser, seed: int) -> None:
        self.upstream, self.choose = upstream, choose
        self.rng = random.Random(seed)
        self.is_cutting = False
        self.cuts: dict[Cut, int] = dict.fromkeys(Cut, 0)
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def total(self) -> int:
        """How many connections were cut."""
        return sum(self.cuts.values())

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._connected, "127.0.0.1", 0)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        with suppress(asyncio.CancelledError):
            pending = asyncio.gather(*asyncio.all_tasks(self._loop), return_exceptions=True)
            self._loop.run_until_complete(pending)
        self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.close()
            return
        with suppress(asyncio.CancelledError):  # the proxy goes, and nobody waits for this task
            await _ProxiedConnection(self, (reader, writer), upstream).run()

    def choose_cut(self, message: bytes) -> Cut | None:
        """Say whether to cut at this message, and how."""
        if not self.is_cutting or not self.choose(message, self.rng):
            return None
        cut = self.rng.choice(CUTS)
        self.cuts[cut] += 1
        return cut


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _ProxiedConnection:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy, client: Stream, server: Stream) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        self.cut: Cut | None = None

    async def run(self) -> None:
        """Carry both ways until either end closes, or it is cut."""
        directions = [
            asyncio.ensure_future(self._forward_requests()),
            asyncio.ensure_future(self._forward_responses()),
        ]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in directions:
                way.cancel()
            await asyncio.gather(*directions, return_exceptions=True)
            self._end()

    def _end(self) -> None:
        for _, writer in (self.client, self.server):
            if self.cut and self.proxy.rng.random() < 0.5:
                writer.transport.abort()  # a reset
            else:
                writer.close()

    async def _forward_requests(self) -> None:
        while message := await self.client[0].read(CHUNK):
            cut = self.proxy.choose_cut(message) if self.cut is None else None
            self.cut = self.cut or cut
            if cut is Cut.MESSAGE:
                return
            part = len(message) // 2 if cut is Cut.HALF_MESSAGE else len(message)
            await _send(self.server, message[:part])
            if cut in {Cut.HALF_MESSAGE, Cut.RESPONSE}:
                return

    async def _forward_responses(self) -> None:
        while response := await self.server[0].read(CHUNK):
            if self.cut is Cut.HALF_RESPONSE:
                await _send(self.client, response[: len(response) // 2])
            if self.cut in {Cut.WHOLE_RESPONSE, Cut.HALF_RESPONSE}:
                return
            await _send(self.client, response)


async def _send(end: Stream, data: bytes) -> None:
    end[1].write(data)
    await end[1].drain()
