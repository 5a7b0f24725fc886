"""What was promised (issue 4), beside what this run measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt

from bench.report_section import Figure, Section

HEAD = ["what", "must", "reach for", "measured", ""]
COMPARE = {"≤": le, "<": lt, "≥": ge, ">": gt, "=": eq}


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison that a figure has to stand: Bound("≤", 0.95)."""

    sign: str
    value: float

    def holds(self, figure: float) -> bool:
        """Say whether the figure, rounded as the table shows it, stands it."""
        return bool(COMPARE[self.sign](figure, self.value))


@dataclass(frozen=True, slots=True)
class Target:
    """One line: which figures of which section, the worst of which counts."""

    what: str
    section: str
    figures: tuple[str, ...]
    must: Bound
    reach: Bound
    digits: int = 2
    unit: str = ""


def _ms(what: str, section: str, figures: tuple[str, ...], must: float, reach: float) -> Target:
    return Target(what, section, figures, Bound("≤", must), Bound("≤", reach), 3, " ms")


def _ratio(what: str, section: str, figure: str, must: Bound, reach: Bound) -> Target:
    return Target(what, section, (figure,), must, reach)


def _none(what: str, section: str, figure: str) -> Target:
    return Target(what, section, (figure,), Bound("=", 0), Bound("=", 0), 0)


TARGETS = (
    _ms("one booking, all rules and history on: CPU, application + database",
        "booking", ("one seat CPU",), 0.95, 0.60),
    _ratio("… throughput ÷ the limit", "peers", "to limit", Bound("≥", 0.1), Bound("≥", 0.2)),
    _ratio("… throughput ÷ FastAPI + asyncpg",
           "peers", "to fastapi", Bound("≥", 0.8), Bound(">", 1)),
    _ratio("… throughput ÷ textbook DRF", "peers", "to textbook", Bound("≥", 4), Bound("≥", 6)),
    _ratio("hot show ÷ spread shows, throughput",
           "booking", "hot to spread", Bound("≥", 0.9), Bound("≥", 1)),
    _ratio("four seats ÷ one seat, CPU",
           "booking", "four to one CPU", Bound("≤", 1.2), Bound("≤", 1.05)),
    _ms("availability: CPU", "reads", ("availability: CPU",), 0.30, 0.13),
    _ms("seat map of 300 seats: CPU", "reads", ("seat map, 300 seats: CPU",), 0.60, 0.15),
    _ms("list of movies, shows of a day: CPU, the dearer",
        "reads", ("list of movies: CPU", "shows of a day: CPU"), 0.40, 0.15),
    _ms("a page: CPU, the dearest", "pages",
        ("what's on: CPU", "seats of a show: CPU", "checkout: CPU"), 3, 1.5),
    _ratio("growth to the most bookings, CPU: booking one seat",
           "growth", "bookings: booking one seat", Bound("≤", 1.1), Bound("≤", 1)),
    _ratio("growth to the most bookings, CPU: what grows most",
           "growth", "bookings: worst", Bound("≤", 1.1), Bound("≤", 1)),
    _none("SQLite bookings, 32 clients: lock errors", "sqlite", "lock errors, 32 clients"),
    Target("… longest wait", "sqlite", ("longest wait s, 32 clients",),
           Bound("<", 5), Bound("<", 1), 2, " s"),
    Target("stampede of 5,000 for 300 seats: sold", "stampede", ("sold",),
           Bound("=", 300), Bound("=", 300), 0),
    _none("… responses other than 2xx and 409", "stampede", "unexpected responses"),
    Target("… p99", "stampede", ("p99",), Bound("≤", 500), Bound("≤", 250), 0, " ms"),
)  # fmt: skip


def table(sections: Mapping[str, Section]) -> list[list[str]]:
    """Return the targets of the sections that were run, each with what became of it."""
    return [
        HEAD,
        *(_line(one, sections[one.section]) for one in TARGETS if one.section in sections),
    ]


def missed(sections: Mapping[str, Section]) -> list[str]:
    """Return the targets that must be met and were not."""
    return [line[0] for line in table(sections)[1:] if line[-1] == "missed"]


def _line(target: Target, section: Section) -> list[str]:
    figures = [section.figures[name] for name in target.figures]
    # The worst of them: what fails, else what costs most.
    worst = max(figures, key=lambda one: (not target.must.holds(_rounded(one, target)), one.value))
    return [
        target.what,
        _bound(target.must, target),
        _bound(target.reach, target),
        f"{worst.text(target.digits)}{target.unit}",
        _verdict(target, _rounded(worst, target)),
    ]


def _rounded(figure: Figure, target: Target) -> float:
    return round(figure.value, target.digits)


def _bound(bound: Bound, target: Target) -> str:
    return f"{bound.sign} {bound.value:g}{target.unit}"


def _verdict(target: Target, figure: float) -> str:
    if target.reach.holds(figure):
        return "reached"
    return "met" if target.must.holds(figure) else "missed"
