"""What import-linter cannot say: some modules are pure, so importing them loads no database."""

import subprocess
import sys

import pytest

PURE = [
    "marquee.accounts.rules",
    "marquee.catalog.local_time",
    "marquee.catalog.records",
    "marquee.catalog.rules",
]


def loads_a_database(module):
    """Return whether a fresh interpreter has `django.db` after it imported the module."""
    program = f"import {module}, sys; sys.exit('django.db' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return bool(done.returncode)


@pytest.mark.parametrize("module", PURE)
def test_rules_load_no_database(module):
    assert not loads_a_database(module)


def test_control_the_test_sees_a_module_that_loads_one():
    assert loads_a_database("marquee.core.clock")
