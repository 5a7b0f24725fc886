"""Rules decide without a database: their modules do not even import it."""

import subprocess
import sys

import pytest

PURE = [
    "marquee.booking.best_seats",
    "marquee.booking.records",
    "marquee.booking.rules",
    "marquee.booking.states",
    "marquee.catalog.records",
    "marquee.catalog.states",
]
REPORT = (
    "import sys, importlib; importlib.import_module(sys.argv[1]); print('django.db' in sys.modules)"
)


def loads_the_database(module):
    ran = subprocess.run(
        [sys.executable, "-c", REPORT, module], capture_output=True, text=True, check=True
    )
    return ran.stdout.strip() == "True"


@pytest.mark.parametrize("module", PURE)
def test_a_module_of_rules_loads_no_database(module):
    assert not loads_the_database(module)


def test_control_other_modules_load_it():
    assert loads_the_database("marquee.core.sql")
