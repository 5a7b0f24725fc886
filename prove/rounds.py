"""One round: shows of its own, clients that want their seats, and then every question asked.

Rounds keep the memory of a long run small, and a failure near its cause. What a round leaves in
var/prove/ when something was wrong can be checked again: `python -m prove.checker <directory>`.
"""

import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from prove import audit_log, checker, environment
from prove.clients import CONNECTIONS, Account, Budget, Customer, Plot, Rota, Staff
from prove.environment import Stage
from prove.evidence import Expected, Facts
from prove.history import History
from prove.http_client import Client, Exchange
from prove.results import Finding
from tests.server import ROOT

KEPT = ROOT / "var" / "prove"
CLIENTS = 48
STAFF = 3
# In a round of a thousand operations; a round has at least one of each.
STAFF_TIMES = {"call_off": 2, "block": 6, "unblock": 5, "schedule": 2}
LEAST_CALLED_OFF = 3
MOST_CALLED_OFF = environment.HOT_SHOWS - 1


@dataclass(slots=True)
class Round:
    """What to run, and what may then be expected of it."""

    name: str
    url: str
    address: str
    stage: Stage
    seed: int
    operations: int
    weights: Mapping[str, int] = field(default_factory=dict)
    clients: int = CLIENTS
    expected: Expected = field(default_factory=Expected)

    @property
    def directory(self) -> Path:
        """Where its history is while it runs, and stays when something was wrong."""
        return KEPT / f"{self.name}-{self.seed}"


def run(one: Round, tell: Callable[[int], object]) -> list[Finding]:
    """Run a round and check it; return a finding for each invariant."""
    drive(one, tell)
    findings = checker.check_directory(one.directory, one.name.partition("-")[0])
    if not any(finding.violations for finding in findings):
        shutil.rmtree(one.directory)
    return findings


def drive(one: Round, tell: Callable[[int], object]) -> int:
    """Let the clients loose, and keep in the directory what they and the database saw.

    Return how many operations there were.
    """
    shutil.rmtree(one.directory, ignore_errors=True)
    one.directory.mkdir(parents=True)
    facts = Facts.of(one.stage, one.expected)
    with History(one.directory / "history.jsonl") as history:
        Exchange(one.address, history).drive(cast_of(one), tell)
    facts.end()
    audit_log.read(one.url, one.stage.first).dump(one.directory / "tables.json")
    (one.directory / "facts.json").write_bytes(orjson.dumps(facts))
    return history.count


def cast_of(one: Round) -> list[Client]:
    """Return the clients of a round, each with luck of its own that follows from the seed."""
    plot = Plot(one.stage, Budget(one.operations))
    accounts = [Account(*who) for who in one.stage.people.customers[: one.clients // CONNECTIONS]]
    cast: list[Client] = [
        Customer(
            number, accounts[number // CONNECTIONS], plot, _luck(one.seed, number), one.weights
        )
        for number in range(len(accounts) * CONNECTIONS)
    ]
    times = {verb: max(1, count * one.operations // 1000) for verb, count in STAFF_TIMES.items()}
    times["call_off"] = min(max(times["call_off"], LEAST_CALLED_OFF), MOST_CALLED_OFF)
    rota = Rota(one.operations, **times)
    cast += [Staff(one.clients + n, plot, _luck(one.seed, -n - 1), rota) for n in range(STAFF)]
    return cast


def _luck(seed: int, number: int) -> random.Random:
    return random.Random(f"{seed} {number}")
