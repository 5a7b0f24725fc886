"""Bodies of requests, read on the event loop: within a size, a number of chunks, and a time."""

import asyncio
from http import HTTPStatus
from typing import Any

from django.conf import settings

from marquee.server.environ import Headers

# Each chunk costs the event loop some 50 µs, however small it is.
MAX_CHUNKS = 1024
# Bodies that are longer wait for one of these places, and keep it until they are answered: together they take 64 MB.
# A booking needs none, so whoever fills them keeps no booking waiting.
SMALL_BYTES, PLACES = 16 * 1024, asyncio.Semaphore(256)
# What is read of a body that is too large, so that the client looks at the answer.
MAX_IGNORED_BYTES, IGNORED_SECONDS = 4 * 1024 * 1024, 2
# hyper has read a length as 64 bits: before its last digits are zeros, and Python takes 4,300 digits at most.
DIGITS = len(str(2**64))


class Refused(Exception):
    """A request that cannot be read. The connection closes after the answer."""

    status, detail = HTTPStatus.BAD_REQUEST, "The body cannot be read."


class BrokenOff(Refused):
    """The body ended before its end, or has what no client sends, such as trailers."""


class Ambiguous(Refused):
    """The body has two lengths, by which requests are smuggled (RFC 9112, 6.1 and 6.3)."""

    detail = "A body has a length or chunks, not both."


class UnknownCoding(Refused):
    """The body has another transfer coding than chunks."""

    status, detail = HTTPStatus.NOT_IMPLEMENTED, "Send the body as it is, or in chunks."


class TooSlow(Refused):
    """The body did not arrive in time."""

    status, detail = HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive in time."


class Place:
    """A large body's place in memory."""

    __slots__ = ("is_taken",)

    def __init__(self) -> None:
        self.is_taken = False

    async def take(self) -> None:
        """Wait for a place, unless the body has one."""
        if not self.is_taken:
            await PLACES.acquire()
            self.is_taken = True

    def leave(self) -> None:
        """Give the place to another body."""
        if self.is_taken:
            PLACES.release()
            self.is_taken = False


def max_bytes() -> int:
    """Return how long a body may be."""
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


async def read(headers: Headers, protocol: Any, place: Place) -> bytes | None:
    """Return the body, None without one. One that is too long is zeros, one more than is allowed.

    So whoever reads it answers 413 as usual. A large one has taken its place then. Raises Refused.
    """
    length, coding = headers.get("content-length"), headers.get("transfer-encoding")
    size = int(length[-DIGITS:]) if length and coding is None else 0
    if coding is not None:
        if length is not None:
            raise Ambiguous
        if coding.lower() != "chunked":
            raise UnknownCoding
    elif length is None or length == "0":
        return None if length is None else b""
    elif size > max_bytes():
        return bytes(max_bytes() + 1)
    try:
        async with asyncio.timeout(settings.SLOW_CLIENT_SECONDS):
            if coding:
                return await _chunks(protocol, place)
            if size > SMALL_BYTES:
                await place.take()
            return await _whole(protocol)
    except TimeoutError:
        raise TooSlow from None


async def _whole(protocol: Any) -> bytes:
    """Return a body whose length is known. granian's errors are those of Rust, of several classes."""
    try:
        body: bytes = await protocol()
    except RuntimeError:
        raise BrokenOff from None
    return body


async def _chunks(protocol: Any, place: Place) -> bytes:
    """Return a chunked body.

    granian gives an empty chunk at the end, and another one where the body breaks off (2.8.7).
    """
    body, count, empty = bytearray(), 0, 0
    async for chunk in protocol:
        body += chunk
        count, empty = count + 1, empty + (not chunk)
        if len(body) > SMALL_BYTES:
            await place.take()
        if len(body) > max_bytes() or count > MAX_CHUNKS:
            return bytes(max_bytes() + 1)
    if empty > 1:
        raise BrokenOff
    return bytes(body)


async def ignore_rest(protocol: Any) -> None:
    """Read and forget, for a while, the rest of a body that was too large.

    Without this, closing the connection would take the answer away from a client that still sends.
    """
    size = 0
    try:
        async with asyncio.timeout(IGNORED_SECONDS):
            async for chunk in protocol:
                size += len(chunk)
                if size > MAX_IGNORED_BYTES:
                    return
    except (TimeoutError, RuntimeError):
        return
