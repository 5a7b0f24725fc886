"""The worker's round: every chore in turn, none able to stop another."""

import logging
import signal
import threading
from collections.abc import Callable, Mapping

from django.db import close_old_connections

log = logging.getLogger(__name__)


def run_once(chores: Mapping[str, Callable[[], int]]) -> bool:
    """Do each chore once; say whether all went well. A failure is logged, and the next one done."""
    went_well = [_do(name, chore) for name, chore in chores.items()]
    return all(went_well)


def _do(name: str, chore: Callable[[], int]) -> bool:
    try:
        if done := chore():
            log.info("%s: %d", name, done)
    except Exception:
        log.exception("%s: failed, and will be tried again next time", name)
        close_old_connections()  # if one is what failed, the next chore gets a new one
        return False
    return True


def run(chores: Mapping[str, Callable[[], int]], *, every_seconds: float) -> None:
    """Do the chores again and again, until SIGTERM or Ctrl-C; what is under way is finished."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.is_set():
        run_once(chores)
        stopping.wait(every_seconds)
