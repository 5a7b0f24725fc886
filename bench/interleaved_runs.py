"""Cases that are compared run in turn (A B C, A B C, …), so that what else the machine does meets all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench import load
from bench.load import Measurement

WARM_UP_SECONDS = 1
SECONDS, REPEATS = 3, 3

# Runs for so many seconds and returns what it cost.
Case = Callable[[int], Measurement]


@dataclass(frozen=True, slots=True)
class InterleavedRuns:
    """How long a run is, how often it is repeated, and the progress bar."""

    seconds: int
    repeats: int
    bar: Any

    def run(
        self, cases: Mapping[str, Case], *, before_measuring: Callable[[], object] = lambda: None
    ) -> dict[str, Measurement]:
        """Warm each case up, `before_measuring`, and return the medians of each case's runs."""
        measured = self.run_each(cases, before_measuring=before_measuring)
        return {name: load.median_run(runs) for name, runs in measured.items()}

    def run_each(
        self,
        cases: Mapping[str, Case],
        *,
        before_measuring: Callable[[], object] = lambda: None,
        alternate: bool = False,
    ) -> dict[str, list[Measurement]]:
        """Warm each case up, `before_measuring`, and return each case's runs, in the order of the turns.

        `alternate`: every other time from the last to the first (A B C, C B A), as what a case leaves
        to be written is written while the next one runs.
        """
        for name, case in cases.items():
            self._run_case(name, case, WARM_UP_SECONDS)
        before_measuring()
        runs: dict[str, list[Measurement]] = {name: [] for name in cases}
        turn = list(cases.items())
        for _ in range(self.repeats):
            for name, case in turn:
                runs[name].append(self._run_case(name, case, self.seconds))
            if alternate:
                turn.reverse()
        return runs

    def _run_case(self, name: str, case: Case, seconds: int) -> Measurement:
        self.bar.set_postfix_str(name)
        measured = case(seconds)
        self.bar.update()
        return measured

    def total(self, cases: int) -> int:
        """Return how many runs so many cases are, warm-ups included."""
        return cases * (self.repeats + 1)
