"""Cases that are compared run in turn (A B C, A B C, …), so that what else the machine does meets all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench import load
from bench.load import Measured

WARM_UP_SECONDS = 1
SECONDS, REPEATS = 3, 3

# Runs for so many seconds and returns what it cost.
Case = Callable[[int], Measured]


@dataclass(frozen=True, slots=True)
class Turns:
    """How long a run is, how often it is repeated, and the bar that tells how far we are."""

    seconds: int
    repeats: int
    bar: Any

    def run(
        self, cases: Mapping[str, Case], *, settle: Callable[[], object] = lambda: None
    ) -> dict[str, Measured]:
        """Warm each case up, `settle`, and return the medians of each case's runs."""
        measured = self.each(cases, settle=settle)
        return {name: load.middle(runs) for name, runs in measured.items()}

    def each(
        self,
        cases: Mapping[str, Case],
        *,
        settle: Callable[[], object] = lambda: None,
        and_back: bool = False,
    ) -> dict[str, list[Measured]]:
        """Warm each case up, `settle`, and return each case's runs, in the order of the turns.

        `and_back`: every other time from the last to the first (A B C, C B A), as what a case leaves
        to be written is written while the next one runs.
        """
        for name, case in cases.items():
            self._shown(name, case, WARM_UP_SECONDS)
        settle()
        runs: dict[str, list[Measured]] = {name: [] for name in cases}
        turn = list(cases.items())
        for _ in range(self.repeats):
            for name, case in turn:
                runs[name].append(self._shown(name, case, self.seconds))
            if and_back:
                turn.reverse()
        return runs

    def _shown(self, name: str, case: Case, seconds: int) -> Measured:
        self.bar.set_postfix_str(name)
        measured = case(seconds)
        self.bar.update()
        return measured

    def count(self, cases: int) -> int:
        """Return how many runs so many cases are, warm-ups included."""
        return cases * (self.repeats + 1)
