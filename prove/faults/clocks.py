"""Clocks that are wrong: the application's an hour ahead and behind, the database's stepped back.

On PostgreSQL the two are different clocks: the web server's says nothing about who has a seat. On
SQLite the server's is the database's. Either may be stepped while customers book: times change,
seats do not change hands.
"""

import random
import struct
from collections.abc import Callable, Mapping
from itertools import count as numbers
from pathlib import Path

from prove import http_client
from prove.faults import shim
from prove.faults.audit import PROBE, audit
from prove.faults.persistent_clients import PersistentClients
from prove.faults.server_under_test import ServerUnderTest, save_evidence, start_target
from prove.results import Finding, Progress, Size, Violation

SIZES = {"sqlite": Size(full=20, quick=2), "postgresql": Size(full=20, quick=3)}
NAME = "wrong clocks"
RESPONSES_PER_FAULT = 60  # responses under each step
HOUR = 3600.0
HOLD_HOURS = 5.0
# Tokens carry when they were made, by the server's clock: so customers come at the earliest time.
EARLIEST = -3 * HOUR
PASSWORD = "correct horse battery staple"  # of a database that lives for seconds


class Clock:
    """The time of day that some processes see; it may be moved while they run."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.touch()
        file.chmod(0o644)
        self.set(0)

    def set(self, seconds: float) -> None:
        """Put the clock so far ahead of the true time, or behind it when negative."""
        with self.file.open("r+b") as out:
            out.write(struct.pack("=q", int(seconds * 1e9)))

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables under which a program sees this clock."""
        return {"LD_PRELOAD": str(shim.initial_shows("clock")), "CLOCK_SHIM_FILE": str(self.file)}


class Clocks:
    """A victim under clocks of ours, with customers whose tokens are good at each of their times."""

    def __init__(self, target: ServerUnderTest, seed: int) -> None:
        self.target, self.rng = target, random.Random(seed)
        self.application = Clock(target.directory / "application.clock")
        self.database = self.application
        target.web.kill()
        if target.cluster:
            self.database = Clock(target.directory / "database.clock")
            target.cluster.stop()
            target.cluster.start(self.database.environment)
        self.application.set(EARLIEST)
        target.web.start(self.application.environment)
        self.people = [self._sign_up(number) for number in range(12)]
        self.application.set(0)
        self.wrong: list[Violation] = []
        self.days, self.keys = numbers(10), numbers(1)

    def _sign_up(self, number: int) -> tuple[int, str]:
        body = {"email": f"c{number}@example.com", "password": PASSWORD, "name": "Customer"}
        said = http_client.call(self.target.address, "", "POST", "auth/signup/", body)
        return said["user"]["id"], said["access"]

    # --- Probes: what a wrong clock must not do ---------------------------------------------------

    def probe_live_hold(self) -> None:
        """Take over no live hold because the application's clock says that it has ended."""
        show, (alice, bob) = self._show(), self._two()
        held = self._book(alice, show, hold=True)
        self.application.set(self.rng.uniform(HOLD_HOURS + 1, 48) * HOUR)
        self._expect("a live hold is not taken over", self._book(bob, show), 409)
        reference = held.body["reference"]
        self._expect("a live hold is confirmed", self._ask(alice, reference, "confirm"), 200)
        self.application.set(0)

    def probe_ended_hold(self) -> None:
        """Take over a hold that the database's clock has ended, though the application's is behind."""
        show, (alice, bob) = self._show(), self._two()
        held = self._book(alice, show, hold=True)
        self.application.set(-HOUR)
        self.database.set(self.rng.uniform(HOLD_HOURS + 1, 48) * HOUR)
        self._expect("an ended hold is taken over", self._book(bob, show), 201)
        self.application.set(0)
        self.database.set(0)
        self._ask(alice, held.body["reference"], "cancel")  # by the clock stepped back, a hold

    def probe_taken_over(self) -> None:
        """Keep what was taken over, when the clock steps back to before the hold ended."""
        show, (alice, bob) = self._show(), self._two()
        held = self._book(alice, show, hold=True)
        self.database.set((HOLD_HOURS + 1) * HOUR)
        self._expect("an ended hold is taken over", self._book(bob, show), 201)
        self.database.set(0)
        reference = held.body["reference"]
        confirmed = self._ask(alice, reference, "confirm")
        self._expect("what was taken over is not confirmed", confirmed, 409)
        self._ask(alice, reference, "cancel")
        self._expect("and stays its new owner's", self._book(alice, show), 409)

    def _show(self) -> int:
        return self.target.add_show(next(self.days))

    def _two(self) -> tuple[str, str]:
        one, other = self.rng.sample(self.people, 2)
        return one[1], other[1]

    def _book(self, token: str, show: int, *, hold: bool = False) -> http_client.Response:
        body = {"tickets": [{"seat": "A1"}, {"seat": "A2"}], "hold": hold}
        key = f"{PROBE}{next(self.keys)}"
        sent = http_client.request(
            "POST", f"shows/{show}/bookings/", token, body, Idempotency_Key=key
        )
        return http_client.send(self.target.address, sent)

    def _ask(self, token: str, reference: str, verb: str) -> http_client.Response:
        sent = http_client.request("POST", f"bookings/{reference}/{verb}/", token, {})
        return http_client.send(self.target.address, sent)

    def _expect(self, invariant: str, reply: http_client.Response, status: int) -> None:
        if reply.status != status:
            what = f"expected {status}, got {reply.status}: {reply.body}"
            self.wrong.append(Violation(invariant, self.target.engine, what))

    # --- Steps under load -------------------------------------------------------------------------

    def step_under_load(self, clients: PersistentClients, clock: Clock, *hours: float) -> None:
        """Step a clock, again and again, while customers book."""
        clients.start()
        for offset in hours:
            clock.set(offset * HOUR)
            if not clients.wait_for(RESPONSES_PER_FAULT // len(hours)):
                what = f"the crowd stopped at {offset} h"
                self.wrong.append(Violation("clients keep working", self.target.engine, what))
        clients.finish()
        clock.set(0)


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Put the clocks wrong so many times; return what went wrong with the seats."""
    finding = Finding(NAME, engine, 0, "steps")
    with start_target(engine, rows=8, HOLD_MINUTES=str(int(HOLD_HOURS * 60))) as target:
        clocks = Clocks(target, seed)
        where = (list(target.people.shows), target.people.seats)
        history = target.directory / "history"
        clients = PersistentClients(target.address, clocks.people, where, history, seed)
        kinds = _kinds(clocks, clients)
        for number in range(count):
            kinds[number % len(kinds)]()
            finding.checked += 1
            finding.violations += audit(target, clients.journal)
            progress.update()
        finding.violations += clocks.wrong + clients.journal.violations
        finding.note = f"{clients.journal.responses} responses under clocks up to two days wrong"
        save_evidence(target, finding)
    return [finding]


def _kinds(clocks: Clocks, clients: PersistentClients) -> list[Callable[[], None]]:
    """Return what can be done to the clocks of this engine, one after another."""
    application, database = clocks.application, clocks.database

    def stepped_back() -> None:
        clocks.step_under_load(clients, database, 0, -0.01, -1, 1, -1)

    if database is application:
        return [stepped_back, clocks.probe_taken_over]

    def ahead_and_behind() -> None:
        clocks.step_under_load(clients, application, 1, -1)

    return [
        clocks.probe_live_hold, stepped_back, ahead_and_behind, clocks.probe_taken_over,
        clocks.probe_ended_hold,
    ]  # fmt: skip
