"""What a mail says, apart from how it looks: the same for its HTML and its plain text."""

import re
from collections.abc import Sequence
from typing import NamedTuple

MAX_SUBJECT_LENGTH = 150
# Controls, line separators, and marks that change the direction of what follows.
_NOT_IN_A_LINE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


class Fact(NamedTuple):
    """One line of what a mail is about: `Seats`, `C7 and C8`."""

    label: str
    value: str


class Button(NamedTuple):
    """A link that the reader may follow."""

    label: str
    url: str


class Text(NamedTuple):
    """A mail: what it is about, what happened, the facts, what the reader can do, and small print."""

    subject: str
    title: str
    paragraphs: Sequence[str]
    facts: Sequence[Fact] = ()
    button: Button | None = None
    notes: Sequence[str] = ()


def subject_line(text: str) -> str:
    """Return a text as a subject, in which no part is read as an encoded word (RFC 2047)."""
    return one_line(text.replace("=?", "= ?"))


def one_line(text: str, limit: int = MAX_SUBJECT_LENGTH) -> str:
    """Return a text as one line: without line breaks and marks that nobody sees."""
    line = " ".join(_NOT_IN_A_LINE.sub(" ", text).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
