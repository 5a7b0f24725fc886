"""The password hasher, and how many passwords a process hashes at once.

One hash takes 20 ms of a core. The few threads of a process serve everybody, so a storm of logins would
leave none for bookings. At most ARGON2_AT_ONCE threads hash, and MAX_WAITING more wait for their turn.
Others are refused at once, before anything else is done for them (docs/decisions/0025).
"""

import logging
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from marquee.core.errors import Busy

MAX_WAITING = 1
# Whoever is refused comes again within these seconds: not all at the same moment.
RETRY_SECONDS = (1, 3)

log = logging.getLogger(__name__)
_thread = threading.local()


class _Queue:
    """The threads of this process that hash, and those that wait for it."""

    def __init__(self, at_once: int) -> None:
        self.hashing = threading.Semaphore(at_once)
        self.places = threading.Semaphore(at_once + MAX_WAITING)


_new_queue = cache(_Queue)
_making = threading.Lock()


def _queue(at_once: int) -> _Queue:
    """Return the queue of this process. One thread makes it: `cache` lets two each make their own."""
    with _making:
        return _new_queue(at_once)


@contextmanager
def place() -> Iterator[None]:
    """Keep a place for this thread's hashes, also as a decorator. Refuses with Busy if none is free.

    Take it before anything is counted or written. Within it, no hash of this thread is refused.
    """
    at_once: int = settings.ARGON2_AT_ONCE
    if not at_once or getattr(_thread, "has_place", False):
        yield
        return
    places = _queue(at_once).places
    if not places.acquire(blocking=False):
        raise _busy()
    _thread.has_place = True
    try:
        yield
    finally:
        _thread.has_place = False
        places.release()


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for this thread's turn to hash. Refuses with Busy if too many wait already."""
    if not (at_once := settings.ARGON2_AT_ONCE):
        yield
        return
    with place(), _queue(at_once).hashing:
        yield


def _busy() -> Busy:
    log.warning(
        "Logins are refused with 503: ARGON2_AT_ONCE threads hash passwords, and others wait."
    )
    seconds = random.randint(*RETRY_SECONDS)  # noqa: S311 (no secret)
    return Busy(
        f"Many people are logging in at this moment. Try again in {seconds} seconds.",
        retry_after=seconds,
    )


class Argon2(Argon2PasswordHasher):
    """Argon2id at OWASP's first recommendation: 19 MiB, two passes, one lane.

    Django's default takes 100 MB and 213 ms a login, this takes 20 ms (DESIGN 11). An attacker pays
    the same time and memory for each guess.
    """

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the hash of a password, when it is this thread's turn."""
        with _turn():
            encoded: str = super().encode(password, salt)
        return encoded

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether a password has this hash, when it is this thread's turn."""
        with _turn():
            is_right: bool = super().verify(password, encoded)
        return is_right
