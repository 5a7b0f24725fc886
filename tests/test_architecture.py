"""What import-linter cannot say: some modules are pure, so importing them loads no database."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_LINES = 500
PURE = [
    "marquee.accounts.rules",
    "marquee.booking.best_seats",
    "marquee.booking.gap_rules",
    "marquee.booking.gate_rules",
    "marquee.booking.hold_rules",
    "marquee.booking.move_rules",
    "marquee.booking.records",
    "marquee.booking.rules",
    "marquee.booking.states",
    "marquee.catalog.local_time",
    "marquee.catalog.records",
    "marquee.catalog.rules",
    "marquee.catalog.seat_plan_text",
    "marquee.catalog.states",
]


def loads_a_database(module):
    """Return whether a fresh interpreter has `django.db` after it imported the module."""
    program = f"import {module}, sys; sys.exit('django.db' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return bool(done.returncode)


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_load_no_database(module):
    assert not loads_a_database(module)


def test_control_the_test_sees_a_module_that_loads_one():
    assert loads_a_database("marquee.core.clock")


def test_no_file_has_more_than_500_lines():
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True)
    files = [ROOT / name for name in listed.stdout.split() if "/migrations/" not in name]
    assert files
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in files}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}
