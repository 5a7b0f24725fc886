"""Serve `/metrics` on a port of its own, from a thread of the process that starts the server.

That process survives its workers. It adds up the files of all of them, the killed ones included, and
reads from the database what no process can know alone.
"""

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from threading import Lock
from typing import Any

import django

from marquee.server import count_files

SECONDS_TO_SEND = 10
PREFIX = "marquee-counts-"
# From when a directory is made until it is held, with much to spare.
SECONDS_TO_HOLD = 60


@contextmanager
def serving(address: str, port: int) -> Iterator[None]:
    """Serve metrics while the block runs, whose processes count into a directory of their own.

    Without a port it does nothing. Raises OSError if the port cannot be used.
    """
    if not port:
        yield
        return
    remove_left_over()
    with TemporaryDirectory(prefix=PREFIX) as directory, _held(directory):
        # Before anything imports prometheus_client, which reads it once.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marquee.settings")
        django.setup(set_prefix=False)
        client = import_module("prometheus_client")
        server, _ = client.start_http_server(port, address, registry())
        # Each connection has a thread. One that sends nothing is closed, without a traceback in the log.
        server.RequestHandlerClass.timeout = SECONDS_TO_SEND
        server.handle_error = lambda *_: None
        yield


def remove_left_over() -> None:
    """Remove the directories of servers that were killed: old ones that no process holds."""
    for directory in Path(gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if directory.lstat().st_mtime < time.time() - SECONDS_TO_HOLD:
                with _held(directory):
                    shutil.rmtree(directory)


@contextmanager
def _held(directory: str | Path) -> Iterator[None]:
    """Hold a directory while the block runs, which systemd-tmpfiles respects, too. Raises OSError if another does."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def registry() -> object:
    """Return what a scrape collects: the files of all processes, and what the database says."""
    client = import_module("prometheus_client")
    collected = client.CollectorRegistry()
    collected.register(ProcessFiles())
    # It imports models, so only after django.setup().
    database = import_module("marquee.server.database_metrics").DatabaseCollector()
    list(database.collect())  # events count from now on, not from the first scrape
    collected.register(database)
    return collected


class ProcessFiles:
    """Collects what all processes counted, from their files."""

    def __init__(self) -> None:
        self._lock = Lock()

    def collect(self) -> Iterable[Any]:
        """Return the metrics. A file is empty as it is made, for good if its process is killed then: pass over it."""
        directory = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        collector = import_module("prometheus_client.multiprocess").MultiProcessCollector
        with self._lock:  # each scrape has a thread
            count_files.add_up(directory)
            files = [str(file) for file in directory.glob("*.db") if file.stat().st_size]
            return list(collector.merge(files))
