"""Booking: one seat and four, spread and on one hot show, seats that many want; holds; cancelling."""

from bench import load, workloads
from bench.interleaved_runs import Case, InterleavedRuns
from bench.load import Measurement
from bench.process_stats import ProcessTree
from bench.report_section import Section, cpu, figure, ratio, responses, table, throughput
from bench.session import Session, rows
from tests.server import Server

TITLE = "Booking"
DESCRIPTION = (
    "32 clients, 5,000 shows in auditoriums of 300 seats, one arena of 10,000 seats; every request by"
    " another customer. Overlapping: 64 clients ask for random pairs of neighbours in rows of 20"
    " seats, 40 requests a row, so that most come too late."
)
ONE, FOUR, HOT = "one seat, spread", "four seats, spread", "one seat, one hot show"
OVERLAP, HOLD, CONFIRM, CANCEL = "overlapping seats", "hold", "confirm", "cancel"
OVERLAP_CLIENTS = 64
NEXT = "SELECT reference, user_id FROM booking WHERE status = %s ORDER BY md5(reference) LIMIT %s"


def run_count(runs: InterleavedRuns) -> int:
    """Return how many runs this benchmark takes."""
    return runs.total(7)


def run(session: Session) -> Section:
    """Measure all of them in turn."""
    queue = session.workloads
    with session.serving() as server:
        on = (server, session.database)
        measured = session.runs.run(
            {
                ONE: workloads.case(*on, queue.single),
                FOUR: workloads.case(*on, queue.four),
                HOT: workloads.case(*on, queue.hot),
                OVERLAP: workloads.case(*on, queue.overlap, clients=OVERLAP_CLIENTS),
                HOLD: workloads.case(*on, queue.hold()),
                CONFIRM: _changes(session, server, "held", "confirm"),
                CANCEL: _changes(session, server, "confirmed", "cancel"),
            },
            before_measuring=session.before_measuring,
        )
    return _section(measured)


def _changes(session: Session, server: Server, status: str, verb: str) -> Case:
    """Return a case that confirms or cancels bookings, each once, those of a random order."""

    def case(seconds: int) -> Measurement:
        found = rows(session.url, NEXT, status, seconds * workloads.MAX_PER_SECOND)
        tokens = session.data.tokens
        requests = [
            load.request("POST", f"bookings/{reference}/{verb}/", tokens[int(user)])
            for reference, user in found
        ]
        return load.run(
            server.address,
            requests,
            app=ProcessTree(server.pid),
            database=session.database,
            seconds=seconds,
        )

    return case


def _section(measured: dict[str, Measurement]) -> Section:
    section = Section(TITLE, DESCRIPTION, measured=measured)
    shown = {**measured, "hold, then confirm": load.combined(measured[HOLD], measured[CONFIRM])}
    section.tables.append(table(shown))
    section.notes.append(f"Responses to overlapping seats: {responses(measured[OVERLAP])}.")
    section.figures = {
        "one seat CPU": figure(measured[ONE], cpu),
        "hot to spread": ratio(measured[HOT], measured[ONE], throughput),
        "four to one CPU": ratio(measured[FOUR], measured[ONE], cpu),
    }
    section.expect({"s2xx"}, *(set(measured) - {OVERLAP}))
    section.expect({"s2xx", "s409"}, OVERLAP)
    return section
