"""Large bodies have places, which they give back whatever becomes of them."""

import asyncio
from types import SimpleNamespace

import pytest

from marquee.server import bodies
from marquee.server.rsgi import Front
from tests.test_environ import Lines, Scope
from tests.test_hostile_server import Parts

SECONDS = 20


class Protocol:
    """A client that sends a body, at once or in chunks, and takes the response."""

    def __init__(self, body):
        self.body, self.status = body, None

    async def __call__(self):
        return self.here()

    def here(self):
        if self.body is None:
            raise RuntimeError("The client is gone.")
        return self.body

    async def __aiter__(self):
        for begin in range(0, len(self.here()), 4096):
            yield self.body[begin : begin + 4096]
        yield b""

    def response_bytes(self, status, headers, body):
        self.status = status


def answers(environ, start_response):
    read = len(environ["wsgi.input"].read())
    start_response(f"{200 if read else 400} OK", [])
    return Parts()


def ask(body, *, chunked=False):
    """Return the head of a request, and its client."""
    length = bodies.SMALL_BYTES + 1
    framing = ("transfer-encoding", "chunked") if chunked else ("content-length", str(length))
    scope = SimpleNamespace(**vars(Scope(method="POST")), headers=Lines(framing))
    return scope, Protocol(body)


async def statuses(*requests):
    """Answer requests at once by one thread; return their statuses."""
    front = Front(answers, answers)
    front.threads = front.threads[:1]
    front.loop = asyncio.get_running_loop()
    front.threads[0].start()
    try:
        async with asyncio.timeout(SECONDS):
            await asyncio.gather(*(front.__rsgi__(*request) for request in requests))
    finally:
        front.waiting.put(None)
    return [protocol.status for _, protocol in requests]


@pytest.fixture(autouse=True)
def one_place(monkeypatch):
    """One large body at a time."""
    monkeypatch.setattr(bodies, "PLACES", asyncio.Semaphore(1))


@pytest.mark.parametrize("chunked", [False, True])
def test_large_bodies_are_answered_one_after_another(chunked):
    large = bytes(bodies.SMALL_BYTES + 1)
    requests = [ask(large, chunked=chunked) for _ in range(3)]
    assert asyncio.run(statuses(*requests)) == [200] * 3


def test_a_body_that_breaks_off_gives_its_place_to_the_next():
    large = bytes(bodies.SMALL_BYTES + 1)
    assert asyncio.run(statuses(ask(None), ask(large), ask(None), ask(large))) == [400, 200] * 2


def test_a_small_body_waits_for_no_place():
    async def beside_a_large_one():
        await bodies.PLACES.acquire()
        small = Lines(("content-length", str(bodies.SMALL_BYTES)))
        return await bodies.read(small, Protocol(b"here"), bodies.Place())

    assert asyncio.run(beside_a_large_one()) == b"here"


def test_a_body_without_a_place_is_given_up_after_its_time(settings):
    settings.SLOW_CLIENT_SECONDS = 0.1

    async def beside_a_large_one():
        await bodies.PLACES.acquire()
        headers = Lines(("content-length", str(bodies.SMALL_BYTES + 1)))
        with pytest.raises(bodies.TooSlow):
            await bodies.read(headers, Protocol(b""), bodies.Place())

    asyncio.run(beside_a_large_one())
