"""What the parts of the proof hand in, and how they are found.

A part is a module of `prove/faults/` (or of `prove/` itself) with these two names:

    SIZES = {"sqlite": Size(full=50, quick=2), "postgresql": Size(full=50, quick=2)}

    def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]: ...

An engine that is not in SIZES is not run, nor a part whose sample is 0 in a quick run. `run` injects `count` faults, calls `progress.update()`
after each, and returns one finding for each line that the final table shall have. It prints
nothing, leaves no process behind, and raises only when it cannot do its work: what it proves wrong
is a violation in a finding. `python -m prove --only kills` runs `prove/faults/kills.py` alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Size:
    """How many faults, operations or rounds: in a full run, and in a quick sample."""

    full: int
    quick: int


class Progress(Protocol):
    """What a part tells about how far it has come: a bar of tqdm's is one."""

    def update(self, n: float | None = 1) -> object:
        """Say that so many more are done."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must never be: which invariant, where, and which operations met there."""

    invariant: str
    where: str
    what: str
    operations: Sequence[str] = ()

    def __str__(self) -> str:
        lines = [f"{self.invariant}: {self.where}: {self.what}", *self.operations]
        return "\n    ".join(lines)


@dataclass(slots=True)
class Finding:
    """One line of the final table: what was checked, how often, and what was wrong with it.

    `checked` counts `unit`s: operations, kills, cuts. A note is for people: a figure measured, or
    what a control lost. `saved_in` names the directory of the history, when it was kept.
    """

    name: str
    engine: str
    checked: int
    unit: str = "operations"
    violations: list[Violation] = field(default_factory=list)
    note: str = ""
    saved_in: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether something was checked, and nothing was wrong."""
        return self.checked > 0 and not self.violations

    def as_json(self) -> dict[str, Any]:
        """Return it for report.json."""
        return asdict(self) | {"violations": [str(one) for one in self.violations]}


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Add up the findings of the same name, engine and unit, in the order of their first."""
    lines: dict[tuple[str, str, str], Finding] = {}
    for one in findings:
        key = (one.name, one.engine, one.unit)
        line = lines.setdefault(key, Finding(one.name, one.engine, 0, one.unit))
        line.checked += one.checked
        line.violations += one.violations
        line.note, line.saved_in = line.note or one.note, line.saved_in or one.saved_in
    return list(lines.values())
