"""The worker's round: every task in turn, none able to stop another."""

import logging
import signal
import threading
from collections.abc import Callable, Mapping

from django.db import close_old_connections

log = logging.getLogger(__name__)


def run_once(tasks: Mapping[str, Callable[[], int]]) -> bool:
    """Do each task once; say whether all went well. A failure is logged, and the next one done."""
    went_well = [_do(name, task) for name, task in tasks.items()]
    return all(went_well)


def _do(name: str, task: Callable[[], int]) -> bool:
    try:
        if done := task():
            log.info("%s: %d", name, done)
    except Exception:
        log.exception("%s: failed, and will be tried again next time", name)
        close_old_connections()  # if one is what failed, the next task gets a new one
        return False
    return True


def run(tasks: Mapping[str, Callable[[], int]], *, every_seconds: float) -> None:
    """Do the tasks again and again, until SIGTERM or Ctrl-C; what is under way is finished."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.is_set():
        run_once(tasks)
        stopping.wait(every_seconds)
