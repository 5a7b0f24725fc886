"""Cache in the process's memory what never changes, such as a seat plan."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

Result = TypeVar("Result")

_clearing: list[Callable[[], None]] = []


def cache_forever(func: Callable[..., Result]) -> Callable[..., Result]:
    """Cache the results of a function whose result for the same arguments never changes."""
    cached = lru_cache(maxsize=2000)(func)
    on_clear_caches(cached.cache_clear)
    return cached


def on_clear_caches(clear: Callable[[], None]) -> None:
    """Register a function that `clear_caches` calls."""
    _clearing.append(clear)


def clear_caches() -> None:
    """Clear all caches, for tests: they reuse ids for other rows."""
    for clear in _clearing:
        clear()
