"""docs/security.md names the test of each attack, and at least 150 attacks."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(
    r"^\| (.+?) \| .+ \| .+ \| `(tests/[\w/]+\.py)::(test_\w+)(?:\[(.+)\])?` \|$", re.MULTILINE
)
ROWS = ROW.findall((ROOT / "docs/security.md").read_text())


@cache
def tree(file):
    return ast.parse((ROOT / file).read_text())


@cache
def functions_and_texts(file):
    nodes = list(ast.walk(tree(file)))
    functions = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    return functions, {text for text in texts if isinstance(text, str)}


def test_there_are_at_least_150_attacks_and_every_row_is_read():
    assert len(ROWS) >= 150
    assert len({row[1:] for row in ROWS}) == len(ROWS)
    lines = (ROOT / "docs/security.md").read_text().splitlines()
    assert len(ROWS) == sum("::test_" in line for line in lines)


@pytest.mark.parametrize("file", sorted({row[1] for row in ROWS}))
def test_the_test_of_each_attack_exists(file):
    functions, texts = functions_and_texts(file)
    for _, of, test, case in ROWS:
        if of == file:
            assert test in functions
            unescaped = case.replace("\\|", "|").replace("\\t", "\t")
            assert not case or unescaped in texts, case


def test_every_attack_is_in_the_table():
    listed = {(file, test) for _, file, test, _ in ROWS}
    controls = {"test_every_page_with_a_form_is_in_the_list", "test_nothing_of_marquee_writes_csv"}
    for path in sorted((ROOT / "tests/attacks").glob("test_*.py")):
        file = str(path.relative_to(ROOT))
        functions, _ = functions_and_texts(file)
        tests = {name for name in functions if name.startswith("test_")} - controls
        assert {(file, name) for name in tests} <= listed
