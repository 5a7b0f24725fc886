"""Run the whole suite on both engines, and count.

python -m tests [--engine sqlite|postgresql] [pytest's own arguments…]

Without arguments for pytest, tests without a database run on the first engine only (tests/conftest.py),
and the tests of booking run on PostgreSQL once more, with SQL_THROUGH_DJANGO.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

from tests import postgres

ENGINES = ["sqlite", "postgresql"]
# A later -n of the caller's wins: `-n0` for a debugger.
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "logical", "--maxprocesses=4"]


@contextmanager
def database(engine: str) -> Iterator[str]:
    """Yield the DATABASE_URL of an engine; SQLite's is empty, as it is the default."""
    if engine == "sqlite":
        yield ""
    else:
        with postgres.running() as url:
            yield url


def run(engine: str, arguments: list[str], **environment: str) -> tuple[int, Counter[str]]:
    """Run the suite on one engine; return pytest's exit code, and how many tests ended how."""
    print("\n===", engine, *environment, "===", flush=True)
    with tempfile.TemporaryDirectory() as directory, database(engine) as url:
        report = Path(directory) / "report.xml"
        command = [*PYTEST, f"--junit-xml={report}", *arguments]
        code = subprocess.run(
            command, env=os.environ | environment | {"DATABASE_URL": url}
        ).returncode
        return code, count(report)


def count(report: Path) -> Counter[str]:
    """Return the totals of a report in JUnit's format; all zero when pytest wrote none."""
    totals: Counter[str] = Counter()
    if report.exists():
        for suite in ET.parse(report).getroot().iter("testsuite"):
            totals["failed"] += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            totals["skipped"] += int(suite.get("skipped", 0))
            totals["all"] += int(suite.get("tests", 0))
    return totals


def line(totals: Counter[str]) -> str:
    """Return totals the way that people and CI read them."""
    passed = totals["all"] - totals["failed"] - totals["skipped"]
    return f"{passed} passed, {totals['failed']} failed, {totals['skipped']} skipped"


def main() -> int:
    """Run what the command line asks for; return 0 when every test of every engine passed."""
    parser = argparse.ArgumentParser(prog="python -m tests", allow_abbrev=False)
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this one")
    wanted, arguments = parser.parse_known_args()
    engines = wanted.engine or ENGINES
    results: dict[str, tuple[int, Counter[str]]] = {}
    for engine in engines:
        with_database_only = {"WITH_DATABASE_ONLY": "1"} if results and not arguments else {}
        results[engine] = run(engine, arguments, **with_database_only)
    if "postgresql" in engines and not arguments:
        through_django = run("postgresql", ["tests/booking"], SQL_THROUGH_DJANGO="1")
        results["postgresql, SQL_THROUGH_DJANGO"] = through_django
    print()
    for engine, (code, totals) in results.items():
        # pytest's codes beyond 1: interrupted, broken, misused, nothing collected; below 0: killed.
        broken = "" if code in {0, 1} else f"  (pytest ended with code {code})"
        print(f"{engine + ':':32}{line(totals)}{broken}")
    print(line(sum((totals for _, totals in results.values()), Counter())))
    return max(abs(code) for code, _ in results.values())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyboardInterrupt, RuntimeError) as problem:
        sys.exit(str(problem) or "Interrupted.")
