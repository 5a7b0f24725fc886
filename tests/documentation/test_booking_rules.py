"""docs/booking-rules.md, docs/account-rules.md and docs/mails.md name the test of each rule."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


PAGES = ["docs/booking-rules.md", "docs/account-rules.md", "docs/mails.md"]


def rule_tests():
    return [row for page in PAGES for row in ROW.findall((ROOT / page).read_text())]


def functions_in(file):
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_there_are_rules():
    assert len(rule_tests()) > 30


@pytest.mark.parametrize(("file", "test"), rule_tests())
def test_the_test_of_a_rule_exists(file, test):
    assert test in functions_in(file)
