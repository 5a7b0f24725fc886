"""Reading: seat maps, availability, lists, one's own bookings; and logging in, which is Argon2."""

import json
from collections.abc import Iterator
from urllib.request import urlopen

from bench import dataset, load, workloads
from bench.interleaved_runs import InterleavedRuns
from bench.process_stats import ProcessTree
from bench.report_section import Section, cpu, figure, table
from bench.session import Session, rows
from tests.server import Server

TITLE = "Reading"
DESCRIPTION = (
    "32 clients, the same requests over and over: 200 shows in auditoriums of 300 seats, of which a third"
    " is taken. 304: the client sends the `ETag` that it has, and it still holds."
)
MAP, AVAILABILITY = "seat map, 300 seats", "availability"
UNCHANGED_MAP, UNCHANGED = "seat map, 304", "availability, 304"
MOVIES, DAY = "list of movies", "shows of a day"
EVERY = 3  # one seat of three is taken
CASES = 10


def run_count(runs: InterleavedRuns) -> int:
    """Return how many runs this benchmark takes."""
    return runs.total(CASES)


def run(session: Session) -> Section:
    """Sell a third of the seats, then measure all reads in turn."""
    with session.serving() as server:
        sell(server, session, list(_thirds(session)))
        requests = _requests(session, server)
        measured = session.runs.run(
            {
                name: workloads.reads(server, session.database, ones)
                for name, ones in requests.items()
            },
            before_measuring=session.before_measuring,
        )
    section = Section(TITLE, DESCRIPTION, [table(measured)], measured=measured)
    section.figures = {f"{name}: CPU": figure(one, cpu) for name, one in measured.items()}
    section.expect({"s2xx"}, *(set(measured) - {UNCHANGED, UNCHANGED_MAP}))
    section.expect({"s304"}, UNCHANGED, UNCHANGED_MAP)
    return section


def sell(server: Server, session: Session, requests: list[bytes]) -> None:
    """Send each of these bookings once. Raises RuntimeError when one is refused."""
    sold = load.run(
        server.address,
        requests,
        app=ProcessTree(server.pid),
        database=session.database,
        seconds=60,
        clients=4,
    )
    if sold.responses["s2xx"] != len(requests):
        raise RuntimeError(f"Seats were to be sold before measuring: {sold.responses}")


def _thirds(session: Session) -> Iterator[bytes]:
    taken = dataset.labels()[::EVERY]
    query = "SELECT DISTINCT show_id FROM booking WHERE show_id = ANY(%s)"
    known = {show for (show,) in rows(session.url, query, session.workloads.for_reads)}
    for n, show in enumerate(session.workloads.for_reads):
        if show not in known:
            yield workloads.booking(show, taken, session.workloads.tokens[n])


def _requests(session: Session, server: Server) -> dict[str, list[bytes]]:
    shows = session.workloads.for_reads
    movies = [movie for (movie,) in rows(session.url, "SELECT id FROM movie ORDER BY id")]
    return {
        MAP: [_get(f"shows/{show}/seats/") for show in shows],
        UNCHANGED_MAP: [_again(server, f"shows/{show}/seats/") for show in shows],
        AVAILABILITY: [_get(f"shows/{show}/availability/") for show in shows],
        UNCHANGED: [_again(server, f"shows/{show}/availability/") for show in shows],
        "one show": [_get(f"shows/{show}/") for show in shows],
        MOVIES: [_get("movies/")],
        DAY: [_get(f"shows/?date={session.data.day}")],
        "shows of a movie": [_get(f"movies/{movie}/shows/") for movie in movies],
        "my bookings": [load.request("GET", "bookings/", one) for one in session.workloads.tokens],
        "login (Argon2)": [_login(n) for n in range(200)],
    }


def _get(path: str) -> bytes:
    return load.request("GET", path)


def _again(server: Server, path: str) -> bytes:
    """Return a request by a client that has read this before."""
    with urlopen(f"{server.address}/api/v1/{path}", timeout=30) as response:
        return load.request("GET", path, If_None_Match=response.headers["ETag"])


def _login(number: int) -> bytes:
    who = {"email": f"customer{number}@example.com", "password": dataset.PASSWORD}
    return load.request("POST", "auth/login/", body=json.dumps(who).encode())
