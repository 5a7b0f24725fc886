"""`/metrics`: scraped from a server whose workers are killed, and what the dashboard and the alerts ask of it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml
from django.conf import settings
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from marquee.server import database_metrics, exporter
from marquee.server.database_metrics import DatabaseCollector, EventCounts
from marquee.worker import heartbeat
from tests import processes
from tests.factories import book_seats, expire_hold, make_show, make_user
from tests.server import Server, free_port

ROOT = Path(__file__).parents[2]
OPERATING = ROOT / "docs/operating"
NOWHERE = "/api/v1/nowhere/"
CLIENTS, KILLS, SECONDS = 4, 2, 120
# granian takes the end of a worker within 5.5 s of its start for a crash loop, and stops.
SECONDS_TO_LIVE = 7


def scrape(port):
    """Return the value of each sample, by its name and labels."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as response:
        families = text_string_to_metric_families(response.read().decode())
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }


class Visitor(threading.Thread):
    """Asks again and again, at leisure unless in a hurry; counts what was answered, and what broke meanwhile."""

    def __init__(self, port, stop, hurry):
        super().__init__(daemon=True)
        self.port, self.stop, self.hurry, self.answered, self.broken = port, stop, hurry, 0, 0

    def run(self):
        while not self.stop.is_set():
            self.hurry.wait(0.2)
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as line:
                try:
                    line.connect()
                except OSError:
                    continue
                try:
                    line.request("GET", NOWHERE)
                    assert line.getresponse().read()
                    self.answered += 1
                except (OSError, HTTPException):
                    self.broken += 1


@pytest.fixture(scope="module")
def scraped(tmp_path_factory):
    """Kill workers under load while scraping; return the scrapes, and how many were answered or broken."""
    url = f"sqlite:///{tmp_path_factory.mktemp('watched') / 'marquee.sqlite3'}"
    environment = {
        "DATABASE_URL": url,
        "METRICS_PORT": str(free_port()),
        "METRICS_ADDRESS": "127.0.0.1",
    }
    for command in (["migrate", "-v0"], ["run_worker", "--once"]):
        manage = [sys.executable, "manage.py", *command]
        subprocess.run(manage, cwd=ROOT, env=os.environ | environment, check=True)
    server = Server(environment)
    try:
        server.start()
        yield kill_workers(server, int(environment["METRICS_PORT"]))
    finally:
        server.close()


def kill_workers(server, port):
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as line:
        for path in ("/api/v1/me/", NOWHERE):
            line.request("GET", path)
            line.getresponse().read()
    stop, hurry, scrapes = threading.Event(), threading.Event(), [scrape(port)]
    visitors = [Visitor(server.port, stop, hurry) for _ in range(CLIENTS)]
    for visitor in visitors:
        visitor.start()
    try:
        for _ in range(KILLS):
            (worker,) = wait_for_worker(server)
            hurry.clear()
            time.sleep(SECONDS_TO_LIVE)
            hurry.set()
            wait_until_more(scrapes, port)
            os.kill(worker, signal.SIGKILL)
            processes.await_end([worker])
            scrapes.append(scrape(port))
        wait_until_more(scrapes, port)
    finally:
        stop.set()
    for visitor in visitors:
        visitor.join()
    scrapes.append(scrape(port))
    answered = sum(one.answered for one in visitors)
    # The first request to it came before theirs.
    answered += 1
    return scrapes, answered, answered + sum(one.broken for one in visitors)


def wait_for_worker(server):
    deadline = time.monotonic() + SECONDS
    while len(found := server.child_pids()[1:]) != 1:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def wait_until_more(scrapes, port, more=50):
    deadline, before = time.monotonic() + SECONDS, counted(scrapes[-1])
    while counted(scrapes[-1]) < before + more:
        assert time.monotonic() < deadline
        scrapes.append(scrape(port))
        time.sleep(0.05)


def counted(samples, name="marquee_requests_total"):
    """Return how many requests to an unknown URL were counted."""
    return sum(
        value
        for (sample, labels), value in samples.items()
        if sample == name and ("route", "no route") in labels
    )


def test_counters_equal_the_requests_answered_though_workers_are_killed(scraped):
    scrapes, answered, sent = scraped
    # One that a killed worker had answered, but not sent, may be counted.
    assert answered <= counted(scrapes[-1]) <= sent
    # A thread may be killed between the two.
    timed = counted(scrapes[-1], "marquee_request_seconds_count")
    assert 0 <= counted(scrapes[-1]) - timed <= KILLS * settings.THREADS


def test_no_counter_ever_goes_down(scraped):
    scrapes, *_ = scraped
    for before, after in pairwise(scrapes):
        for (name, labels), value in before.items():
            if name.endswith(("_total", "_count", "_sum", "_bucket")):
                assert after[name, labels] >= value, (name, labels)


def test_metrics_are_not_served_where_customers_are(scraped, client):
    assert client.get("/metrics").status_code == 404


def queries():
    """Yield each query of the dashboard and the alerts, with where it stands."""
    dashboard = json.loads((OPERATING / "grafana-dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield f"dashboard: {panel['title']}", target["expr"]
    alerts = yaml.safe_load((OPERATING / "prometheus-alerts.yml").read_text())
    for group in alerts["groups"]:
        for rule in group["rules"]:
            yield f"alert: {rule['alert']}", rule["expr"]


# `name{label="value"}`, `by (label)` and `without (label)` of PromQL.
METRIC = re.compile(r"\b(marquee_\w+|up)\b(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\b(?:by|without|on)\s*\(([^)]*)\)")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
# Prometheus gives each target these.
OF_PROMETHEUS = {"job", "instance"}


@pytest.mark.parametrize(("where", "query"), list(queries()))
def test_every_query_names_metrics_and_labels_of_a_real_scrape(scraped, where, query):
    samples = scraped[0][-1]
    names = {name for name, _ in samples} | {"up"}
    found = METRIC.findall(query)
    assert found
    labels = set(OF_PROMETHEUS)
    for name, matchers in found:
        assert name in names, where
        labels |= {key for sample, pairs in samples if sample == name for key, _ in pairs}
        for label, operator, value in MATCHER.findall(matchers):
            known = {
                dict(pairs)[label]
                for sample, pairs in samples
                if sample == name and label in dict(pairs)
            }
            assert known | (OF_PROMETHEUS & {label}), (where, label)
            if operator == "=" and label not in {"status", "code", "route", "method", "job"}:
                assert value in known, (where, value)
    for grouped in GROUPED.findall(query):
        assert {word.strip() for word in grouped.split(",")} <= labels, where


def test_queries_have_balanced_parentheses():
    for where, query in queries():
        assert query.count("(") == query.count(")"), where


def test_every_metric_of_ours_is_on_the_dashboard_or_in_an_alert(scraped):
    asked = " ".join(query for _, query in queries())
    for name, _ in scraped[0][-1]:
        base = re.sub(r"_(count|sum|bucket|created)$", "", name)
        assert base in asked, name


# --- What is read from the database --------------------------------------------------------------------


def values(collector):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for metric in collector.collect()
        for sample in metric.samples
    }


class SameThread:
    """Runs a function in the thread of the test, which has the transaction."""

    def __init__(self, target, args, daemon):
        self.start = lambda: target(*args)

    def join(self, timeout):
        pass

    def is_alive(self):
        return False


@pytest.fixture
def collector(monkeypatch):
    monkeypatch.setattr(database_metrics.connections, "close_all", lambda: None)
    monkeypatch.setattr(database_metrics, "Thread", SameThread)
    return DatabaseCollector()


@pytest.mark.django_db
def test_holds_claims_queues_and_the_worker_are_read_from_the_database(collector):
    show, alice = make_show(), make_user()
    heartbeat.note()
    assert values(collector)["marquee_holds",] == 0
    book_seats(alice, show, "A1", "A2")
    book_seats(alice, show, "A3", hold=True)
    expire_hold(book_seats(alice, show, "A4", hold=True), seconds=-120)

    found = values(collector)

    assert found["marquee_database_up",] == 1
    assert found["marquee_holds",] == 1
    assert 119 < found["marquee_expired_holds_seconds",] < 300
    assert (found["marquee_claims", "sold"], found["marquee_claims", "held"]) == (2, 2)
    assert found["marquee_booking_events_total", "held"] == 2
    assert found["marquee_booking_events_total", "confirmed"] == 1
    assert (found["marquee_mails_waiting",], found["marquee_mail_wait_seconds",]) == (0, 0)
    assert found["marquee_worker_age_seconds",] < 60


@pytest.mark.django_db
def test_events_count_from_the_start_of_the_server_not_from_the_first_scrape(
    collector, monkeypatch, tmp_path
):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    registry = exporter.registry()
    book_seats(make_user(), make_show(), "A1")

    assert values(registry)["marquee_booking_events_total", "confirmed"] == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("collector")
def test_a_process_that_was_killed_as_it_made_its_file_breaks_no_scrape(monkeypatch, tmp_path):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    (tmp_path / "counter_17.db").touch()

    assert values(exporter.registry())["marquee_database_up",] == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("collector")
def test_a_scrape_that_is_half_sent_is_given_up_and_nothing_is_logged(monkeypatch, capfd):
    monkeypatch.setattr(exporter, "SECONDS_TO_SEND", 0.1)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")  # to be restored
    with (
        exporter.serving("127.0.0.1", port := free_port()),
        socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as line,
    ):
        line.sendall(b"GET /metrics HTTP/1.1\r\n")
        assert line.recv(1) == b""
    assert capfd.readouterr().err == ""


@pytest.mark.django_db
def test_a_worker_that_never_ran_has_no_age(collector):
    assert ("marquee_worker_age_seconds",) not in values(collector)


def test_a_database_that_is_down_leaves_the_other_metrics(collector, monkeypatch):
    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(database_metrics, "waiting_mails", away)
    assert values(collector) == {("marquee_database_up",): 0}


def test_a_database_that_hangs_keeps_no_scrape_waiting(monkeypatch):
    released, readers = threading.Event(), []

    class Reader(threading.Thread):
        def start(self):
            readers.append(self)
            super().start()

    def hang():
        released.wait()
        raise OperationalError("gone")

    monkeypatch.setattr(database_metrics, "Thread", Reader)
    monkeypatch.setattr(database_metrics, "SECONDS_TO_READ", 0.05)
    monkeypatch.setattr(database_metrics, "waiting_mails", hang)
    monkeypatch.setattr(database_metrics.connections, "close_all", lambda: None)
    collector = DatabaseCollector()
    try:
        assert values(collector) == values(collector) == {("marquee_database_up",): 0}
    finally:
        released.set()
        for reader in readers:  # before `waiting_mails` is Marquee's own again
            reader.join()


class History:
    """Events that are visible, by their ids."""

    def __init__(self):
        self.ids = set()

    def last_event_id(self):
        return max(self.ids, default=0)

    def count_events(self, *, after, up_to=10**9):
        return Counter("held" for number in self.ids if after < number <= up_to)


def test_an_event_that_commits_after_later_ones_is_counted_once(monkeypatch):
    history, counts, now = History(), EventCounts(), [0.0]
    monkeypatch.setattr(database_metrics, "queries", history)
    monkeypatch.setattr(database_metrics.time, "monotonic", lambda: now[0])
    assert counts.read()["held"] == 0
    for at, visible, expected in (
        (10, {1, 3}, 2), (20, {1, 2, 3}, 3), (90, {1, 2, 3, 4}, 4), (200, {1, 2, 3, 4, 5}, 5),
    ):  # fmt: skip
        now[0], history.ids = float(at), visible
        assert counts.read()["held"] == expected
