"""The CPU of a request, as the server's process would spend it."""

import gc
import time
from collections.abc import Callable
from typing import Any

# The most that a refused request may cost. Measured: a few milliseconds, and 25 for the dearest.
MOST_SECONDS = 0.05
TRIES = 3
# What `_work` takes where that was measured. A busy core does half as much in a second of CPU.
USUAL_SECONDS = 0.004


def cpu_of(ask: Callable[[], Any]) -> tuple[Any, float]:
    """Return the response to a request, and its CPU seconds.

    The first request loads what it needs, and a busy machine slows down any: one that costs too
    much is sent twice more, and its least counts, in seconds of the machine where the limit was measured.
    """
    gc.freeze()  # objects that the tests have loaded are no part of a request
    least = float("inf")
    for _ in range(TRIES):
        start = time.process_time()
        response = ask()
        least = min(least, time.process_time() - start)
        if least < MOST_SECONDS:
            break
    gc.collect()  # or what the requests left in reference cycles becomes old, and stays for hundreds of tests
    gc.unfreeze()
    return response, least if least < MOST_SECONDS else least / slowness()


def slowness() -> float:
    """Return how many times longer this machine takes at this moment; at least 1."""
    return max(1.0, min(_work() for _ in range(TRIES)) / USUAL_SECONDS)


def _work() -> float:
    """Return the CPU seconds of some work that never changes."""
    start = time.process_time()
    sum(len(str(number)) for number in range(50_000))
    return time.process_time() - start
