"""How cost grows: the same requests with more bookings in the database, and with more shows."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from statistics import median

from bench import load, scaled_datasets, workloads
from bench.interleaved_runs import Case, Turns
from bench.load import Measured
from bench.report_section import Section, number
from bench.scaled_datasets import Chain
from bench.session import Session, execute, serving
from tests.server import Server

TITLE = "Growth"
SAYS = (
    "A chain of a hundred cinemas (`load_demo --scale large`) in databases of different sizes, side by"
    " side in one PostgreSQL, a server for each, measured in turn, there and back. Seat maps and availability are"
    " of shows in rooms of one size, filled up to the same number of taken seats, and so are the twenty"
    " shows of the day, to two thirds of theirs; my bookings is a page of one, by the customers who have"
    " most: so what grows is the database, not the answer. (The seats left of a show are counted: a page"
    " of shows takes longer the more of its seats are taken.)"
)
BOOKINGS = [(20_000, 10_000), (20_000, 100_000), (20_000, 1_000_000)]
# Few bookings: the hundred shows need seats left to sell.
SHOWS = [(100, 2_000), (1_000, 2_000), (20_000, 2_000)]
QUICK_BOOKINGS, QUICK_SHOWS = [(200, 1_000), (200, 5_000)], [(100, 1_000), (200, 1_000)]
# Many short runs instead of a few long ones: so what is compared is run within seconds.
SHORTER = 3
BOOK = "booking one seat"
# What each of them asks for again and again.
READS: dict[str, Callable[[Chain], list[bytes]]] = {
    "availability": lambda one: [_get(f"shows/{show}/availability/") for show in one.shows],
    "seat map": lambda one: [_get(f"shows/{show}/seats/") for show in one.shows],
    "list of movies": lambda one: [_get("movies/")],
    "shows of a day": lambda one: [_get(f"shows/?date={one.day}")],
    "my bookings": lambda one: [
        load.request("GET", "bookings/?page_size=1", token) for token in one.tokens
    ],
}
OPERATIONS = [BOOK, *READS]
Size = tuple[int, int]  # shows, bookings


@dataclass(frozen=True, slots=True)
class Grown:
    """A database of one size, served."""

    chain: Chain
    server: Server


def runs(turns: Turns) -> int:
    """Return how many runs it takes."""
    return sum(_turns(turns).count(len(OPERATIONS) * len(sizes)) for sizes in (BOOKINGS, SHOWS))


def _turns(turns: Turns) -> Turns:
    """Return shorter runs, and more of them, an even number: as many there as back."""
    seconds = max(1, turns.seconds // SHORTER)
    more = turns.repeats * turns.seconds // seconds
    return replace(turns, seconds=seconds, repeats=max(2, more - more % 2))


def run(session: Session) -> Section:
    """Load the databases, and measure all operations on all of them in turn."""
    by_bookings, by_shows = (QUICK_BOOKINGS, QUICK_SHOWS) if session.is_quick else (BOOKINGS, SHOWS)
    sizes = list(dict.fromkeys(by_bookings + by_shows))
    section = Section(TITLE, SAYS)
    with ExitStack() as stack:
        grown = _grown(session, sizes, stack)
        for what, compared in (("bookings", by_bookings), ("shows", by_shows)):
            _measure(session, {size: grown[size] for size in compared}, what, section)
    section.expect({"s2xx"}, *section.measured)
    return section


def _grown(session: Session, sizes: list[Size], stack: ExitStack) -> dict[Size, Grown]:
    """Load databases of these sizes, two at a time as each keeps a core busy, and serve them."""
    session.turns.bar.set_postfix_str("loading databases")
    session.database  # noqa: B018 (made here, before threads would make it twice)
    largest_first = sorted(sizes, key=lambda size: -size[1])
    with ThreadPoolExecutor(2) as pool:
        urls = pool.map(lambda size: scaled_datasets.load(session, *size), largest_first)
        loaded = dict(zip(largest_first, urls, strict=True))
    room = scaled_datasets.usual_room(loaded[min(sizes)])
    grown = {}
    for size in sizes:
        server = stack.enter_context(serving(loaded[size]))
        grown[size] = Grown(scaled_datasets.prepared(session, loaded[size], server, room), server)
    execute(session.url, "CHECKPOINT")
    return grown


def _measure(session: Session, grown: dict[Size, Grown], what: str, section: Section) -> None:
    """Measure all on databases that differ in the number of `what`, and add a table."""
    turns = _turns(session.turns)
    cases = {
        (operation, size): _case(session, one, operation, turns)
        for operation in OPERATIONS
        for size, one in grown.items()
    }
    names = {key: f"{key[0]}: {_size(key[1])}" for key in cases}
    runs = turns.each({names[key]: case for key, case in cases.items()}, and_back=True)
    section.measured |= {name: load.middle(ones) for name, ones in runs.items()}
    sizes = list(grown)
    lines = {
        operation: [runs[names[operation, size]] for size in sizes] for operation in OPERATIONS
    }
    section.tables.append(_table(sizes, lines, what))
    for operation, line in lines.items():
        section.figures[f"{what}: {operation}"] = _growth(line, lambda one: one.cpu_ms)
    section.figures[f"{what}: worst"] = max(
        section.figures[f"{what}: {operation}"] for operation in OPERATIONS
    )


def _case(session: Session, grown: Grown, operation: str, turns: Turns) -> Case:
    if operation == BOOK:
        line = grown.chain.seats
        # Where few seats are left, each run gets its share of them, and is a shorter one.
        share = (line.end - line.at) // (turns.repeats + 1)
        return workloads.case(grown.server, session.database, line, share=share)
    return workloads.reads(grown.server, session.database, READS[operation](grown.chain))


def _get(path: str) -> bytes:
    return load.request("GET", path)


def _size(size: Size) -> str:
    return f"{size[0]:,} shows, {size[1]:,} bookings"


def _growth(line: list[list[Measured]], figure: Callable[[Measured], float]) -> float:
    """Return how many times the smallest's figure the largest's is: the median of all turns.

    They are divided within each turn, as the machine's own speed differs more from one to the next.
    """
    return median(
        figure(last) / figure(first) for first, last in zip(line[0], line[-1], strict=True)
    )


def _table(
    sizes: Sequence[Size], lines: dict[str, list[list[Measured]]], what: str
) -> list[list[str]]:
    """Return a table with the CPU at each size, and how much the largest costs of the smallest."""
    heads = [f"{size[1] if what == 'bookings' else size[0]:,} {what}" for size in sizes]
    return [
        ["CPU ms", *heads, "CPU, last ÷ first", "p50, last ÷ first"],
        *(
            [
                operation,
                *(number(load.middle(runs).cpu_ms, 3) for runs in line),
                number(_growth(line, lambda one: one.cpu_ms), 2),
                number(_growth(line, lambda one: one.p50), 2),
            ]
            for operation, line in lines.items()
        ),
    ]
