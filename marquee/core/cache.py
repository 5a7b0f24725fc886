"""What a process keeps in memory, and how it is forgotten."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Generic, NamedTuple, TypeVar

Result = TypeVar("Result")
Version = TypeVar("Version")

ENTRY_OVERHEAD_BYTES = 1200

_forgetting: list[Callable[[], None]] = []


def cache_forever(make: Callable[..., Result]) -> Callable[..., Result]:
    """Keep in memory what is made of what never changes: a plan, the prices of a version."""
    remembering = lru_cache(maxsize=2000)(make)
    _forgetting.append(remembering.cache_clear)
    return remembering


def on_clear_caches(clear: Callable[[], None]) -> None:
    """Have something else forgotten with it."""
    _forgetting.append(clear)


def clear_caches() -> None:
    """Forget all of it: for tests, which use the same keys again for other rows."""
    for clear in _forgetting:
        clear()


class CachedResponse(NamedTuple, Generic[Version]):
    """An answer kept ready, and the mark by which the database tells whether it still holds."""

    version: Version
    body: bytes
    etag: str = ""

    @classmethod
    def build(cls, version: Version, body: bytes, label: str = "") -> "CachedResponse[Version]":
        """Return an answer with its ETag: a version for people, if there is one, and a digest of it.

        So another release that answers otherwise, of the same rows, has others.
        """
        digest = blake2b(body, digest_size=8).hexdigest()
        return cls(version, body, f"{label}-{digest}".removeprefix("-"))


class ResponseCache(Generic[Version]):
    """Answers kept ready, each under a name; those asked for last, up to a number of bytes.

    It does not know what holds: whoever takes an answer from it asks the database for its mark.
    """

    def __init__(self, max_bytes: int) -> None:
        self._most, self._bytes = max_bytes, 0
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, CachedResponse[Version]] = OrderedDict()
        _forgetting.append(self._clear)

    def get(self, name: str) -> CachedResponse[Version] | None:
        """Return the answer that was put there last, if it is still there."""
        with self._lock:
            answer = self._answers.get(name)
            if answer is not None:
                self._answers.move_to_end(name)
            return answer

    def put(self, name: str, answer: CachedResponse[Version]) -> CachedResponse[Version]:
        """Keep an answer instead of an earlier one, and return it."""
        with self._lock:
            if earlier := self._answers.pop(name, None):
                self._bytes -= _size(name, earlier)
            self._answers[name] = answer
            self._bytes += _size(name, answer)
            while self._bytes > self._most:
                self._bytes -= _size(*self._answers.popitem(last=False))
        return answer

    def _clear(self) -> None:
        with self._lock:
            self._answers.clear()
            self._bytes = 0


def _size(name: str, answer: CachedResponse[Any]) -> int:
    return len(name) + len(answer.body) + ENTRY_OVERHEAD_BYTES
