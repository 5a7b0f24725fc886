"""The clock that is wrong."""

import json
import subprocess
import sys
import time

import pytest

from prove.faults.clocks import Clock

ASK = """
import json, sqlite3, sys, time
def ask():
    sql = "SELECT julianday('now')"
    return time.time(), time.monotonic(), sqlite3.connect(':memory:').execute(sql).fetchone()[0]
print(json.dumps(ask()), flush=True)
sys.stdin.readline()
print(json.dumps(ask()), flush=True)
"""
JULIAN_1970 = 2440587.5


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path / "clock")


@pytest.fixture
def asked(clock):
    """A program under the clock that tells the time twice: at once, and after a line of input."""
    clock.set(3600)
    program = subprocess.Popen(
        [sys.executable, "-c", ASK],
        env=clock.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield program
    program.communicate()


def test_the_time_of_day_is_moved_and_may_be_stepped_back_while_it_runs(clock, asked):
    before = json.loads(asked.stdout.readline())
    clock.set(-3600)
    asked.stdin.write("\n")
    asked.stdin.flush()
    after = json.loads(asked.stdout.readline())
    for (day, _, sqlite), hours in ((before, 1), (after, -1)):
        assert day - time.time() == pytest.approx(hours * 3600, abs=30)
        assert (sqlite - JULIAN_1970) * 86400 - time.time() == pytest.approx(hours * 3600, abs=30)


def test_how_long_something_takes_is_not_moved(clock, asked):
    _, monotonic, _ = json.loads(asked.stdout.readline())
    assert monotonic == pytest.approx(time.monotonic(), abs=30)
