"""Seat plans as text: one string a row, such as "B: pp_ww_cc". Pure: no database.

The row's label and a colon, then from the left: `s` standard, `p` premium, `r` recliner,
`w` wheelchair space, `c` companion seat, `_` a gap. Seats are numbered from 1 in each row, gaps
not counted, so `B: pp_ww` has B1 to B4.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from marquee.catalog.errors import BadSeatPlan
from marquee.catalog.states import SeatCategory, SeatKind

GAP = "_"
SEAT_CODES = {
    "s": (SeatCategory.STANDARD, SeatKind.STANDARD),
    "p": (SeatCategory.PREMIUM, SeatKind.STANDARD),
    "r": (SeatCategory.RECLINER, SeatKind.STANDARD),
    "w": (SeatCategory.STANDARD, SeatKind.WHEELCHAIR),
    "c": (SeatCategory.STANDARD, SeatKind.COMPANION),
}
MAX_ROWS = 100
MAX_PLACES = 100
_LABEL = re.compile(r"[A-Z0-9]{1,4}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class ParsedSeat:
    """One seat: `y` counts rows from the screen, `x` places from the left, gaps too, both from 1."""

    label: str
    row: str
    y: int
    x: int
    category: SeatCategory
    kind: SeatKind


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """One row of a plan: its label, and a letter for each place from the left."""

    label: str
    y: int
    places: str

    @property
    def text(self) -> str:
        """The row as we store it, without the blanks that staff typed."""
        return f"{self.label}: {self.places}"

    @property
    def seats(self) -> Iterator[ParsedSeat]:
        """The row's seats from the left, numbered from 1."""
        taken = ((x, letter) for x, letter in enumerate(self.places, 1) if letter != GAP)
        for number, (x, letter) in enumerate(taken, 1):
            yield ParsedSeat(f"{self.label}{number}", self.label, self.y, x, *SEAT_CODES[letter])


def parse(lines: Sequence[str]) -> list[ParsedRow]:
    """Return the rows of a plan, from the screen back.

    Refuses with BadSeatPlan, which names the row and its mistake.
    """
    if not lines:
        raise BadSeatPlan("A seat plan has at least one row.", field="rows")
    if len(lines) > MAX_ROWS:
        raise BadSeatPlan(f"A seat plan has at most {MAX_ROWS} rows.", field="rows")
    rows = [_row(line, y) for y, line in enumerate(lines, 1)]
    _check_labels(rows)
    return rows


def seats(rows: Sequence[ParsedRow]) -> list[ParsedSeat]:
    """Return every seat, row by row from the screen, each row from the left."""
    return [seat for row in rows for seat in row.seats]


def _row(line: str, y: int) -> ParsedRow:
    label, colon, places = (part.strip() for part in line.partition(":"))
    if not colon:
        raise _bad_row(y, 'has no colon: write it as "A: sssss_sssss"')
    if not _LABEL.match(label):
        raise _bad_row(y, "has a label that is not 1 to 4 capital letters or digits")
    if unknown := sorted(set(places) - set(SEAT_CODES) - {GAP}):
        raise _bad_row(y, f"has {unknown[0]!a}: places are written with s p r w c and _")
    if len(places) > MAX_PLACES:
        raise _bad_row(y, f"has more than {MAX_PLACES} places")
    if not places.strip(GAP):
        raise _bad_row(y, "has no seats")
    return ParsedRow(label, y, places)


def _check_labels(rows: Sequence[ParsedRow]) -> None:
    """Refuse rows that would give two seats the same label.

    Two rows have one label, or the label and the number run together: rows A and A1 both have A11.
    """
    owner: dict[str, int] = {}
    for row in rows:
        for seat in row.seats:
            if (other := owner.setdefault(seat.label, row.y)) != row.y:
                raise _bad_row(row.y, f"has a seat {seat.label}, and so does row {other}")


def _bad_row(y: int, what: str) -> BadSeatPlan:
    return BadSeatPlan(f"Row {y} {what}.", field="rows", row=y)
