"""The worker's loop: run every task in turn. A task that fails stops no other."""

import logging
import signal
import threading
from collections.abc import Callable, Mapping

from django.db import InterfaceError, OperationalError, close_old_connections

from marquee.core.log import describe_error

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
    except (OperationalError, InterfaceError) as error:
        # Each task of each round would add a traceback, for as long as the database is down.
        log.warning(
            "%s: failed, and will be tried again next time: %s", name, describe_error(error)
        )
        close_old_connections()  # the next task gets a new connection
        return False
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
