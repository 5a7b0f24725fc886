"""The worker's loop: run every task in turn. A task that fails stops no other."""

import logging
import signal
import threading
from collections.abc import Callable, Mapping

from django.db import close_old_connections

log = logging.getLogger(__name__)

Task = Callable[[], int]


def run_once(tasks: Mapping[str, Task]) -> bool:
    """Run each task once; return whether all succeeded. A failure is logged."""
    succeeded = [_run_task(name, task) for name, task in tasks.items()]
    return all(succeeded)


def _run_task(name: str, task: Task) -> bool:
    try:
        if done := task():
            log.info("%s: %d", name, done)
    except Exception:
        log.exception("%s: failed, and will be tried again next time", name)
        close_old_connections()  # a lost connection may be the cause: the next task gets a new one
        return False
    return True


def run(tasks: Mapping[str, Task], *, every_seconds: float) -> None:
    """Run the tasks again and again until SIGTERM or Ctrl-C, which let the current round finish."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.is_set():
        run_once(tasks)
        stopping.wait(every_seconds)
