"""The sold-out stampede: 5,000 buyers want one seat each, and there are 300."""

from bench import load
from bench.dataset import STAMPEDE_SHOWS
from bench.interleaved_runs import InterleavedRuns
from bench.load import CLIENTS, Measurement
from bench.process_stats import ProcessTree
from bench.report_section import Figure, Section, number, responses
from bench.session import Session, rows
from tests.server import Server

TITLE = "The stampede"
DESCRIPTION = (
    '5,000 customers, each once, ask for the best seat that is left (`{"tickets": [{}]}`), 64 at a'
    " time. What was sold is counted in the database."
)
AT_ONCE = 2 * CLIENTS
SECONDS_AT_MOST = 120
SEATS = 300
SOLD = "SELECT count(*) FROM seat_claim WHERE show_id = %s AND state = 'sold'"
HEAD = ["show", "sold", "responses", "a second", "CPU ms", "p50 ms", "p99 ms", "longest ms"]
BODY = b'{"tickets": [{}]}'


def run_count(runs: InterleavedRuns) -> int:
    """Return how many runs this benchmark takes."""
    return min(runs.repeats, STAMPEDE_SHOWS)


def run(session: Session) -> Section:
    """Sell out as many shows as there are repeats."""
    section = Section(TITLE, DESCRIPTION, [[HEAD]])
    sold: list[int] = []
    with session.serving() as server:
        for show in session.data.stampedes[: session.runs.repeats]:
            name = f"{len(sold) + 1}"
            section.measured[name] = _stampede(session, server, show)
            sold.append(int(rows(session.url, SOLD, show)[0][0]))
            section.tables[0].append([name, str(sold[-1]), *_cells(section.measured[name])])
            session.runs.bar.update()
    slowest = [one.p99 for one in section.measured.values()]
    section.figures = {
        # The one that is farthest from what it must be.
        "sold": Figure.of(max(sold, key=lambda count: abs(count - SEATS)), sold),
        "p99": Figure.of(max(slowest), slowest),
        "unexpected responses": _exactly(sum(map(_unexpected, section.measured.values()))),
    }
    section.expect({"s2xx", "s409"}, *section.measured)
    return section


def _exactly(value: float) -> Figure:
    return Figure(value, value, value)


def _stampede(session: Session, server: Server, show: int) -> Measurement:
    path = f"shows/{show}/bookings/"
    requests = [load.request("POST", path, token, BODY) for token in session.workloads.tokens]
    return load.run(
        server.address, requests, app=ProcessTree(server.pid), database=session.database,
        seconds=SECONDS_AT_MOST, clients=AT_ONCE,
    )  # fmt: skip


def _unexpected(one: Measurement) -> int:
    return one.requests - one.responses["s2xx"] - one.responses["s409"]


def _cells(one: Measurement) -> list[str]:
    return [
        responses(one), number(one.rate, 0), number(one.cpu_ms, 3), number(one.p50, 1),
        number(one.p99, 1), number(one.longest, 0),
    ]  # fmt: skip
