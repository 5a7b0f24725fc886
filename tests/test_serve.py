"""The server's processes: a killed worker is replaced, and no worker outlives the main process."""

import os
import signal
import socket
import sys
import time

import pytest

from marquee.server import serve
from tests import processes
from tests.server import Server, free_port

SECONDS = 30


def eventually(is_so):
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def responds(port):
    """Say whether the server responds; a 404 needs no tables."""
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


def start(monkeypatch, *options, metrics_port=0):
    """Return the command that would run, or raise SystemExit."""
    commands = []
    monkeypatch.setattr(serve, "METRICS_PORT", metrics_port)
    monkeypatch.setattr(serve, "run", commands.append)
    monkeypatch.setattr("sys.argv", ["serve", *options])
    with pytest.raises(SystemExit) as end:
        serve.main()
    return commands[0] if commands else end.value.code


def test_a_host_may_be_a_name(monkeypatch):
    command = start(monkeypatch, "--host", "localhost", "--port", str(free_port()))
    assert command[command.index("--host") + 1] in {"127.0.0.1", "::1"}


def test_the_metrics_need_a_port_of_their_own(monkeypatch):
    port = free_port()
    assert "set METRICS_PORT to another" in start(
        monkeypatch, "--port", str(port), metrics_port=port
    )


# Ends by itself, or by a signal, and the second time because it was told to.
ENDS = """
import os, sys
with open(sys.argv[1], "a+") as starts:
    starts.write("x")
if os.path.getsize(sys.argv[1]) == 1:
    {}
"""


@pytest.mark.parametrize(
    ("seconds", "ends", "starts", "code"),
    [
        (0, "sys.exit(1)", 2, 0),
        (60, "sys.exit(1)", 1, 1),
        (0, "os.kill(os.getpid(), 11)", 2, 0),
        (60, "os.kill(os.getpid(), 11)", 1, -11),
        (60, "os.kill(os.getpid(), 9)", 2, 0),
    ],
    ids=["gave up", "never served", "crashed", "crashed at its start", "killed at its start"],
)
def test_a_server_that_had_served_or_was_killed_is_started_again(
    monkeypatch, tmp_path, capfd, seconds, ends, starts, code
):
    monkeypatch.setattr(serve, "SECONDS_TO_START", seconds)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    started = tmp_path / "starts"

    assert serve.run([sys.executable, "-c", ENDS.format(ends), str(started)]) == code
    assert started.stat().st_size == starts
    assert capfd.readouterr().err.count("is started again") == starts - 1


@pytest.fixture
def server(tmp_path):
    """A server on an empty database, and its first process."""
    server = Server({"DATABASE_URL": f"sqlite:///{tmp_path / 'marquee.sqlite3'}"})
    try:
        server.start(path="nowhere/")
        yield server, server.process
    finally:
        server.close()


def test_a_killed_worker_is_replaced(server):
    server, process = server
    _, worker = server.child_pids()
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: not processes.is_alive(worker) and responds(server.port))
    assert process.poll() is None


def test_a_killed_main_process_is_replaced_with_its_workers(server):
    server, process = server
    main, worker = server.child_pids()
    os.kill(main, signal.SIGKILL)
    eventually(lambda: not processes.is_alive(worker) and responds(server.port))
    assert process.poll() is None
    assert not {main, worker} & set(server.child_pids())


@pytest.mark.skipif(sys.platform != "linux", reason="Other systems have no such signal.")
@pytest.mark.parametrize("with_main", [False, True], ids=["alone", "with the main process"])
def test_nothing_outlives_a_killed_first_process_and_keeps_its_port(server, with_main):
    server, process = server
    others = server.child_pids()
    process.kill()
    if with_main:
        os.kill(others[0], signal.SIGKILL)
    eventually(lambda: not any(map(processes.is_alive, others)))
    assert is_free(server.port)
