"""Power cuts: everything is killed, and each file is as its last fsync left it.

The controls show that the cut is one: with settings that promise less, acknowledged bookings are
lost. With ours none is. On PostgreSQL the database's machine goes, and the web server must find it
again by itself; on SQLite the two are one machine.
"""

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote

from prove.faults.audit import audit
from prove.faults.disk import Disk
from prove.faults.persistent_clients import PersistentClients
from prove.faults.server_under_test import ServerUnderTest, save_evidence, start_target
from prove.results import Finding, Progress, Size, Violation

SIZES = {"sqlite": Size(full=50, quick=2), "postgresql": Size(full=50, quick=2)}
NAME = "power cuts"
RESPONSES_PER_FAULT = 40  # responses before the cut
TIMEOUT = 60.0
# A control loses at the first cut, if the moment is not a very lucky one.
MOST_CUTS = 4
LEAST_FOR_ALL = 10  # cuts
# PostgreSQL writes its log by itself five times a second: a slow machine may have acknowledged nothing since.
SELDOM = {"wal_writer_delay": "10s", "wal_writer_flush_after": "1GB"}
CONTROLS: dict[str, dict[str, str]] = {
    "sqlite": {"synchronous=NORMAL": "NORMAL", "synchronous=OFF": "OFF"},
    "postgresql": {"synchronous_commit=off": "synchronous_commit", "fsync=off": "fsync"},
}


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Cut so many times by our settings, then by each control's; return what was lost.

    A sample has one control, another one for another seed.
    """
    controls = list(CONTROLS[engine])
    if count < LEAST_FOR_ALL:
        controls = [controls[seed % len(controls)]]
    findings = [_ours(engine, count, seed, progress)]
    return findings + [_control(engine, name, seed) for name in controls]


def _ours(engine: str, count: int, seed: int, progress: Progress) -> Finding:
    finding = Finding(NAME, engine, 0, "cuts")
    with _on_a_disk(engine) as power:
        clients = power.clients(seed)
        for _ in range(count):
            is_up = power.cut(clients)
            finding.violations += audit(power.target, clients.journal) if is_up else []
            finding.checked += 1
            progress.update()
            if not is_up or finding.violations:
                break
        finding.violations += clients.journal.violations
        finding.note = f"{len(clients.journal.bookings)} acknowledged bookings"
        save_evidence(power.target, finding)
    return finding


def _control(engine: str, name: str, seed: int) -> Finding:
    """Cut until something acknowledged is lost: it is a violation if that never happens."""
    finding = Finding(f"power cuts lose with {name}", engine, 0, "cuts")
    with _on_a_disk(engine, CONTROLS[engine][name]) as power:
        clients = power.clients(seed)
        for _ in range(MOST_CUTS):
            finding.checked += 1
            if not power.cut(clients):
                finding.note = "the database did not come back"
                return finding
            wrong = [*clients.journal.violations, *audit(power.target, clients.journal)]
            if gone := {
                one.where for one in wrong if one.invariant == "every acknowledged change is stored"
            }:
                made = len(clients.journal.bookings)
                finding.note = f"{len(gone)} of {made} bookings lost at cut {finding.checked}"
                return finding
    finding.violations.append(
        Violation("a control loses data", name, f"nothing was lost in {MOST_CUTS} cuts")
    )
    return finding


class PowerSupply:
    """A victim on a disk that forgets."""

    def __init__(self, target: ServerUnderTest) -> None:
        target.web.kill()
        if target.cluster:
            target.cluster.stop()
        self.target = target
        self.disk = Disk(target.files)
        self.rng = random.Random(target.web.port)
        self._restore(self.disk.environment)

    def clients(self, seed: int) -> PersistentClients:
        """Return customers for it."""
        self.rng.seed(seed)
        people = self.target.people
        where = (people.shows, people.seats)
        history = self.target.directory / "history"
        clerk = self.target.clerk
        return PersistentClients(self.target.address, people.users, where, history, seed, clerk)

    def cut(self, clients: PersistentClients) -> bool:
        """Cut the power under load and restore it; say whether all came back by itself."""
        clients.start()
        clients.wait_for(RESPONSES_PER_FAULT)
        time.sleep(self.rng.uniform(0, 0.2))
        self._cut()
        self.disk.cut()
        try:
            self._restore(self.disk.environment)
        except RuntimeError as errors:
            clients.journal.violations.append(
                Violation("the database comes back", self.target.engine, str(errors))
            )
            self.target.web.kill()
            return False
        return clients.finish(TIMEOUT)

    def _cut(self) -> None:
        if self.target.cluster:
            self.target.cluster.kill()
        else:
            self.target.web.kill()

    def _restore(self, environment: Mapping[str, str]) -> None:
        if self.target.cluster:
            self.target.cluster.start(environment)
            if not self.target.web.is_running:
                self.target.web.start()
        else:
            self.target.web.start(environment)


@contextmanager
def _on_a_disk(engine: str, weaker: str = "") -> Iterator[PowerSupply]:
    with start_target(engine, rows=8) as target:
        if weaker and target.cluster:
            target.cluster.settings |= {weaker: "off", **SELDOM}
        elif weaker:
            pragmas = f"PRAGMA journal_mode=WAL; PRAGMA synchronous={weaker};"
            target.web.environment["DATABASE_URL"] += f"?init_command={quote(pragmas)}"
        yield PowerSupply(target)
