"""Marquee beside its peers and the limit: the same bookings, the same database, in turn."""

from contextlib import ExitStack

from bench import load, pgbench_limit, workloads
from bench.interleaved_runs import Case, InterleavedRuns
from bench.load import Measurement
from bench.peers import PEERS, PYTHON
from bench.report_section import Section, cpu, figure, ratio, table, throughput
from bench.session import Session
from tests.server import ROOT, Server

TITLE = "Peers and the limit"
DESCRIPTION = (
    "One seat a booking, 32 clients, 5,000 shows. The peers are programs of our own"
    " (`bench/peers/`) with the same rules, tables and responses. The limit is"
    " pgbench sending the statements of a booking, prepared: no HTTP, no tokens, no Python."
)
MARQUEE, LIMIT = "Marquee", "limit: pgbench"
NO_PEERS = "The peers are not installed: type `make bench`, or `make .venv-peers/installed`."


def run_count(runs: InterleavedRuns) -> int:
    """Return how many runs this benchmark takes."""
    return runs.total(len(PEERS) + 2) + runs.total(len(PEERS) + 1)


def run(session: Session) -> Section:
    """Start them all, and measure bookings and then availability in turn."""
    if not (ROOT / PYTHON).exists():
        raise RuntimeError(NO_PEERS)
    with ExitStack() as stack:
        programs = {MARQUEE: stack.enter_context(session.serving())}
        for peer in PEERS.values():
            programs[peer.name] = stack.enter_context(session.serving(peer.command))
        booked = session.runs.run(
            _bookings(session, programs), before_measuring=session.before_measuring
        )
        read = session.runs.run(
            _reads(session, programs), before_measuring=session.before_measuring
        )
    return _section(booked, read)


def _bookings(session: Session, programs: dict[str, Server]) -> dict[str, Case]:
    queue = session.workloads.single
    booked = {
        name: workloads.case(server, session.database, queue) for name, server in programs.items()
    }
    return booked | {LIMIT: pgbench_limit.case(session)}


def _reads(session: Session, programs: dict[str, Server]) -> dict[str, Case]:
    shows = session.workloads.shows[:1000]
    requests = [load.request("GET", f"shows/{show}/availability/") for show in shows]
    return {
        name: workloads.reads(server, session.database, requests)
        for name, server in programs.items()
    }


def _section(booked: dict[str, Measurement], read: dict[str, Measurement]) -> Section:
    measured = booked | {f"availability, {name}": one for name, one in read.items()}
    section = Section(TITLE, DESCRIPTION, measured=measured)
    ours = booked[MARQUEE]
    ratios = [["Marquee ÷", "throughput", "CPU"]]
    for name, one in booked.items():
        if name != MARQUEE:
            faster = ratio(ours, one, throughput)
            section.figures[f"throughput to {name}"] = faster
            ratios.append([name, faster.text(2), ratio(ours, one, cpu).text(2)])
    section.figures["CPU"] = figure(ours, cpu)
    for key in PEERS:
        section.figures[f"to {key}"] = section.figures.pop(f"throughput to {PEERS[key].name}")
    section.figures["to limit"] = section.figures.pop(f"throughput to {LIMIT}")
    section.tables += [
        table(booked),
        ratios,
        table({f"availability, {n}": m for n, m in read.items()}),
    ]
    section.expect({"s2xx"}, *measured)
    return section
