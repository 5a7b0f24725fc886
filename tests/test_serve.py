"""The server's processes: one that is killed comes back, or takes none of the others' port along."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from prove.faults import processes
from tests.server import free_port

SECONDS = 30


def eventually(is_so):
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def answers(port):
    """Say whether the server answers anything; it needs no tables for an address that is not."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(b"GET /api/v1/nowhere/ HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return line.recv(12).endswith(b"404")
    except OSError:
        return False


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.fixture
def server(tmp_path):
    """A server that answers: its port, and its own process."""
    port = free_port()
    url = {"DATABASE_URL": f"sqlite:///{tmp_path / 'marquee.sqlite3'}"}
    program = subprocess.Popen(
        [sys.executable, "-m", "marquee.serve", "--port", str(port)],
        env=os.environ | url,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: answers(port))
        yield port, program
    finally:
        processes.kill([program.pid, *processes.below(program.pid)])
        program.wait()


def test_a_worker_that_is_killed_comes_back(server):
    port, program = server
    _, worker = processes.below(program.pid)
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: not processes.is_alive(worker) and answers(port))
    assert program.poll() is None


def test_no_worker_outlives_the_main_process_and_keeps_its_port(server):
    port, program = server
    main, worker = processes.below(program.pid)
    os.kill(main, signal.SIGKILL)
    program.wait(timeout=SECONDS)
    eventually(lambda: not processes.is_alive(worker))
    assert is_free(port)
