"""Several callers at the same moment, each with a connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def at_once(times: int, act: Callable[[], Result]) -> list[Result | Exception]:
    """Do the same in as many threads at once; return what each got: its result, or its refusal."""
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
