"""Words that this project does not use, in code, documents, tests and the changelog.

Run as a program, `python -m tests.documentation.test_words`, it lists every violation.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What each word stands for here, and what to say instead.
FORBIDDEN = {
    r"films?": "movie",
    r"catalogues?": "catalog",
    r"at[ _]hand": "cached",
    r"kept[ _]ready": "cached",
    r"(?:room|rooms)": "auditorium",
    r"(?:house|houses)": "cinema, or project",
    r"(?:wish|wishes|wished)": "request",
    r"(?:noes|yeses)": "refusals, acknowledgements",
    r"take_turn": "lock_catalog",
    r"greed": "exceed_limit",
    r"meddle": "use_foreign_booking",
    r"program+mes?": "schedule, or shows of a day",
    r"(?:tells?|told)(?= (?:of|which|what|how|whether|who))": "return, name, say",
}
WORD = re.compile(
    "|".join(rf"(?P<w{n}>(?<![a-z]){word}(?![a-z]))" for n, word in enumerate(FORBIDDEN)),
    re.IGNORECASE,
)
# Right as they stand: names of the contract, other people's names, and other senses.
ALLOWED = re.compile(
    r"house seats|warehouse|full house|room for|more room|RoomOfCinema|TicketWish|ticket_wish|roomy"
    r"|a room of its own|British Board of Film|beside the house|keeps house",
    re.IGNORECASE,
)
# These must quote words to avoid: migrations, and what lists, holds or records the rules.
EXEMPT = (
    "/migrations/",
    "docs/glossary.md",
    "docs/openapi.yaml",
    "tests/documentation/test_words.py",
    "docs/benchmarks/",
)


def files():
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.md", "*.html", "Makefile"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    return [name for name in listed.stdout.split() if not any(part in name for part in EXEMPT)]


def violations(name):
    """Return the forbidden words of a file, as `file:line: word: what to say instead`."""
    found = []
    for number, line in enumerate((ROOT / name).read_text().splitlines(), 1):
        for match in WORD.finditer(ALLOWED.sub("", line)):
            instead = list(FORBIDDEN.values())[int(match.lastgroup[1:])]
            found.append(f"{name}:{number}: {match[0]}: {instead}")
    return found


@pytest.mark.parametrize("name", sorted({*files()}))
def test_no_forbidden_word(name):
    assert violations(name) == []


def test_control_a_forbidden_word_is_found():
    assert [WORD.search(text) is not None for text in ("a film", "FILM_ROWS", "the film's")] == [
        True
    ] * 3
    assert WORD.search("filmed") is None


if __name__ == "__main__":
    print(*(line for name in files() for line in violations(name)), sep="\n", file=sys.stdout)
