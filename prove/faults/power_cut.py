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
from prove.faults.persistent_clients import Crowd
from prove.faults.server_under_test import Victim, keep, opened
from prove.results import Finding, Progress, Size, Violation

SIZES = {"sqlite": Size(full=50, quick=2), "postgresql": Size(full=50, quick=2)}
NAME = "power cuts"
FLOWING = 40  # answers before the cut
PATIENCE = 60.0
# A control loses at the first cut, if the moment is not a very lucky one.
MOST_CUTS = 4
LEAST_FOR_ALL = 10  # cuts
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
        crowd = power.crowd(seed)
        for _ in range(count):
            is_up = power.cut(crowd)
            finding.violations += audit(power.victim, crowd.journal) if is_up else []
            finding.checked += 1
            progress.update()
            if not is_up or finding.violations:
                break
        finding.violations += crowd.journal.violations
        finding.note = f"{len(crowd.journal.made)} acknowledged bookings"
        keep(power.victim, finding)
    return finding


def _control(engine: str, name: str, seed: int) -> Finding:
    """Cut until something acknowledged is lost: it is a violation if that never happens."""
    finding = Finding(f"power cuts lose with {name}", engine, 0, "cuts")
    with _on_a_disk(engine, CONTROLS[engine][name]) as power:
        crowd = power.crowd(seed)
        for _ in range(MOST_CUTS):
            finding.checked += 1
            if not power.cut(crowd):
                finding.note = "the database did not come back"
                return finding
            wrong = [*crowd.journal.violations, *audit(power.victim, crowd.journal)]
            if gone := {one.where for one in wrong if one.invariant == "every yes is kept"}:
                made = len(crowd.journal.made)
                finding.note = f"{len(gone)} of {made} bookings lost at cut {finding.checked}"
                return finding
    finding.violations.append(
        Violation("a control loses data", name, f"nothing was lost in {MOST_CUTS} cuts")
    )
    return finding


class Power:
    """A victim on a disk that forgets."""

    def __init__(self, victim: Victim) -> None:
        victim.web.kill()
        if victim.cluster:
            victim.cluster.stop()
        self.victim = victim
        self.disk = Disk(victim.files)
        self.luck = random.Random(victim.web.port)
        self._restore(self.disk.environment)

    def crowd(self, seed: int) -> Crowd:
        """Return customers for it."""
        self.luck.seed(seed)
        people = self.victim.people
        where = (people.shows, people.seats)
        history = self.victim.directory / "history"
        return Crowd(self.victim.address, people.users, where, history, seed)

    def cut(self, crowd: Crowd) -> bool:
        """Cut the power under load and restore it; say whether all came back by itself."""
        crowd.go()
        crowd.wait_for(FLOWING)
        time.sleep(self.luck.uniform(0, 0.2))
        self._cut()
        self.disk.cut()
        try:
            self._restore(self.disk.environment)
        except RuntimeError as trouble:
            crowd.journal.violations.append(
                Violation("the database comes back", self.victim.engine, str(trouble))
            )
            self.victim.web.kill()
            return False
        return crowd.rest(PATIENCE)

    def _cut(self) -> None:
        if self.victim.cluster:
            self.victim.cluster.kill()
        else:
            self.victim.web.kill()

    def _restore(self, environment: Mapping[str, str]) -> None:
        if self.victim.cluster:
            self.victim.cluster.start(environment)
            if not self.victim.web.is_running:
                self.victim.web.start()
        else:
            self.victim.web.start(environment)


@contextmanager
def _on_a_disk(engine: str, weaker: str = "") -> Iterator[Power]:
    with opened(engine, rows=8) as victim:
        if weaker and victim.cluster:
            victim.cluster.settings[weaker] = "off"
        elif weaker:
            pragmas = f"PRAGMA journal_mode=WAL; PRAGMA synchronous={weaker};"
            victim.web.environment["DATABASE_URL"] += f"?init_command={quote(pragmas)}"
        yield Power(victim)
