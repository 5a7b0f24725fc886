"""Serve `/metrics` on a port of its own, from a thread of the process that starts the server.

That process survives its workers. It adds up the files of all of them, the killed ones included, and
reads from the database what no process can know alone.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

SECONDS_TO_SEND = 10


@contextmanager
def serving(address: str, port: int) -> Iterator[None]:
    """Serve metrics while the block runs, whose processes count into a directory of their own.

    Without a port it does nothing. Raises OSError if the port cannot be used.
    """
    if not port:
        yield
        return
    with TemporaryDirectory(prefix="marquee-metrics-") as directory:
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

    def collect(self) -> Iterable[Any]:
        """Return the metrics. A file is empty as it is made, for good if its process is killed then: pass over it."""
        found = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db")
        files = [str(file) for file in found if file.stat().st_size]
        collector = import_module("prometheus_client.multiprocess").MultiProcessCollector
        return list(collector.merge(files))
