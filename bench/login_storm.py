"""Bookings beside 200 clients that log in at once: what ARGON2_AT_ONCE is chosen by.

    python -m bench.login_storm [--seconds 10] [--repeats 3] [--at-once 0 1 2 3]

Each client logs in again and again, and waits as `Retry-After` says. Meanwhile 100 single seats a second
are booked, whatever the earlier responses take: a booking's time counts from when it was due. The
variants take turns on one PostgreSQL, beside bookings without any login. It prints the table of
docs/decisions/0025.
"""

import argparse
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from itertools import count
from statistics import median, quantiles
from threading import Thread
from urllib.parse import urlsplit

from bench import dataset, workloads
from bench.dataset import ENVIRONMENT
from bench.workloads import RequestQueue, Workloads
from tests import postgres
from tests.server import running

SHOWS, CLIENTS = 1_000, 200
BOOKINGS_A_SECOND, BOOKING_CLIENTS = 100, 16
WITHOUT_LOGINS = "none"
HEAD = (
    "| `ARGON2_AT_ONCE` | booking p50 ms | p99 ms | longest ms | logins a second | refused (503) "
    "| all 200 in after | login p50 |\n|---|---:|---:|---:|---:|---:|---:|---:|"
)


@dataclass
class Bookings:
    """Single seats booked at a steady rate: how long each took from when it was due, in seconds."""

    requests: Iterator[bytes]
    began: float
    until: float
    seconds: list[float] = field(default_factory=list)
    other: int = 0  # responses that are no 201

    def client(self, address: str, number: int) -> None:
        """Send every so many'th booking when it is due, or as soon as the one before is answered."""
        connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        connection.connect()
        for turn in count():
            due = self.began + (turn * BOOKING_CLIENTS + number) / BOOKINGS_A_SECOND
            if due > self.until:
                return
            time.sleep(max(0.0, due - time.monotonic()))
            connection.sock.sendall(next(self.requests))
            response = HTTPResponse(connection.sock)
            response.begin()
            response.read()
            self.seconds.append(time.monotonic() - due)
            self.other += response.status != 201


@dataclass
class Logins:
    """What 200 clients got: seconds from the first try to the tokens, and how many refusals."""

    until: float
    seconds: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)  # of each client, its first login
    refused: int = 0
    other: int = 0

    def client(self, address: str, number: int) -> None:
        """Log in again and again until the end, as a polite client does."""
        connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        body = json.dumps({"email": f"customer{number}@example.com", "password": dataset.PASSWORD})
        is_first = True
        while time.monotonic() < self.until:
            began = time.monotonic()
            if not self._log_in(connection, body):
                return
            took = time.monotonic() - began
            self.seconds.append(took)
            if is_first:
                self.first.append(took)
            is_first = False

    def _log_in(self, connection: HTTPConnection, body: str) -> bool:
        """Log in, after as many tries as it takes; return False if the time is over before."""
        headers = {"Content-Type": "application/json"}
        while True:
            connection.request("POST", "/api/v1/auth/login/", body, headers)
            response = connection.getresponse()
            response.read()
            if response.status == 200:
                return True
            self.refused += response.status == 503
            self.other += response.status != 503
            pause = float(response.getheader("Retry-After") or 1)
            if time.monotonic() + pause > self.until:
                return False
            time.sleep(pause)


def run(
    url: str, queue: RequestQueue, variant: str, warm_up: Sequence[int], seconds: int
) -> tuple[Bookings, Logins]:
    """Return what bookings and logins met under a variant."""
    at_once = "0" if variant == WITHOUT_LOGINS else variant
    environment = ENVIRONMENT | {"DATABASE_URL": url, "ARGON2_AT_ONCE": at_once}
    environment |= {"REFRESH_LIMIT": "0", "LOGIN_CEILING": "0"}
    with running(environment) as server:
        workloads.warm_up(server, warm_up)
        requests = queue.next_requests(BOOKINGS_A_SECOND * (seconds + 2))
        queue.position += len(requests)
        now = time.monotonic()
        bookings = Bookings(iter(requests), now + 1, now + 1 + seconds)
        logins = Logins(until=now + 1 + seconds)
        storm = 0 if variant == WITHOUT_LOGINS else CLIENTS
        threads = [
            Thread(target=what.client, args=(server.address, number), daemon=True)
            for what, clients in ((bookings, BOOKING_CLIENTS), (logins, storm))
            for number in range(clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
    return bookings, logins


def row(variant: str, runs: Sequence[tuple[Bookings, Logins]], seconds: int) -> str:
    """Return a line of the table: medians of the runs."""

    def middle(values: Iterable[float], digits: int = 0) -> str:
        return f"{median(values):,.{digits}f}"

    cells = [
        "without logins" if variant == WITHOUT_LOGINS else f"`{variant}`",
        middle((median(one.seconds) * 1000 for one, _ in runs), 1),
        middle((quantiles(one.seconds, n=100)[-1] * 1000 for one, _ in runs), 1),
        middle(max(one.seconds) * 1000 for one, _ in runs),
    ]
    if variant == WITHOUT_LOGINS:
        return f"| {' | '.join(cells)} | | | | |"
    in_time = [logins for _, logins in runs if len(logins.first) == CLIENTS]
    cells += [
        middle(len(logins.seconds) / seconds for _, logins in runs),
        middle(logins.refused for _, logins in runs),
        f"{median(max(logins.first) for logins in in_time):.1f} s" if in_time else "not in time",
        f"{median(median(logins.seconds) for _, logins in runs):.1f} s",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure all variants in turns, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.login_storm", description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--at-once", nargs="+", default=["0", "1", "2", "3"])
    options = parser.parse_args()
    runs: dict[str, list[tuple[Bookings, Logins]]] = {}
    with postgres.running(durable=True, by_socket=True) as url:
        data = dataset.create(url, shows=SHOWS)
        queue = Workloads(data, seed=1).single
        for _ in range(options.repeats):
            for variant in [WITHOUT_LOGINS, *options.at_once]:
                one = run(url, queue, variant, data.one_show_per_auditorium, options.seconds)
                runs.setdefault(variant, []).append(one)
                print(row(variant, [one], options.seconds), one[0].other + one[1].other, flush=True)
    print(HEAD, *(row(name, ones, options.seconds) for name, ones in runs.items()), sep="\n")


if __name__ == "__main__":
    main()
