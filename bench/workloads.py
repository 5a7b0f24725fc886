"""Requests for seats that nobody has asked for yet: what changes something can be sent once only.

A room's seats are shared out by their numbers, so that the cases keep out of each other's way:
single seats from the front, overlaps in two rows, fours from the back.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from bench import dataset, load
from bench.dataset import Ground
from bench.interleaved_runs import Case
from bench.load import CLIENTS, Measured
from bench.process_stats import Tree
from tests.server import Server

MOST_A_SECOND = 8_000  # requests that are laid ready; the limit of wrk and a server on two cores
FOR_READS = 200  # shows, the last ones, that only reads use
WARM_UPS, WARM_UP_SECONDS_AT_MOST = 20, 60
OVERLAPS_FROM, FOURS_FROM = 180, 220
OVERLAPS_A_ROW = 40  # requests for each row of 20 seats, more than it has room for


@dataclass(slots=True)
class Line:
    """Requests by number, each to be sent once; `at` is the next."""

    request: Callable[[int], bytes]
    end: int
    at: int = 0

    def taken(self, count: int) -> list[bytes]:
        """Return the next requests. Raises RuntimeError when there are none left."""
        if self.at >= self.end:
            raise RuntimeError("There are no seats left to ask for: fewer --repeats or --seconds.")
        return [self.request(n) for n in range(self.at, min(self.end, self.at + count))]


def case(
    server: Server, database: Tree | None, line: Line, *, clients: int = CLIENTS, share: int = 0
) -> Case:
    """Return a case that sends what is next in a line, not more than a share of it."""

    def run(seconds: int) -> Measured:
        requests = line.taken(min(seconds * MOST_A_SECOND, share or line.end))
        measured = load.run(
            server.address, requests, app=Tree(server.pid), database=database,
            seconds=seconds, clients=clients,
        )  # fmt: skip
        # When time was up, each client may have had a request under way.
        line.at += min(len(requests), measured.requests + 2 * clients)
        return measured

    return run


def reads(
    server: Server,
    database: Tree | None,
    requests: Sequence[bytes],
    *,
    clients: int = CLIENTS,
) -> Case:
    """Return a case that sends the same requests over and over."""
    return lambda seconds: load.run(
        server.address, requests, app=Tree(server.pid), database=database,
        seconds=seconds, clients=clients, again=True,
    )  # fmt: skip


def warm_up(server: Server, shows: Sequence[int]) -> None:
    """Read these shows until every process must have met each: it reads a room's plan only once."""
    requests = [load.request("GET", f"shows/{show}/availability/") for show in shows]
    load.run(
        server.address, requests * WARM_UPS, app=Tree(server.pid), database=None,
        seconds=WARM_UP_SECONDS_AT_MOST,
    )  # fmt: skip


def booking(show: int, seats: Sequence[str], token: str, *, hold: bool = False) -> bytes:
    """Return a request for these seats."""
    body: dict[str, object] = {"tickets": [{"seat": seat, "type": "adult"} for seat in seats]}
    if hold:
        body["hold"] = True
    return load.request("POST", f"shows/{show}/bookings/", token, json.dumps(body).encode())


class Orders:
    """The lines of the benchmarks that book on one ground."""

    def __init__(self, place: Ground, seed: int) -> None:
        self.shows = place.shows[:-FOR_READS]
        self.for_reads = place.shows[-FOR_READS:]
        self.hot_shows = place.hot
        self.tokens = list(place.tokens.values())
        self.labels = dataset.labels()
        self.hot_labels = dataset.labels(tuple(dataset.HOT_ROWS))
        self._rng = Random(seed)
        self._rng.shuffle(self.tokens)
        self.single = Line(self._single, len(self.shows) * OVERLAPS_FROM)
        self.four = Line(self._four, len(self.shows) * ((len(self.labels) - FOURS_FROM) // 4))
        self.hot = Line(self._hot, len(self.hot_shows) * len(self.hot_labels))
        rows = (FOURS_FROM - OVERLAPS_FROM) // 20
        self.overlap = Line(self._overlap, len(self.shows) * rows * OVERLAPS_A_ROW)

    def hold(self) -> Line:
        """Return a line of holds of single seats, from the end of theirs."""
        last = self.single.end - 1
        self.single.end -= self.single.end // 3
        return Line(lambda n: self._one(last - n, hold=True), last - self.single.end)

    def _token(self, n: int) -> str:
        return self.tokens[n % len(self.tokens)]

    def _single(self, n: int) -> bytes:
        return self._one(n, hold=False)

    def _one(self, n: int, *, hold: bool) -> bytes:
        round_, show = divmod(n, len(self.shows))
        return booking(self.shows[show], [self.labels[round_]], self._token(n), hold=hold)

    def _four(self, n: int) -> bytes:
        round_, show = divmod(n, len(self.shows))
        first = FOURS_FROM + 4 * round_
        return booking(self.shows[show], self.labels[first : first + 4], self._token(n))

    def _hot(self, n: int) -> bytes:
        show, seat = divmod(n, len(self.hot_labels))
        return booking(self.hot_shows[show], [self.hot_labels[seat]], self._token(n))

    def _overlap(self, n: int) -> bytes:
        """Two neighbours of a row that many ask for at once, in either order."""
        row, show = divmod(n // OVERLAPS_A_ROW, len(self.shows))
        first = OVERLAPS_FROM + 20 * row + self._rng.randrange(19)
        pair = [self.labels[first], self.labels[first + 1]]
        self._rng.shuffle(pair)
        return booking(self.shows[show], pair, self._token(n))
