"""Whether what happened could have happened: every invariant, in linear time, from the evidence.

    python -m prove.checker var/prove/<run>      checks again what a failed run has kept

The evidence is the clients' history, the database's tables, and every version of every seat. Each
invariant below reads it once, and names the seat or booking and the operations of each violation.
"""

import os
import sys
from pathlib import Path

import orjson

from prove import history
from prove.audit_log import Tables
from prove.evidence import Evidence, Facts
from prove.invariants import audit, books, forms, reads, responses, roles, seats, visitors
from prove.results import Finding

MAX_SHOWN = 20
INVARIANTS = [
    *seats.INVARIANTS,
    *books.INVARIANTS,
    *responses.INVARIANTS,
    *forms.INVARIANTS,
    *visitors.INVARIANTS,
    *audit.INVARIANTS,
    *roles.INVARIANTS,
    *reads.INVARIANTS,
]


def check(evidence: Evidence, engine: str = "") -> list[Finding]:
    """Return a finding for each invariant."""
    reports = [invariant(evidence) for invariant in INVARIANTS]
    return [Finding(one.name, engine, one.checked, one.unit, one.violations) for one in reports]


def check_directory(directory: Path, engine: str = "") -> list[Finding]:
    """Check what a run has kept."""
    facts = Facts.load(orjson.loads((directory / "facts.json").read_bytes()))
    tables = Tables.load(directory / "tables.json")
    found = check(Evidence(history.read(directory / "history.jsonl"), tables, facts), engine)
    for finding in found:
        finding.saved_in = os.path.relpath(directory) if finding.violations else ""
    return found


def main(directories: list[str]) -> int:
    """Print what is wrong in the directories; return 1 if anything is."""
    violations = [
        violation
        for directory in directories
        for finding in check_directory(Path(directory))
        for violation in finding.violations
    ]
    for violation in violations[:MAX_SHOWN]:
        print(violation)
    print(f"{len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
