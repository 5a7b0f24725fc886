"""What must never be. Each invariant reads the evidence once, and reports."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from prove.evidence import Evidence
from prove.results import Violation


@dataclass(slots=True)
class Report:
    """What one invariant looked at, and what it found wrong."""

    name: str
    unit: str
    checked: int = 0
    violations: list[Violation] = field(default_factory=list)

    def add(self, where: str, what: str, operations: Sequence[str] = ()) -> None:
        """Note a violation."""
        self.violations.append(Violation(self.name, where, what, operations))


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that must be true, what it is counted in, and how it is checked."""

    name: str
    unit: str
    check: Callable[[Evidence, Report], None]

    def __call__(self, evidence: Evidence) -> Report:
        """Check it."""
        report = Report(self.name, self.unit)
        self.check(evidence, report)
        return report


def invariant(name: str, unit: str) -> Callable[[Callable[[Evidence, Report], None]], Invariant]:
    """Make an invariant of a function that adds to a report."""
    return lambda check: Invariant(name, unit, check)
