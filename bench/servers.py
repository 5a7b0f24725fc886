"""Servers to measure: Marquee as `make run` starts it, and the peers as their documentation does."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from bench.dataset import ENVIRONMENT, ROOT
from bench.process_stats import Tree
from tests.server import free_port

SECONDS_TO_START = 30
MARQUEE = [sys.executable, "-m", "marquee.serve", "--port", "{port}"]


@dataclass(frozen=True, slots=True)
class Server:
    """Where it answers, and its processes."""

    address: str
    tree: Tree


@contextmanager
def serving(
    url: str, command: list[str] = MARQUEE, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run a server beside a database until the end. Raises RuntimeError when it does not answer."""
    port = free_port()
    program = subprocess.Popen(
        [word.format(port=port) for word in command],
        env=os.environ | ENVIRONMENT | {"DATABASE_URL": url} | dict(environment or {}),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/api/v1/cinemas/", program)
        yield Server(address, Tree(program.pid))
    finally:
        program.terminate()
        program.wait(timeout=20)


def _wait_for(address: str, program: "subprocess.Popen[bytes]") -> None:
    """Wait for the first answer, whatever it is. Raises RuntimeError."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and program.poll() is None:
        try:
            with urlopen(address, timeout=5):
                return
        except HTTPError:
            return
        except (URLError, ConnectionError):
            time.sleep(0.05)
    raise RuntimeError(f"{address} did not answer; the server ended with {program.poll()}.")
