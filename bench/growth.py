"""How cost grows: the same requests with more bookings in the database, and with more shows."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from statistics import median

from bench import load, scaled_datasets, workloads
from bench.interleaved_runs import Case, InterleavedRuns
from bench.load import Measurement
from bench.report_section import Figure, Section, number
from bench.scaled_datasets import ScaledDataset
from bench.session import Session, execute, serving
from tests.server import Server

TITLE = "Growth"
DESCRIPTION = (
    "A chain of a hundred cinemas (`load_demo --scale large`) in databases of different sizes, in one"
    " PostgreSQL with a server for each, measured in turn, there and back. Only the database grows, not the"
    " responses: seat maps and availability are of shows in auditoriums of one size, with the same number of"
    " taken seats; two thirds of the seats of the day's twenty shows are taken; my bookings is a page of one"
    " booking, of the customers who have most. (A page of shows counts taken seats, so it costs more the more"
    " are taken.)"
)
BOOKINGS = [(20_000, 10_000), (20_000, 100_000), (20_000, 1_000_000)]
# Few bookings: the hundred shows need seats left to sell.
SHOWS = [(100, 2_000), (1_000, 2_000), (20_000, 2_000)]
QUICK_BOOKINGS, QUICK_SHOWS = [(200, 1_000), (200, 5_000)], [(100, 1_000), (200, 1_000)]
# Many short runs instead of a few long ones: so what is compared is run within seconds.
SHORTER = 3
BOOK = "booking one seat"
# What each of them asks for again and again.
READS: dict[str, Callable[[ScaledDataset], list[bytes]]] = {
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
class ServedDataset:
    """A database of one size, served."""

    data: ScaledDataset
    server: Server


def run_count(runs: InterleavedRuns) -> int:
    """Return how many runs this benchmark takes."""
    return sum(
        _shorter_runs(runs).total(len(OPERATIONS) * len(sizes)) for sizes in (BOOKINGS, SHOWS)
    )


def _shorter_runs(runs: InterleavedRuns) -> InterleavedRuns:
    """Return shorter runs, and more of them, an even number: as many there as back."""
    seconds = max(1, runs.seconds // SHORTER)
    more = runs.repeats * runs.seconds // seconds
    return replace(runs, seconds=seconds, repeats=max(2, more - more % 2))


def run(session: Session) -> Section:
    """Load the databases, and measure all operations on all of them in turn."""
    by_bookings, by_shows = (QUICK_BOOKINGS, QUICK_SHOWS) if session.is_quick else (BOOKINGS, SHOWS)
    sizes = list(dict.fromkeys(by_bookings + by_shows))
    section = Section(TITLE, DESCRIPTION)
    with ExitStack() as stack:
        datasets = _grown(session, sizes, stack)
        for what, compared in (("bookings", by_bookings), ("shows", by_shows)):
            _measure(session, {size: datasets[size] for size in compared}, what, section)
    section.expect({"s2xx"}, *section.measured)
    return section


def _grown(session: Session, sizes: list[Size], stack: ExitStack) -> dict[Size, ServedDataset]:
    """Load databases of these sizes, two at a time as each keeps a core busy, and serve them."""
    session.runs.bar.set_postfix_str("loading databases")
    session.database  # noqa: B018 (made here, before threads would make it twice)
    largest_first = sorted(sizes, key=lambda size: -size[1])
    with ThreadPoolExecutor(2) as pool:
        urls = pool.map(lambda size: scaled_datasets.load(session, *size), largest_first)
        loaded = dict(zip(largest_first, urls, strict=True))
    seats = scaled_datasets.usual_seat_count(loaded[min(sizes)])
    datasets = {}
    for size in sizes:
        server = stack.enter_context(serving(loaded[size]))
        datasets[size] = ServedDataset(
            scaled_datasets.prepared(session, loaded[size], server, seats), server
        )
    execute(session.url, "CHECKPOINT")
    return datasets


def _measure(
    session: Session, datasets: dict[Size, ServedDataset], what: str, section: Section
) -> None:
    """Measure all on databases that differ in the number of `what`, and add a table."""
    shorter = _shorter_runs(session.runs)
    cases = {
        (operation, size): _case(session, one, operation, shorter)
        for operation in OPERATIONS
        for size, one in datasets.items()
    }
    names = {key: f"{key[0]}: {_size(key[1])}" for key in cases}
    runs = shorter.run_each({names[key]: case for key, case in cases.items()}, alternate=True)
    section.measured |= {name: load.median_run(ones) for name, ones in runs.items()}
    sizes = list(datasets)
    runs_by_size = {
        operation: [runs[names[operation, size]] for size in sizes] for operation in OPERATIONS
    }
    section.tables.append(_table(sizes, runs_by_size, what))
    for operation, by_size in runs_by_size.items():
        section.figures[f"{what}: {operation}"] = _growth(by_size, lambda one: one.cpu_ms)
    section.figures[f"{what}: worst"] = max(
        (section.figures[f"{what}: {operation}"] for operation in OPERATIONS),
        key=lambda one: one.value,
    )


def _case(session: Session, datasets: ServedDataset, operation: str, runs: InterleavedRuns) -> Case:
    if operation == BOOK:
        queue = datasets.data.seats
        # Where few seats are left, each run gets its share of them, and is a shorter one.
        max_requests = (queue.end - queue.position) // (runs.repeats + 1)
        return workloads.case(datasets.server, session.database, queue, max_requests=max_requests)
    return workloads.reads(datasets.server, session.database, READS[operation](datasets.data))


def _get(path: str) -> bytes:
    return load.request("GET", path)


def _size(size: Size) -> str:
    return f"{size[0]:,} shows, {size[1]:,} bookings"


def _growth(by_size: list[list[Measurement]], get: Callable[[Measurement], float]) -> Figure:
    """Return the largest database's figure over the smallest's: the median of the turns.

    They are divided within each turn, as the machine's speed differs more between turns.
    """
    ratios = [get(last) / get(first) for first, last in zip(by_size[0], by_size[-1], strict=True)]
    return Figure.of(median(ratios), ratios)


def _table(
    sizes: Sequence[Size], runs_by_size: dict[str, list[list[Measurement]]], what: str
) -> list[list[str]]:
    """Return a table with the CPU at each size, and how much the largest costs of the smallest."""
    heads = [f"{size[1] if what == 'bookings' else size[0]:,} {what}" for size in sizes]
    return [
        ["CPU ms", *heads, "CPU, last ÷ first", "p50, last ÷ first"],
        *(
            [
                operation,
                *(number(load.median_run(runs).cpu_ms, 3) for runs in by_size),
                _growth(by_size, lambda one: one.cpu_ms).text(2),
                _growth(by_size, lambda one: one.p50).text(2),
            ]
            for operation, by_size in runs_by_size.items()
        ),
    ]
