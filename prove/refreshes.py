"""One refresh token, used 16 times at once, a thousand times over: one successor lives, and all get it.

It is a test (`tests/races/test_refresh_races.py`), with a control that fails without its guards. The suite
races a few tokens; a full run of the proof races so many, each the successor of the one before.
"""

from prove.races import run_file
from prove.results import ENGINES, Finding, Progress, Size, Violation
from tests.__main__ import database

SIZES = {engine: Size(full=1_000, quick=0) for engine in ENGINES}
FILE = "tests/races/test_refresh_races.py"
RULE = "of 16 uses of a refresh token at once, one successor lives"


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Race so many tokens, with the controls; return what was found."""
    finding = Finding(RULE, engine, count, "races")
    with database(engine) as url:
        totals, said = run_file(url, FILE, REFRESH_ROUNDS=str(count))
    if totals["failed"] or totals["all"] == totals["skipped"]:
        finding.violations.append(Violation(RULE, FILE, said))
    progress.update(count)
    return [finding]
