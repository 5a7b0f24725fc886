"""Send many generated requests to the API, on both engines, and count the responses.

python -m tests.fuzz [--cases 100000] [--seed 123] [--engine sqlite|postgresql] [pytest's own arguments…]

tests/api/test_schemathesis.py makes the requests and checks the responses. The same seed repeats a run.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from tests.__main__ import ENGINES, run

TESTS = "tests/api/test_schemathesis.py"
PROGRESS_SECONDS = 15
Counts = dict[str, Counter[str]]


def fuzz(engine: str, cases: int, seed: int, arguments: list[str]) -> tuple[int, int]:
    """Send at least so many requests on one engine; return pytest's exit code, and how many it were."""
    with tempfile.TemporaryDirectory() as directory:
        environment = {
            "FUZZ_CASES": str(cases), "FUZZ_SEED": str(seed), "FUZZ_COUNTS": directory,
            "PYTHONHASHSEED": "0",
        }  # fmt: skip
        with progress(Path(directory), cases):
            code, _ = run(engine, ["--dist=worksteal", TESTS, *arguments], **environment)
        counts = read(Path(directory))
    print_table(counts)
    return code, total(counts)


@contextmanager
def progress(directory: Path, cases: int) -> Iterator[None]:
    """Print every few seconds how many cases were sent."""
    ended = Event()

    def watch() -> None:
        while not ended.wait(PROGRESS_SECONDS):
            print(f"{total(read(directory)):,} of {cases:,} cases", flush=True)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def read(directory: Path) -> Counts:
    """Return how many cases of each operation got which status: `valid 200`, `invalid 400`."""
    counts: Counts = {}
    for file in directory.iterdir():
        for line in file.read_text(encoding="utf-8").splitlines():
            operation, rows = json.loads(line)
            found = counts.setdefault(operation, Counter())
            for kind, status, number in rows:
                found[f"{'valid' if kind == 'positive' else 'invalid'} {status}"] += number
    return counts


def total(counts: Counts) -> int:
    """Return how many cases were sent."""
    return sum(found.total() for found in counts.values())


def print_table(counts: Counts) -> None:
    """Print the statuses that each operation answered, and all together."""
    everything = sum(counts.values(), Counter())
    for operation, found in [*sorted(counts.items()), ("all", everything)]:
        statuses = ", ".join(f"{number} {name}" for name, number in sorted(found.items()))
        print(f"{operation:48} {statuses}")


def main() -> int:
    """Run what the command line asks for; return 0 when no response surprised a client."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", allow_abbrev=False)
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this one")
    parser.add_argument("--cases", type=int, default=100_000, help="on each engine")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    wanted, arguments = parser.parse_known_args()
    print(f"To repeat it: make fuzz SEED={wanted.seed} CASES={wanted.cases}")
    results = {
        engine: fuzz(engine, wanted.cases, wanted.seed, arguments)
        for engine in wanted.engine or ENGINES
    }
    sent = " and ".join(f"{number:,} cases on {engine}" for engine, (_, number) in results.items())
    code = max(code for code, _ in results.values())
    print(f"Sent {sent}, seed {wanted.seed}: {'FAILED, see above' if code else 'nothing found'}.")
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyboardInterrupt, RuntimeError) as problem:
        sys.exit(str(problem) or "Interrupted.")
