"""What a benchmark hands in: tables for people, figures for the targets, and what was wrong."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

from bench.load import Measurement

HEAD = [
    "", "a second", "app CPU ms", "database CPU ms", "CPU ms", "p50 ms", "p99 ms", "memory MB",
]  # fmt: skip
NAMES = {"s2xx": "2xx", "s304": "304", "s409": "409", "s503": "503", "other": "other"}


class Figure(NamedTuple):
    """A figure of a run: its median, and the least and the most of the repeats."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, values: Iterable[float]) -> "Figure":
        """Return a figure with the spread of these values."""
        found = list(values) or [value]
        return cls(value, min(found), max(found))

    def text(self, digits: int) -> str:
        """Return it for a table: "1.17 (1.05 to 1.20)", without a spread if it has none."""
        value = number(self.value, digits)
        if self.low == self.high:
            return value
        return f"{value} ({number(self.low, digits)} to {number(self.high, digits)})"


def figure(one: Measurement, get: Callable[[Measurement], float]) -> Figure:
    """Return a figure of a case with the spread of its repeats."""
    return Figure.of(get(one), map(get, one.repeats))


def ratio(one: Measurement, other: Measurement, get: Callable[[Measurement], float]) -> Figure:
    """Return the ratio of two cases' figures; its spread is that within each turn."""
    pairs = zip(one.repeats, other.repeats, strict=True)
    return Figure.of(get(one) / get(other), (get(a) / get(b) for a, b in pairs))


def cpu(one: Measurement) -> float:
    """Return the CPU of a request."""
    return one.cpu_ms


def throughput(one: Measurement) -> float:
    """Return the responses a second."""
    return one.rate


@dataclass(slots=True)
class Section:
    """One part of the page. `figures` are known to the targets by their names."""

    title: str
    description: str
    tables: list[list[list[str]]] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)
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
    plain = {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in asdict(replace(one, repeats=())).items()
    }
    return plain | {"repeats": [{"rate": run.rate, "cpu_ms": run.cpu_ms} for run in one.repeats]}


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
