"""Requests for seats that nobody has asked for yet: what changes something can be sent once only.

An auditorium's seats are shared out by their numbers, so that the cases keep out of each other's way:
single seats from the front, overlaps in two rows, fours from the back.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from bench import dataset, load
from bench.dataset import Dataset
from bench.interleaved_runs import Case
from bench.load import CLIENTS, Measurement
from bench.process_stats import ProcessTree
from tests.server import Server

MAX_PER_SECOND = 8_000  # requests that are laid ready; the limit of wrk and a server on two cores
READ_SHOWS = 200  # shows, the last ones, that only reads use
WARM_UPS, WARM_UP_SECONDS_AT_MOST = 20, 60
OVERLAPS_FROM, FOURS_FROM = 180, 220
OVERLAPS_PER_ROW = 40  # requests for each row of 20 seats, more than it has room for


@dataclass(slots=True)
class RequestQueue:
    """Requests by number, each to be sent once; `position` is the next."""

    request: Callable[[int], bytes]
    end: int
    position: int = 0

    def next_requests(self, count: int) -> list[bytes]:
        """Return the next requests. Raises RuntimeError when there are none left."""
        if self.position >= self.end:
            raise RuntimeError("There are no seats left to ask for: fewer --repeats or --seconds.")
        return [self.request(n) for n in range(self.position, min(self.end, self.position + count))]


def case(
    server: Server,
    database: ProcessTree | None,
    queue: RequestQueue,
    *,
    clients: int = CLIENTS,
    max_requests: int = 0,
) -> Case:
    """Return a case that sends what is next in a line, not more than a share of it."""

    def run(seconds: int) -> Measurement:
        requests = queue.next_requests(min(seconds * MAX_PER_SECOND, max_requests or queue.end))
        measured = load.run(
            server.address, requests, app=ProcessTree(server.pid), database=database,
            seconds=seconds, clients=clients,
        )  # fmt: skip
        # When time was up, each client may have had a request under way.
        queue.position += min(len(requests), measured.requests + 2 * clients)
        return measured

    return run


def reads(
    server: Server,
    database: ProcessTree | None,
    requests: Sequence[bytes],
    *,
    clients: int = CLIENTS,
) -> Case:
    """Return a case that sends the same requests over and over."""
    return lambda seconds: load.run(
        server.address, requests, app=ProcessTree(server.pid), database=database,
        seconds=seconds, clients=clients, repeat=True,
    )  # fmt: skip


def warm_up(server: Server, shows: Sequence[int]) -> None:
    """Read these shows until every process must have met each: it reads an auditorium's plan only once."""
    requests = [load.request("GET", f"shows/{show}/availability/") for show in shows]
    load.run(
        server.address, requests * WARM_UPS, app=ProcessTree(server.pid), database=None,
        seconds=WARM_UP_SECONDS_AT_MOST,
    )  # fmt: skip


def booking(show: int, seats: Sequence[str], token: str, *, hold: bool = False) -> bytes:
    """Return a request for these seats."""
    body: dict[str, object] = {"tickets": [{"seat": seat, "type": "adult"} for seat in seats]}
    if hold:
        body["hold"] = True
    return load.request("POST", f"shows/{show}/bookings/", token, json.dumps(body).encode())


class Workloads:
    """The lines of the benchmarks that book on one ground."""

    def __init__(self, data: Dataset, seed: int) -> None:
        self.shows = data.shows[:-READ_SHOWS]
        self.for_reads = data.shows[-READ_SHOWS:]
        self.hot_shows = data.hot
        self.tokens = list(data.tokens.values())
        self.labels = dataset.labels()
        self.hot_labels = dataset.labels(tuple(dataset.HOT_ROWS))
        self._rng = Random(seed)
        self._rng.shuffle(self.tokens)
        self.single = RequestQueue(self._single, len(self.shows) * OVERLAPS_FROM)
        self.four = RequestQueue(
            self._four, len(self.shows) * ((len(self.labels) - FOURS_FROM) // 4)
        )
        self.hot = RequestQueue(self._hot, len(self.hot_shows) * len(self.hot_labels))
        rows = (FOURS_FROM - OVERLAPS_FROM) // 20
        self.overlap = RequestQueue(self._overlap, len(self.shows) * rows * OVERLAPS_PER_ROW)

    def hold(self) -> RequestQueue:
        """Return a line of holds of single seats, from the end of theirs."""
        last = self.single.end - 1
        self.single.end -= self.single.end // 3
        return RequestQueue(lambda n: self._one(last - n, hold=True), last - self.single.end)

    def _token(self, n: int) -> str:
        return self.tokens[n % len(self.tokens)]

    def _single(self, n: int) -> bytes:
        return self._one(n, hold=False)

    def _one(self, n: int, *, hold: bool) -> bytes:
        row_number, show = divmod(n, len(self.shows))
        return booking(self.shows[show], [self.labels[row_number]], self._token(n), hold=hold)

    def _four(self, n: int) -> bytes:
        row_number, show = divmod(n, len(self.shows))
        first = FOURS_FROM + 4 * row_number
        return booking(self.shows[show], self.labels[first : first + 4], self._token(n))

    def _hot(self, n: int) -> bytes:
        show, seat = divmod(n, len(self.hot_labels))
        return booking(self.hot_shows[show], [self.hot_labels[seat]], self._token(n))

    def _overlap(self, n: int) -> bytes:
        """Two neighbours of a row that many ask for at once, in either order."""
        row, show = divmod(n // OVERLAPS_PER_ROW, len(self.shows))
        first = OVERLAPS_FROM + 20 * row + self._rng.randrange(19)
        pair = [self.labels[first], self.labels[first + 1]]
        self._rng.shuffle(pair)
        return booking(self.shows[show], pair, self._token(n))
