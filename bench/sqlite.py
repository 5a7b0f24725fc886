"""SQLite: bookings and reads by 1 to 64 clients, every commit on the disk."""

import tempfile

from bench import dataset, load, workloads
from bench.interleaved_runs import Turns
from bench.load import Measured
from bench.report_section import Section, number
from bench.session import Session, serving
from bench.workloads import Orders
from tests.server import ROOT

TITLE = "SQLite"
SAYS = (
    "One process, a file on a disk, `synchronous=FULL` as the settings have it. CPU is that of the"
    " one process: the database is in it. The longest wait is that of all repeats."
)
CLIENTS = (1, 8, 32, 64)
SHOWS = 5_000
HEAD = ["", "a second", "CPU ms", "p50 ms", "p99 ms", "longest ms", "5xx", "memory MB"]


def runs(turns: Turns) -> int:
    """Return how many runs it takes."""
    return turns.count(2 * len(CLIENTS))


def run(session: Session) -> Section:
    """Measure bookings and availability in turn."""
    files = ROOT / "var" / "bench"
    files.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=files) as directory:
        url = f"sqlite:///{directory}/bench.sqlite3"
        place = dataset.lay(url, shows=SHOWS)
        line = Orders(place, session.seed)
        reads = [load.request("GET", f"shows/{show}/availability/") for show in line.shows[:1000]]
        with serving(url) as server:
            workloads.warm_up(server, place.rooms)
            cases = {}
            for clients in CLIENTS:
                cases[f"booking, {_clients(clients)}"] = workloads.case(
                    server, None, line.single, clients=clients
                )
                cases[f"availability, {_clients(clients)}"] = workloads.reads(
                    server, None, reads, clients=clients
                )
            measured = session.turns.run(cases)
    return _section(dict(sorted(measured.items(), key=lambda one: one[0].startswith("avail"))))


def _clients(number_: int) -> str:
    return "1 client" if number_ == 1 else f"{number_} clients"


def _section(measured: dict[str, Measured]) -> Section:
    section = Section(TITLE, SAYS, measured=measured)
    section.tables.append([HEAD, *([name, *_cells(one)] for name, one in measured.items())])
    many = measured["booking, 32 clients"]
    section.figures = {
        "lock errors, 32 clients": _errors(many),
        "longest wait s, 32 clients": many.longest / 1000,
    }
    # A 5xx is a figure here, with a column of its own, and a target.
    section.expect({"s2xx", "s503", "other"}, *measured)
    return section


def _errors(one: Measured) -> int:
    return one.answers["s503"] + one.answers["other"]


def _cells(one: Measured) -> list[str]:
    return [
        number(one.rate, 0), number(one.cpu_ms, 3), number(one.p50, 1), number(one.p99, 1),
        number(one.longest, 0), str(_errors(one)), number(one.memory_mb, 0),
    ]  # fmt: skip
