"""One round: shows of its own, clients that want their seats, and then every question asked.

Rounds keep the memory of a long run small, and a failure near its cause. What a round leaves in
var/prove/ when something was wrong can be checked again: `python -m prove.checker <directory>`.
"""

import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import orjson

from prove import audit_log, checker, environment
from prove.clients import (
    CONNECTIONS,
    Customer,
    CustomerState,
    OperationBudget,
    SharedState,
)
from prove.environment import RoundData
from prove.evidence import ExplainedFaults, Facts
from prove.history import History
from prove.http_client import Client, ClientLoop
from prove.results import Finding
from prove.staff import Administrator, Seller, SellerState, Staff, StaffSchedule
from prove.visitors import Visitor
from tests.server import ROOT

SAVED_RUNS = ROOT / "var" / "prove"
CLIENTS = 40
VISITORS = 4  # browsers without an account, each with two tabs
STAFF = 3
# In a round of a thousand operations; a round has at least one of each.
STAFF_ACTIONS = {"call_off": 2, "block": 6, "unblock": 5, "schedule": 2, "move": 2}
SELLER_ACTIONS = {"sell": 6, "refund": 3, "rename": 2}  # of each seller
ROLE_CHANGES = {"change_role": 6}
MIN_CALLED_OFF = 3
MAX_CALLED_OFF = environment.HOT_SHOWS - 1


@dataclass(slots=True)
class Round:
    """What to run, and what may then be expected of it."""

    name: str
    url: str
    address: str
    data: RoundData
    seed: int
    operations: int
    weights: Mapping[str, int] = field(default_factory=dict)
    clients: int = CLIENTS
    expected: ExplainedFaults = field(default_factory=ExplainedFaults)

    @property
    def directory(self) -> Path:
        """Where its history is while it runs, and stays when something was wrong."""
        return SAVED_RUNS / f"{self.name}-{self.seed}"


def run(one: Round, on_progress: Callable[[int], object]) -> list[Finding]:
    """Run a round and check it; return a finding for each invariant."""
    run_clients(one, on_progress)
    findings = checker.check_directory(one.directory, one.name.partition("-")[0])
    if not any(finding.violations for finding in findings):
        shutil.rmtree(one.directory)
    return findings


def run_clients(one: Round, on_progress: Callable[[int], object]) -> int:
    """Let the clients loose, and keep in the directory what they and the database saw.

    Return how many operations there were.
    """
    shutil.rmtree(one.directory, ignore_errors=True)
    one.directory.mkdir(parents=True)
    facts = Facts.of(one.data, one.expected)
    with History(one.directory / "history.jsonl") as history:
        ClientLoop(one.address, history).run(create_clients(one), on_progress)
    facts.end()
    audit_log.read(one.url, one.data.first).save(one.directory / "tables.json")
    (one.directory / "facts.json").write_bytes(orjson.dumps(facts))
    return history.count


def create_clients(one: Round) -> list[Client]:
    """Return the clients of a round, each with luck of its own that follows from the seed."""
    shared = SharedState(one.data, OperationBudget(one.operations))
    accounts = [
        CustomerState(*who) for who in one.data.people.customers[: one.clients // CONNECTIONS]
    ]
    clients: list[Client] = [
        Customer(
            number, accounts[number // CONNECTIONS], shared, _rng(one.seed, number), one.weights
        )
        for number in range(len(accounts) * CONNECTIONS)
    ]
    browsers = [CustomerState(0, "") for _ in range(VISITORS)]
    clients += [
        Visitor(
            one.clients + n,
            browsers[n // CONNECTIONS],
            shared,
            _rng(one.seed, one.clients + n),
            one.weights,
        )
        for n in range(VISITORS * CONNECTIONS)
    ]
    clients += _staff(one, shared)
    return clients


def _staff(one: Round, shared: SharedState) -> list[Client]:
    """Return the members of staff, of whom sellers have two connections each."""
    times = _times(STAFF_ACTIONS, one.operations)
    times["call_off"] = min(max(times["call_off"], MIN_CALLED_OFF), MAX_CALLED_OFF)
    schedule = StaffSchedule(one.operations, **times)
    numbers = count(one.clients + VISITORS * CONNECTIONS)
    staff: list[Client] = [
        Staff(next(numbers), shared, _rng(one.seed, -n - 1), schedule) for n in range(STAFF)
    ]
    schedule = StaffSchedule(one.operations, **_times(ROLE_CHANGES, one.operations))
    staff.append(Administrator(next(numbers), shared, _rng(one.seed, -10), schedule))
    for place, seller in enumerate(one.data.people.sellers):
        schedule = StaffSchedule(one.operations, **_times(SELLER_ACTIONS, one.operations))
        account = SellerState(seller, schedule)
        staff += [
            Seller(next(numbers), account, shared, _rng(one.seed, -20 - CONNECTIONS * place - n))
            for n in range(CONNECTIONS)
        ]
    return staff


def _times(actions: Mapping[str, int], operations: int) -> dict[str, int]:
    return {verb: max(1, count * operations // 1000) for verb, count in actions.items()}


def _rng(seed: int, number: int) -> random.Random:
    return random.Random(f"{seed} {number}")
