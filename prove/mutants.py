"""Is the checker worth anything? The real code with one mistake in it, which has to be caught.

A mutant is a copy of `marquee/` in which some text, that must stand there exactly once, is another.
When the code moves on, the proof says so. A mutant counts as caught only by an invariant that it
breaks, not by any noise.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prove import audit_log, checker, environment, rounds
from prove.edits import DEADLOCKS, CodeMovedOn, Mutant
from prove.environment import Engine, serving
from prove.mutations import MUTANTS
from prove.results import ENGINES, Finding, Progress, Size, Violation
from tests.server import ROOT

# After each, the books are read; after the last, the mutant has survived. Those that need luck are caught in
# one round of two or three, so that a million runs would see a wrong survivor.
ROUNDS = 20
SIZES = {engine: Size(full=100, quick=3) for engine in ENGINES}  # at most so many mutants


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Run so many mutants, each until it is caught; a survivor is a violation."""
    mutants = [mutant for mutant in MUTANTS if engine in mutant.engines]
    if count < len(mutants):
        mutants = [mutant for mutant in mutants if not mutant.is_rare]
    start = seed * count % len(mutants)  # a small sample is another one each time
    mutants = (mutants[start:] + mutants[:start])[:count]
    with Engine(engine) as databases:
        return [_try(databases, mutant, seed, progress) for mutant in mutants]


def _try(engine: Engine, mutant: Mutant, seed: int, progress: Progress) -> Finding:
    """Return what became of one mutant: caught by what, or a violation."""
    finding = Finding(f"mutant: {mutant.name}", engine.name, 0)
    url = engine.database()
    if sql := mutant.sql.get(engine.name):
        audit_log.execute(url, sql)
    what = ""
    try:
        with mutated(mutant, engine.name) as code:
            finding.note = _rounds(engine, mutant, url, code, seed, finding)
    except CodeMovedOn as problem:
        what = str(problem)
    if not finding.note:
        what = what or f"survived {finding.checked} operations"
        what += f"; it breaks: {', '.join(mutant.caught_by)}"
        finding.violations.append(Violation("every mutant is caught", mutant.name, what))
    progress.update()
    return finding


def _rounds(
    engine: Engine, mutant: Mutant, url: str, code: Path, seed: int, finding: Finding
) -> str:
    """Run rounds until one of its invariants catches the mutant; return which one, and when."""
    with serving(url, engine.environment, code=code) as address:
        for number in range(ROUNDS):
            one = rounds.Round(
                name=f"{engine.name}-mutant",
                url=url,
                address=address,
                data=environment.create_round_data(address, engine.people, seed + number),
                seed=seed + number,
                operations=mutant.operations,
                weights=mutant.weights,
            )
            finding.checked += rounds.run_clients(one, lambda _: None)
            findings = checker.check_directory(one.directory, engine.name)
            shutil.rmtree(one.directory)
            violated_invariants = [
                line for line in findings if line.violations and line.name in mutant.caught_by
            ]
            if violated_invariants:
                return f"caught by: {violated_invariants[0].name} ({len(violated_invariants[0].violations)})"
            if DEADLOCKS in mutant.caught_by and (number := audit_log.count_deadlocks(url)):
                return f"caught by: {DEADLOCKS} ({number})"
    return ""


@contextmanager
def mutated(mutant: Mutant, engine: str) -> Iterator[Path]:
    """Yield a directory with the mutated code."""
    with tempfile.TemporaryDirectory(prefix="marquee-mutant-") as directory:
        code = Path(directory)
        shutil.copytree(ROOT / "marquee", code / "marquee")
        shutil.copy(ROOT / "manage.py", code)
        mutant.apply(code, engine)
        yield code
