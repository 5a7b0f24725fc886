"""The real server, granian as `make run` starts it, on the database of the tests."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from marquee.server import serve

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
PRODUCT = "marquee.server.wsgi:application"
SECONDS_TO_START = 30


@dataclass
class Server:
    """A server that runs: where it is, and its process, to be killed in the middle of things."""

    port: int
    process: "subprocess.Popen[bytes]"


@contextmanager
def running(application: str = PRODUCT, **environment: str) -> Iterator[Server]:
    """Run a server for the length of the block. Raises RuntimeError, with its log, if it cannot."""
    port = _free_port()
    settings = {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    process = subprocess.Popen(
        [application if word == PRODUCT else word for word in serve.server_command(HOST, port)],
        env=os.environ | settings | environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        _wait_for(process, port)
        yield Server(port, process)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # a worker that hangs would keep the pipe open
            process.communicate()


def database_url() -> str:
    """Return the address of the database that the tests use, not the one they started from."""
    of = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{of['NAME']}"
    user, password = quote(of["USER"], safe=""), quote(of["PASSWORD"], safe="")
    return f"postgres://{user}:{password}@{of['HOST']}:{of['PORT']}/{of['NAME']}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    process.kill()
    said = process.communicate()[0].decode(errors="replace")
    raise RuntimeError(f"The server did not start:\n{said}")
