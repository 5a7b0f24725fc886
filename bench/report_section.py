"""What a benchmark hands in: tables for people, figures for the targets, and what was wrong."""

import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.load import Measurement

HEAD = [
    "", "a second", "app CPU ms", "database CPU ms", "CPU ms", "p50 ms", "p99 ms", "memory MB",
]  # fmt: skip
NAMES = {"s2xx": "2xx", "s304": "304", "s409": "409", "s503": "503", "other": "other"}


@dataclass(slots=True)
class Section:
    """One part of the page. `figures` are known to the targets by their names."""

    title: str
    description: str
    tables: list[list[list[str]]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    measured: dict[str, Measurement] = field(default_factory=dict)

    def expect(self, allowed: Collection[str], *names: str) -> None:
        """Note as wrong what was answered otherwise in these cases."""
        for name in names:
            responses = self.measured[name].responses
            if unexpected := {
                NAMES[key]: n for key, n in responses.items() if n and key not in allowed
            }:
                self.problems.append(f"{self.title}, {name}: answered {unexpected}")

    def as_json(self) -> dict[str, Any]:
        """Return it for report.json, in which what is not a number is null."""
        return {**asdict(self), "measured": {n: _plain(one) for n, one in self.measured.items()}}


def _plain(one: Measurement) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in asdict(one).items()
    }


def table(measured: Mapping[str, Measurement]) -> list[list[str]]:
    """Return a table of these cases, a line each."""
    return [HEAD, *([name, *cells(one)] for name, one in measured.items())]


def cells(one: Measurement) -> list[str]:
    """Return the cells of a case, in the order of HEAD."""
    return [
        number(one.rate, 0), number(one.app_ms, 3), number(one.db_ms, 3), number(one.cpu_ms, 3),
        number(one.p50, 1), number(one.p99, 1), number(one.memory_mb, 0),
    ]  # fmt: skip


def number(value: float, digits: int) -> str:
    """Return a number for a table; a dash when it was not measured."""
    return "-" if math.isnan(value) else f"{value:,.{digits}f}"


def responses(one: Measurement) -> str:
    """Return how often what was answered: "812 2xx, 4,188 409"."""
    return ", ".join(f"{count:,} {NAMES[name]}" for name, count in one.responses.items() if count)
