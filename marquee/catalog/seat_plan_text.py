"""Seat plans as text: one string a row, such as "B: pp_ww_cc". Pure: no database.

The row's label and a colon, then from the left: `s` standard, `p` premium, `r` recliner,
`w` wheelchair space, `c` companion seat, `_` a gap, `.` a gap that takes a number.

Seats are numbered from 1 in each row, from the left: `B: pp_ww` has B1 to B4, `B: pp.ww` has B1, B2,
B4 and B5. After `B<:` they are numbered from the right. Where the label is a number, a dash stands
between: row 12 has 12-1. A label has 1 to 4 capital letters of any script, or digits.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from marquee.catalog.errors import BadSeatPlan
from marquee.catalog.states import SeatCategory, SeatKind

GAP, NUMBERED_GAP = "_", "."
FROM_RIGHT = "<"
SEAT_CODES = {
    "s": (SeatCategory.STANDARD, SeatKind.STANDARD),
    "p": (SeatCategory.PREMIUM, SeatKind.STANDARD),
    "r": (SeatCategory.RECLINER, SeatKind.STANDARD),
    "w": (SeatCategory.STANDARD, SeatKind.WHEELCHAIR),
    "c": (SeatCategory.STANDARD, SeatKind.COMPANION),
}
MAX_ROWS = 100
MAX_PLACES = 100
MAX_LABEL_LENGTH = 4
MAX_TYPED_LENGTH = 50
_DIGITS = re.compile(r"[0-9]+\Z")
# Greek and Cyrillic capitals that print as a Latin one.
_LOOKALIKES = str.maketrans(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406\u0408",
    "ABEZHIKMNOPTYXABEKMHOPCTYXSIJ",
)


def normalise_label(typed: str) -> str:
    """Return a seat's label as plans have it: composed, in capitals.

    A longer text than any label is cut, and so is none: composing takes the square of its length.
    """
    return unicodedata.normalize("NFC", typed[:MAX_TYPED_LENGTH].upper())


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
    """One row of a plan: its label, a letter for each place from the left, and where numbers begin."""

    label: str
    y: int
    places: str
    from_right: bool = False

    @property
    def text(self) -> str:
        """The row as we store it, without the blanks that staff typed."""
        return f"{self.label}{FROM_RIGHT * self.from_right}: {self.places}"

    @property
    def seats(self) -> Iterator[ParsedSeat]:
        """The row's seats from the left."""
        dash = "-" if _DIGITS.match(self.label) else ""
        for x, number in self._numbers():
            letter = self.places[x - 1]
            yield ParsedSeat(
                f"{self.label}{dash}{number}", self.label, self.y, x, *SEAT_CODES[letter]
            )

    def _numbers(self) -> list[tuple[int, int]]:
        """Return the place and the number of each seat, from the left."""
        counted = [x for x, letter in enumerate(self.places, 1) if letter != GAP]
        if self.from_right:
            counted.reverse()
        numbered = [
            (x, number) for number, x in enumerate(counted, 1) if self.places[x - 1] != NUMBERED_GAP
        ]
        return sorted(numbered)


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
    head, colon, places = (part.strip() for part in line.partition(":"))
    if not colon:
        raise _bad_row(y, 'has no colon: write it as "A: sssss_sssss"')
    label = unicodedata.normalize("NFC", head.removesuffix(FROM_RIGHT).strip())
    if not _is_label(label):
        raise _bad_row(
            y, f"has a label that is not 1 to {MAX_LABEL_LENGTH} capital letters or digits"
        )
    if unknown := sorted(set(places) - set(SEAT_CODES) - {GAP, NUMBERED_GAP}):
        raise _bad_row(y, f"has {unknown[0]!a}: places are written with s p r w c, _ and .")
    if len(places) > MAX_PLACES:
        raise _bad_row(y, f"has more than {MAX_PLACES} places")
    if not places.strip(GAP + NUMBERED_GAP):
        raise _bad_row(y, "has no seats")
    return ParsedRow(label, y, places, from_right=head.endswith(FROM_RIGHT))


def _is_label(label: str) -> bool:
    """Return whether a row's label has only capitals, letters of scripts without capitals, and digits."""
    is_short = 0 < len(label) <= MAX_LABEL_LENGTH
    return is_short and label == normalise_label(label) and all(map(_is_label_char, label))


def _is_label_char(char: str) -> bool:
    if char.isdigit():
        return char.isascii()
    return (
        unicodedata.category(char) in {"Lu", "Lo"} and unicodedata.normalize("NFKC", char) == char
    )


def _check_labels(rows: Sequence[ParsedRow]) -> None:
    """Refuse rows that would give two seats the same label, or labels that print the same.

    Two rows have one label, or the label and the number run together: rows A and A1 both have A11.
    """
    owner: dict[str, int] = {}
    for row in rows:
        for seat in row.seats:
            printed = seat.label.translate(_LOOKALIKES)
            if (other := owner.setdefault(printed, row.y)) != row.y:
                raise _bad_row(row.y, f"has a seat {seat.label}, and so does row {other}")


def _bad_row(y: int, what: str) -> BadSeatPlan:
    return BadSeatPlan(f"Row {y} {what}.", field="rows", row=y)
