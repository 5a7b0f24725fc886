"""The real server, as `make run` starts it, on a port and a database of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

SECONDS_TO_START = 30
# For the proof and the benchmarks, whose clients have one address and repeat themselves without end.
WITHOUT_LIMITS = {
    "UNPAID_SEAT_LIMIT": "0",
    "UNPAID_CLIENT_SEAT_LIMIT": "0",
    "HOLD_LIMIT": "0",
    "CLIENT_HOLD_LIMIT": "0",
    "COOLING_DOWN_AFTER": "0",
    "LOGIN_LIMIT": "0",
    "SIGNUP_LIMIT": "0",
}


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[str]:
    """Run the server with these variables set; yield its address, and stop it at the end."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "marquee.serve", "--port", str(port)],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait for the first answer. Raises RuntimeError when the server ends or stays silent."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"{address}/api/v1/cinemas/", timeout=5):
                return
        except (URLError, ConnectionError):
            time.sleep(0.05)
    raise RuntimeError(f"The server at {address} did not answer; it ended with {server.poll()}.")
