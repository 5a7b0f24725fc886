"""What must never be. Each invariant is a function that reads the evidence once and reports."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from prove.evidence import Evidence
from prove.findings import Violation


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


Invariant = Callable[[Evidence], Report]


def invariant(name: str, unit: str) -> Callable[[Callable[[Evidence, Report], None]], Invariant]:
    """Make an invariant of a function that adds to a report."""

    def made(check: Callable[[Evidence, Report], None]) -> Invariant:
        def run(evidence: Evidence) -> Report:
            report = Report(name, unit)
            check(evidence, report)
            return report

        run.__name__, run.__doc__ = check.__name__, check.__doc__
        return run

    return made


__all__ = ["Evidence", "Invariant", "Iterable", "Report", "invariant"]
