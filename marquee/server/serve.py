"""Serve Marquee with granian, sized for its database. `make run` ends with this command."""

import argparse
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

from marquee.env import MAIL_BACKENDS, is_local
from marquee.server import exporter
from marquee.server.connections import BACKLOG, CONNECTIONS, OTHER_FILES, that_fit
from marquee.settings import (
    DATABASES,
    DEBUG,
    EMAIL_BACKEND,
    METRICS_ADDRESS,
    METRICS_PORT,
    SLOW_CLIENT_SECONDS,
)

BANNER = """
  The storefront             {at}/
  Try the API in a browser   {at}/swagger/
  The API                    {at}/api/v1/
  The back office            {at}/admin/
{mails}
  Ctrl-C stops it.

"""
# The server sends no mail itself; on the console, the worker prints them.
MAILS = "  Mails, as text             type `make worker` in another terminal, with the same PORT\n"
# SQLite has one writer at a time: a second process would only wait for it.
WORKERS, WORKERS_ON_SQLITE = 2, 1
STOP_SECONDS = 10
# A server that gives up sooner never served: something is wrong that another start does not mend.
SECONDS_TO_START = 10
MAX_PORT = 65_536
# The longest request line and headers, together. Longer ones get 431 before Django runs.
HEADER_BYTES = 16 * 1024


def banner(at: str) -> str:
    """Return what is printed at the start: the URLs, and where mails go if they go nowhere else."""
    is_console = MAIL_BACKENDS["console"] == EMAIL_BACKEND
    return BANNER.format(at=at, mails=MAILS if is_console else "")


def server_command(host: str, port: int, connections: int = CONNECTIONS) -> list[str]:
    """Return the command that runs granian, without the features that Marquee does not need."""
    on_sqlite = DATABASES["default"]["ENGINE"].endswith("sqlite3")
    workers = WORKERS_ON_SQLITE if on_sqlite else WORKERS
    return [
        *[sys.executable, "-m", "granian", "marquee.server.rsgi:application"],
        *["--interface", "rsgi", "--no-ws", "--log-level", "warning"],
        *["--host", host, "--port", str(port)],
        *["--workers", str(workers), "--backlog", str(BACKLOG)],
        # granian's name for the number of connections, idle and slow ones included.
        *["--backpressure", str(connections)],
        *["--http1-header-read-timeout", str(SLOW_CLIENT_SECONDS * 1000)],
        *["--workers-kill-timeout", str(STOP_SECONDS)],
        # HTTP/1.1 only. By HTTP/2, slow clients were not tried; with WSGI four streams stopped granian.
        *["--http", "1", "--http1-buffer-size", str(HEADER_BYTES)],
        # Otherwise one killed worker (out of memory, say) ends the whole server.
        "--respawn-failed-workers",
    ]


def allow_connections() -> int:
    """Raise this process's limit of open files, as far as it may; return how many connections fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS + OTHER_FILES
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return that_fit(allowed)


def address_of(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    """Return the family and the address of a host name: granian wants the address. Exits without one."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        sys.exit(
            f"{host} is no address: type `--host 127.0.0.1` or another address of this machine."
        )
    return family, address


def is_port_free(host: str, port: int) -> bool:
    """Return whether we may listen at the port. Exits when this machine has no such address."""
    family, address = address_of(host, port)
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError:
            return False
    return True


def _port(text: str) -> int:
    """Return the number of a port. Raises ArgumentTypeError."""
    if text.isascii() and text.isdigit() and len(text) < len("100000") and int(text) < MAX_PORT:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no port: write a number from 1 to {MAX_PORT - 1}")


def run(command: list[str]) -> int:
    """Run the server until this process is told to stop. Returns the server's exit code.

    granian runs in a session of its own, and only its main process gets the signal. Ctrl-C would
    reach every process of our session, and granian signals its workers besides: about half of the
    workers that are signalled twice hang (granian 2.8.7, measured).

    When granian's main process is killed, its workers would go on serving and keep the port. So the
    whole session is killed after it. When this process is killed, granian is told to stop.

    granian gives up when a worker ends twice within 5.5 s. If it served before, it is started again;
    and whenever it was killed, as the system does that is out of memory.
    """
    servers: list[subprocess.Popen[bytes]] = []
    stops: list[int] = []

    def stop(number: int, _frame: object) -> None:
        stops.append(number)
        for server in servers:
            server.terminate()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    has_served = False
    while True:
        started = time.monotonic()
        servers[:] = [_start(command)]
        if stops:  # while it started
            servers[0].terminate()
        code = _wait(servers[0])
        has_served = has_served or time.monotonic() - started > SECONDS_TO_START
        if stops or code == 0 or not (has_served or code == -signal.SIGKILL):
            return code
        sys.stderr.write(f"[ERROR] The server ended ({code}), and is started again.\n")


def _start(command: list[str]) -> "subprocess.Popen[bytes]":
    """Start the server, which ends when this process does."""
    bound = [sys.executable, "-m", "marquee.server.parent", str(os.getpid()), *command]
    return subprocess.Popen(bound, start_new_session=True)  # noqa: S603 (our own command)


def _wait(server: "subprocess.Popen[bytes]") -> int:
    """Wait until the server ends, and kill what is left of its session. Returns its exit code."""
    code = server.wait()
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    return code


def main() -> None:
    """Print the URLs and serve them."""
    parser = argparse.ArgumentParser(prog="python -m marquee.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, default=8000)
    options = parser.parse_args()
    if DEBUG and not is_local(options.host):
        sys.exit(
            f"Marquee does not start. DEBUG is 1, and others may reach {options.host}: set DEBUG=0, or type "
            "`--host 127.0.0.1`."
        )
    if not is_port_free(options.host, options.port):
        sys.exit(
            f"Port {options.port} is taken or not ours to use:"
            f" type `make run PORT={options.port + 1}`, or stop what is there."
        )
    is_same = options.port == METRICS_PORT
    if METRICS_PORT and (is_same or not is_port_free(METRICS_ADDRESS, METRICS_PORT)):
        sys.exit(f"Port {METRICS_PORT} is taken or not ours to use: set METRICS_PORT to another.")
    sys.stdout.write(banner(f"http://{options.host}:{options.port}"))
    sys.stdout.flush()
    with exporter.serving(METRICS_ADDRESS, METRICS_PORT):
        _, (address, *_) = address_of(options.host, options.port)
        sys.exit(run(server_command(address, options.port, allow_connections())))


if __name__ == "__main__":
    main()
