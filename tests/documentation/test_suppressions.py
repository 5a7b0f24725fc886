"""Every `noqa` and `type: ignore` names a code that CONTRIBUTING.md has a reason for."""

import re
import subprocess
import tokenize
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUPPRESSION = re.compile(
    r"(?:noqa|type: ignore)(?::\s?(?P<ruff>[A-Z]+\d+(?:, [A-Z]+\d+)*)|\[(?P<mypy>[\w-]+(?:,\s?[\w-]+)*)\])?"
)


def files():
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.split()]


def suppressions(file):
    """Yield the line and the codes of each suppression in a file; no codes for a bare one."""
    with file.open("rb") as source:
        for token in tokenize.tokenize(source.readline):
            if token.type == tokenize.COMMENT:
                for found in SUPPRESSION.finditer(token.string):
                    codes = found["ruff"] or found["mypy"] or ""
                    yield token.start[0], set(re.findall(r"[\w-]+", codes))


def allowed():
    """Return the codes in the table of CONTRIBUTING.md, each of a row with a reason."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    _, _, rest = text.partition("<!-- suppressions -->")
    table, end, _ = rest.partition("<!-- end of suppressions -->")
    assert end
    rows = re.findall(r"^\| (`.*`) \| (\w.*) \|$", table, re.MULTILINE)
    return {code for codes, _ in rows for code in re.findall(r"`([\w-]+)`", codes)}


def test_every_suppression_has_a_code_with_a_listed_reason():
    wrong = [
        f"{file.relative_to(ROOT)}:{line}: {codes or 'no code'}"
        for file in files()
        for line, codes in suppressions(file)
        if not codes or not codes <= allowed()
    ]
    assert wrong == []


def test_no_listed_reason_is_unused():
    used = {code for file in files() for _, codes in suppressions(file) for code in codes}
    assert allowed() <= used


def test_control_a_bare_suppression_is_found(tmp_path):
    file = tmp_path / "bare.py"
    file.write_text("x = 1  # no" + "qa\ny = 2  # type" + ": ignore[arg-type, misc]\n")
    assert list(suppressions(file)) == [(1, set()), (2, {"arg-type", "misc"})]
