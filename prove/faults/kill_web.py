"""`kill -9` of the web server's processes while customers book: one worker, the main one, all.

After each, whoever lost a response asks again until there is one, and the database is audited.
"""

import random
import time

from prove.faults.audit import audit
from prove.faults.persistent_clients import PersistentClients
from prove.faults.server_under_test import ServerUnderTest, save_evidence, start_target
from prove.results import Finding, Progress, Size, Violation
from tests import processes

SIZES = {"sqlite": Size(full=100, quick=3), "postgresql": Size(full=100, quick=4)}
NAME = "kill -9 of web workers"
RESPONSES_PER_FAULT = 25  # responses before the kill
WORKER, MAIN, ALL = "worker", "main", "all"
# granian gives up when a worker dies within 5.5 s of its start, which is some time after the one before it died.
LEAST_BETWEEN = 8.0


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Kill so many times; return what was wrong after any of them."""
    finding = Finding(NAME, engine, 0, "kills")
    with start_target(engine, rows=8) as target:
        killer = ProcessKiller(target, seed)
        where = (target.people.shows, target.people.seats)
        clients = PersistentClients(
            target.address,
            target.people.users,
            where,
            target.directory / "history",
            seed,
            target.clerk,
        )
        for _ in range(count):
            clients.start()
            kept_booking = clients.wait_for(RESPONSES_PER_FAULT)
            killer.kill_one()
            recovered = killer.recover() and clients.wait_for(RESPONSES_PER_FAULT)
            if not (clients.finish() and kept_booking and recovered):
                clients.journal.violations.append(
                    Violation("the server recovers by itself", engine, killer.last)
                )
                break
            finding.checked += 1
            finding.violations += audit(target, clients.journal)
            progress.update()
        journal = clients.journal
        finding.violations += journal.violations
        finding.note = (
            f"{journal.responses} responses, {journal.unknown} lost and sent again;"
            f" {len(journal.names)} acts of staff;"
            f" the slowest took {journal.slowest:.1f} s"
        )
        save_evidence(target, finding)
    return [finding]


class ProcessKiller:
    """Chooses whom to kill, at a random moment."""

    def __init__(self, target: ServerUnderTest, seed: int) -> None:
        self.target = target
        self.rng = random.Random(seed)
        self.last = "nobody"
        self.workers: list[int] = []
        self.died_at = {0: 0.0, 1: 0.0}  # the workers, by the order of their birth

    def kill_one(self) -> None:
        """Kill a worker, granian's main process, or all."""
        time.sleep(self.rng.uniform(0, 0.15))
        who = self.rng.choice([WORKER, WORKER, MAIN, ALL])
        workers = self.workers = self.target.workers()
        number = self.rng.randrange(len(workers)) if workers else 0
        if who == WORKER and time.monotonic() - self.died_at[number] < LEAST_BETWEEN:
            who = ALL
        self.last = f"{who} of {workers}"
        if who == WORKER:
            self.died_at = {0: time.monotonic(), 1: time.monotonic()}
            processes.kill([workers[number]])
        elif who == MAIN and self.target.web.process:
            processes.kill(self.target.web.child_pids()[:1])
        else:
            self.target.web.kill()

    def recover(self) -> bool:
        """Start the server again if all of it is gone, as an operator's supervisor would.

        A worker that was killed must come back without that, as must the main process, without its old workers.
        """
        if self.last.startswith(ALL):
            self.target.web.launch()
        elif self.last.startswith(MAIN):
            processes.await_end(self.workers)
        return self.target.web.is_running
