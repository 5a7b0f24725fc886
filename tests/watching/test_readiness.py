"""`/readyz` of a server whose database hangs: an answer within seconds, by one thread however many ask."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import connection

from marquee.server import probes, readiness
from marquee.server.readiness import Readiness
from marquee.server.rsgi import Front
from tests.factories import make_show, make_user
from tests.races import server
from tests.server import HOST, ROOT
from tests.test_environ import Scope
from tests.test_serve import eventually
from tests.test_slow_clients import book

WRITABLE = probes.UNREACHABLE | {"database": "writable"}
# As a database whose process is stopped: connections are accepted, and nothing is said.
FORWARDS = """
import sys, time
from prove.faults.proxy import Proxy
with Proxy(int(sys.argv[1]), lambda *_: False, 0) as proxy:
    print(proxy.port, flush=True)
    time.sleep(1000)
"""


@pytest.fixture
def hanging(monkeypatch):
    """A database that says nothing until it is released; the list of who asked it."""
    released, asked = Event(), []

    def hang():
        asked.append(threading.current_thread())
        released.wait()
        return WRITABLE

    monkeypatch.setattr(readiness, "SECONDS", 0.1)
    monkeypatch.setattr(probes, "database_state", hang)
    yield released, asked
    released.set()


def test_a_database_that_hangs_is_asked_by_one_thread_and_keeps_no_probe_waiting(hanging):
    released, asked = hanging

    async def probe_it():
        one = Readiness()
        first = await asyncio.gather(*(one.state() for _ in range(5)))
        later = await one.state()
        released.set()
        await asyncio.to_thread(asked[0].join)
        return [*first, later], await one.state()

    down, up = asyncio.run(probe_it())
    assert {status for status, _ in down} == {503}
    assert all(state == probes.UNREACHABLE | {"status": "not ready"} for _, state in down)
    assert up == (200, WRITABLE | {"status": "ready"})
    assert len(asked) == 2


def test_a_check_that_fails_is_logged_and_not_ready(monkeypatch, caplog):
    monkeypatch.setattr(probes, "database_state", lambda: 1 / 0)
    assert asyncio.run(Readiness().state())[0] == 503
    assert "The database could not be asked" in caplog.text


class Protocol:
    """Takes the response."""

    def response_str(self, status, headers, text):
        self.sent = status, text.encode(), {name.lower(): value for name, value in headers}


@pytest.mark.django_db(transaction=True)  # SQLite has one writer
def test_the_loop_answers_as_the_view_does(client):
    protocol = Protocol()
    asyncio.run(Front(None, None).__rsgi__(Scope("/readyz"), protocol))

    usual = client.get("/readyz")
    status, body, headers = protocol.sent
    assert (status, body) == (usual.status_code, usual.content)
    assert headers.pop("connection") == "close"
    assert headers == {name.lower(): value for name, value in usual.headers.items()}


@contextmanager
def forwarder(port):
    """Run a process that forwards connections to a port of ours; yield it, and the port where it listens."""
    command = [sys.executable, "-c", FORWARDS, str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def get(port, path, timeout=30):
    """Return the status of a response, and how long it took."""
    started = time.monotonic()
    with closing(HTTPConnection(HOST, port, timeout=timeout)) as line:
        line.request("GET", path)
        return line.getresponse().status, time.monotonic() - started


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite does not hang so.")
def test_a_database_that_hangs_in_a_statement_is_a_503_and_nothing_hangs_after_it():
    at = connection.settings_dict
    show, user = make_show(), make_user()
    with forwarder(at["PORT"]) as (database, port):
        url = server.database_url().replace(f":{at['PORT']}/", f":{port}/")
        with server.running(DATABASE_URL=url) as running:
            assert book(running.port, user, show, "A1") == 201
            database.send_signal(signal.SIGSTOP)
            # More than all threads.
            path = f"/api/v1/shows/{show.pk}/availability/"
            waiting = [Thread(target=get, args=[running.port, path, 60]) for _ in range(12)]
            for thread in waiting:
                thread.start()
            time.sleep(0.5)
            answers = [get(running.port, "/readyz") for _ in range(4)]
            assert get(running.port, "/healthz")[0] == 200
            threads = [
                len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in running.child_pids()
            ]
            database.send_signal(signal.SIGCONT)
            for thread in waiting:
                thread.join()
            assert {status for status, _ in answers} == {503}
            assert max(seconds for _, seconds in answers) < 2 * readiness.SECONDS
            assert max(threads) < 20
            assert book(running.port, user, show, "A2") == 201
            # Once the thread that asked has given up: a connection that is being made has five seconds.
            eventually(lambda: get(running.port, "/readyz")[0] == 200)
