"""Serve Marquee with granian, sized for its database: what `make run` ends with."""

import argparse
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress

from marquee.settings import DATABASES, STATIC_ROOT

ADDRESSES = """
  Try the API in a browser   {at}/swagger/
  The API                    {at}/api/v1/
  The back office            {at}/admin/

  Ctrl-C stops it.

"""
# Measured (DESIGN 11): more threads only make the slowest answers slower. SQLite has one writer at
# a time, and a second process would only wait for it.
WORKERS, WORKERS_ON_SQLITE, THREADS = 2, 1, 4
STOP_SECONDS = 10
# As many bytes as a request's line and headers may have; more are answered 431 before Django runs.
HEADER_BYTES = 16 * 1024


def command(host: str, port: int) -> list[str]:
    """Return what serves: granian, without what a JSON API has no use for."""
    on_sqlite = DATABASES["default"]["ENGINE"].endswith("sqlite3")
    workers = WORKERS_ON_SQLITE if on_sqlite else WORKERS
    return [
        *[sys.executable, "-m", "granian", "marquee.wsgi:application", "--interface", "wsgi"],
        *["--host", host, "--port", str(port), "--no-ws", "--log-level", "warning"],
        *["--workers", str(workers), "--blocking-threads", str(THREADS)],
        *["--workers-kill-timeout", str(STOP_SECONDS)],
        # HTTP/1.1 only: four HTTP/2 streams that announce a body and send none would block all four
        # threads for good, even after their connection has closed (granian 2.8.7, measured).
        *["--http", "1", "--http1-buffer-size", str(HEADER_BYTES)],
        # Without it, one worker that is killed (out of memory, say) takes the whole server along.
        "--respawn-failed-workers",
    ]


def is_free(host: str, port: int) -> bool:
    """Say whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def run(server_command: list[str]) -> int:
    """Run the server until it is told to stop; return its exit code.

    A Ctrl-C reaches every process of a session, and granian stops its workers besides: signalled
    twice, about half of them hang (granian 2.8.7, measured). So granian has a session of its own,
    and only its main process is told.

    When that one is killed, its workers would go on answering, and keep the port from the next
    server: so whoever is left of the session goes with it.
    """
    server = subprocess.Popen(server_command, start_new_session=True)  # noqa: S603 (our own words)
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, lambda *_: server.terminate())
    code = server.wait()
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    return code


def main() -> None:
    """Say where it will be, and serve there."""
    parser = argparse.ArgumentParser(prog="python -m marquee.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    wanted = parser.parse_args()
    if not is_free(wanted.host, wanted.port):
        sys.exit(
            f"Port {wanted.port} is taken or not ours to use:"
            f" type `make run PORT={wanted.port + 1}`, or stop what is there."
        )
    # Only a deployment fills it; whitenoise warns when it is missing.
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(ADDRESSES.format(at=f"http://{wanted.host}:{wanted.port}"))
    sys.stdout.flush()
    sys.exit(run(command(wanted.host, wanted.port)))


if __name__ == "__main__":
    main()
