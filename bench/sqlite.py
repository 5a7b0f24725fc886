"""SQLite: bookings and reads by 1 to 64 clients, every commit on the disk."""

import tempfile

from bench import dataset, load, workloads
from bench.interleaved_runs import InterleavedRuns
from bench.load import Measurement
from bench.report_section import Figure, Section, figure, number
from bench.session import Session, serving
from bench.workloads import Workloads
from tests.server import ROOT

TITLE = "SQLite"
DESCRIPTION = (
    "One process, a file on a disk, `synchronous=FULL` as the settings have it. CPU is that of the"
    " one process: the database is in it. The longest wait is that of all repeats."
)
CLIENTS = (1, 8, 32, 64)
SHOWS = 5_000
HEAD = ["", "a second", "CPU ms", "p50 ms", "p99 ms", "longest ms", "5xx", "memory MB"]


def run_count(runs: InterleavedRuns) -> int:
    """Return how many runs this benchmark takes."""
    return runs.total(2 * len(CLIENTS))


def run(session: Session) -> Section:
    """Measure bookings and availability in turn."""
    files = ROOT / "var" / "bench"
    files.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=files) as directory:
        url = f"sqlite:///{directory}/bench.sqlite3"
        data = dataset.create(url, shows=SHOWS)
        queue = Workloads(data, session.seed)
        reads = [load.request("GET", f"shows/{show}/availability/") for show in queue.shows[:1000]]
        with serving(url) as server:
            workloads.warm_up(server, data.one_show_per_auditorium)
            cases = {}
            for clients in CLIENTS:
                cases[f"booking, {_clients(clients)}"] = workloads.case(
                    server, None, queue.single, clients=clients
                )
                cases[f"availability, {_clients(clients)}"] = workloads.reads(
                    server, None, reads, clients=clients
                )
            measured = session.runs.run(cases)
    return _section(dict(sorted(measured.items(), key=lambda one: one[0].startswith("avail"))))


def _clients(number_: int) -> str:
    return "1 client" if number_ == 1 else f"{number_} clients"


def _section(measured: dict[str, Measurement]) -> Section:
    section = Section(TITLE, DESCRIPTION, measured=measured)
    section.tables.append([HEAD, *([name, *_cells(one)] for name, one in measured.items())])
    many = measured["booking, 32 clients"]
    section.figures = {
        "lock errors, 32 clients": Figure.of(_errors(many), map(_errors, many.repeats)),
        "longest wait s, 32 clients": figure(many, lambda one: one.longest / 1000),
    }
    # A 5xx is a figure here, with a column of its own, and a target.
    section.expect({"s2xx", "s503", "other"}, *measured)
    return section


def _errors(one: Measurement) -> int:
    return one.responses["s503"] + one.responses["other"]


def _cells(one: Measurement) -> list[str]:
    return [
        number(one.rate, 0), number(one.cpu_ms, 3), number(one.p50, 1), number(one.p99, 1),
        number(one.longest, 0), str(_errors(one)), number(one.memory_mb, 0),
    ]  # fmt: skip
