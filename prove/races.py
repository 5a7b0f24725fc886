"""The races of the design's table in every order that matters, and the life of a booking by model.

They are tests: `tests/races` pauses transactions at their statements, each race with a control that
fails when the guard is taken away; `tests/booking/test_lifecycle.py` plays a booking's life against a
model in plain Python. The proof runs them as they are.
"""

import os
import subprocess
import sys
import tempfile
from collections import Counter, deque
from pathlib import Path

from prove.results import ENGINES, Finding, Progress, Size, Violation
from tests.__main__ import count as count_of
from tests.__main__ import database
from tests.server import ROOT

SIZES = {
    engine: Size(full=100, quick=0) for engine in ENGINES
}  # files, at most; the suite has them all
RACES_ARE_IN = ROOT / "tests" / "races"
LIFE = "tests/booking/test_lifecycle.py"
RACES, MODEL = "races in every order that matters", "the life of a booking, against a model"


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Run so many files of tests; a sample is another one for each seed.

    A file whose tests are all of the other engine does not count: the next one is run as well.
    """
    files = sorted(f"tests/races/{file.name}" for file in RACES_ARE_IN.glob("test_*.py"))
    start = seed % len(files)
    races = deque(files[start:] + files[:start])
    findings = {
        RACES: Finding(RACES, engine, 0, "tests"),
        MODEL: Finding(MODEL, engine, 0, "tests"),
    }
    with database(engine) as url:
        while races and count:
            count -= _check(findings[RACES], url, races.popleft())
            progress.update()
        _check(findings[MODEL], url, LIFE)
        progress.update()
    return list(findings.values())


def _check(finding: Finding, url: str, file: str) -> bool:
    """Run a file of tests into a finding; say whether any was of this engine."""
    totals, said = run_file(url, file)
    checked = totals["all"] - totals["skipped"]
    finding.checked += checked
    if totals["failed"] or not totals["all"]:
        finding.violations.append(Violation("every test passes", file, said))
    return checked > 0


def run_file(url: str, file: str, **variables: str) -> tuple[Counter[str], str]:
    """Return how many tests of a file ended how, and the last of what pytest said."""
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", f"--junit-xml={report}"]
        ran = subprocess.run(
            [*command, file],
            env=os.environ | {"DATABASE_URL": url} | variables,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        return count_of(report), ran.stdout[-2000:]
