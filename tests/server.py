"""The launcher of servers for the tests, the proof and the benchmarks."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests import processes

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
# As `make run` starts it. A command has "{port}" where the port belongs.
MARQUEE = (sys.executable, "-m", "marquee.serve", "--port", "{port}")
SECONDS_TO_START, SECONDS_TO_STOP = 60, 20
# Ports, each with a file. No process has more servers.
RESERVED_AT_ONCE = 100
_reserved: list[socket.socket] = []
# The clients of the proof and the benchmarks share one address and repeat their requests endlessly.
WITHOUT_LIMITS = {
    "UNPAID_SEAT_LIMIT": "0",
    "UNPAID_CLIENT_SEAT_LIMIT": "0",
    "HOLD_LIMIT": "0",
    "LAPSED_SEAT_LIMIT": "0",
    "CLIENT_HOLD_LIMIT": "0",
    "COOLING_DOWN_AFTER": "0",
    "ARGON2_AT_ONCE": "0",
    "LOGIN_LIMIT": "0",
    "GUEST_LIMIT": "0",
    "SIGNUP_LIMIT": "0",
    "BOOKING_MAIL_LIMIT": "0",
}


class Server:
    """A server on a port of its own; it can be started again after it was stopped or killed.

    `environment` is added to this process's own. Without `log`, the log is a temporary file.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        command: Sequence[str] = MARQUEE,
        directory: Path = ROOT,
        log: Path | None = None,
    ) -> None:
        self.environment = dict(environment)
        self.command, self.directory = command, directory
        self.port = free_port()
        self.address = f"http://{HOST}:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._temporary = None if log else Path(tempfile.mkdtemp(prefix="marquee-server-"))
        self.log = log or Path(self._temporary or "", "server.log")

    def start(self, more: Mapping[str, str] | None = None, *, path: str = "cinemas/") -> None:
        """Launch the server, with more variables set, and return once it responds."""
        self.launch(more)
        self.wait_until_ready(path)

    def launch(self, more: Mapping[str, str] | None = None) -> None:
        """Start the process without waiting for it.

        It has a session of its own: a Ctrl-C reaches only us, and we stop it.
        """
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [word.format(port=self.port) for word in self.command],
                env=os.environ | {"ACCESS_LOG": "0"} | self.environment | dict(more or {}),
                cwd=self.directory,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self, path: str = "cinemas/") -> None:
        """Wait for the first response below 500. Raises RuntimeError if the server does not start."""
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and self.is_running:
            if _status(self.port, f"/api/v1/{path}") < 500:
                return
            time.sleep(0.02)
        raise RuntimeError(f"The server did not start:\n{self.read_log()[-3000:]}")

    @property
    def is_running(self) -> bool:
        """Whether the server's first process runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        """The id of the server's first process. Raises RuntimeError when none was launched."""
        if self.process is None:
            raise RuntimeError("The server was not launched.")
        return self.process.pid

    def child_pids(self) -> list[int]:
        """Return the ids of the processes below the first, parents first."""
        return processes.below(self.process.pid) if self.process else []

    def read_log(self) -> str:
        """Return the log so far."""
        return self.log.read_text(errors="replace")

    def stop(self) -> None:
        """End the server as an operator would; kill it when it takes too long."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process = None

    def kill(self) -> None:
        """Kill -9 every process of the server at once; return when all are gone."""
        if self.process is not None:
            processes.kill_with_children(self.process.pid)
            self.process.wait()
        self.process = None

    def close(self) -> None:
        """Kill the server if it runs, and remove its log if that is a temporary file."""
        self.kill()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)


@contextmanager
def running(
    environment: Mapping[str, str],
    *,
    command: Sequence[str] = MARQUEE,
    directory: Path = ROOT,
    log: Path | None = None,
    path: str = "cinemas/",
) -> Iterator[Server]:
    """Run a server for the length of the block; it is ready once `path` of the API responds."""
    server = Server(environment, command=command, directory=directory, log=log)
    try:
        server.start(path=path)
        yield server
    finally:
        server.stop()
        server.close()


def free_port() -> int:
    """Return a port that nobody listens at, and that the kernel gives to nobody.

    Else a client, of which the tests have thousands, may get it before the server that is to listen there.
    A port that is bound for reuse, and not listened at, goes to who asks for its number only.
    """
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind((HOST, 0))
    _reserved.append(reserved)
    if len(_reserved) > RESERVED_AT_ONCE:
        _reserved.pop(0).close()
    port: int = reserved.getsockname()[1]
    return port


def _status(port: int, path: str) -> int:
    """Return the status of the response to a GET request; 599 when there is none."""
    # Not urllib: it would follow a redirect to https, which nobody serves here.
    with closing(HTTPConnection(HOST, port, timeout=5)) as client:
        try:
            client.request("GET", path)
            return client.getresponse().status
        except (OSError, HTTPException):
            return 599
