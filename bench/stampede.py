"""The sold-out stampede: 5,000 buyers want one seat each, and there are 300."""

from bench import load
from bench.dataset import STAMPEDES
from bench.interleaved_runs import Turns
from bench.load import CLIENTS, Measured
from bench.process_stats import Tree
from bench.report_section import Section, answers, number
from bench.session import Session, rows
from tests.server import Server

TITLE = "The stampede"
SAYS = (
    '5,000 customers, each once, ask for the best seat that is left (`{"tickets": [{}]}`), 64 at a'
    " time. What was sold is counted in the database."
)
AT_ONCE = 2 * CLIENTS
SECONDS_AT_MOST = 120
SEATS = 300
SOLD = "SELECT count(*) FROM seat_claim WHERE show_id = %s AND state = 'sold'"
HEAD = ["show", "sold", "answers", "a second", "CPU ms", "p50 ms", "p99 ms", "longest ms"]
BODY = b'{"tickets": [{}]}'


def runs(turns: Turns) -> int:
    """Return how many runs it takes."""
    return min(turns.repeats, STAMPEDES)


def run(session: Session) -> Section:
    """Sell out as many shows as there are repeats."""
    section = Section(TITLE, SAYS, [[HEAD]])
    sold: list[int] = []
    with session.serving() as server:
        for show in session.ground.stampedes[: session.turns.repeats]:
            name = f"{len(sold) + 1}"
            section.measured[name] = _stampede(session, server, show)
            sold.append(int(rows(session.url, SOLD, show)[0][0]))
            section.tables[0].append([name, str(sold[-1]), *_cells(section.measured[name])])
            session.turns.bar.update()
    section.figures = {
        # The one that is farthest from what it must be.
        "sold": max(sold, key=lambda count: abs(count - SEATS)),
        "p99": max(one.p99 for one in section.measured.values()),
        "unexpected answers": sum(_unexpected(one) for one in section.measured.values()),
    }
    section.expect({"s2xx", "s409"}, *section.measured)
    return section


def _stampede(session: Session, server: Server, show: int) -> Measured:
    path = f"shows/{show}/bookings/"
    requests = [load.request("POST", path, token, BODY) for token in session.orders.tokens]
    return load.run(
        server.address, requests, app=Tree(server.pid), database=session.database,
        seconds=SECONDS_AT_MOST, clients=AT_ONCE,
    )  # fmt: skip


def _unexpected(one: Measured) -> int:
    return one.requests - one.answers["s2xx"] - one.answers["s409"]


def _cells(one: Measured) -> list[str]:
    return [
        answers(one), number(one.rate, 0), number(one.cpu_ms, 3), number(one.p50, 1),
        number(one.p99, 1), number(one.longest, 0),
    ]  # fmt: skip
