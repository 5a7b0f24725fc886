"""Run callers at the same moment, each with its own connection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def at_once(times: int, act: Callable[[], Result]) -> list[Result | Exception]:
    """Call a function in that many threads at once; return each result, or refusal."""
    start = Barrier(times, timeout=30)

    def one(_: int) -> Result | Exception:
        try:
            start.wait()
            return act()
        except Exception as refusal:  # noqa: BLE001 (the test looks at what it was)
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))
