"""`kill -9` of the web server's processes while customers book: one worker, the main one, all.

After each, whoever lost an answer asks again until there is one, and the database is audited.
"""

import random
import time

from prove.faults.audit import audit
from prove.faults.persistent_clients import Crowd
from prove.faults.server_under_test import Victim, keep, opened
from prove.results import Finding, Progress, Size, Violation
from tests import processes

SIZES = {"sqlite": Size(full=100, quick=3), "postgresql": Size(full=100, quick=4)}
NAME = "kill -9 of web workers"
FLOWING = 25  # answers before the kill
WORKER, MAIN, ALL = "worker", "main", "all"
# granian gives a worker up that dies twice within 5.5 s: a crash loop. Ours die one after another.
LEAST_BETWEEN = 6.0
SECONDS_TO_RECOVER = 30


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Kill so many times; return what was wrong after any of them."""
    finding = Finding(NAME, engine, 0, "kills")
    with opened(engine, rows=8) as victim:
        assassin = Assassin(victim, seed)
        where = (victim.people.shows, victim.people.seats)
        crowd = Crowd(
            victim.address, victim.people.users, where, victim.directory / "history", seed
        )
        for _ in range(count):
            crowd.go()
            flowed = crowd.wait_for(FLOWING)
            assassin.strike()
            recovered = assassin.recover() and crowd.wait_for(FLOWING)
            if not (crowd.rest() and flowed and recovered):
                crowd.journal.violations.append(
                    Violation("the server recovers by itself", engine, assassin.last)
                )
                break
            finding.checked += 1
            finding.violations += audit(victim, crowd.journal)
            progress.update()
        journal = crowd.journal
        finding.violations += journal.violations
        finding.note = (
            f"{journal.answers} answers, {journal.unknown} lost and asked for again;"
            f" the slowest took {journal.slowest:.1f} s"
        )
        keep(victim, finding)
    return [finding]


class Assassin:
    """Chooses whom to kill, at a random moment."""

    def __init__(self, victim: Victim, seed: int) -> None:
        self.victim = victim
        self.luck = random.Random(seed)
        self.last = "nobody"
        self.workers: list[int] = []
        self.died_at = {0: 0.0, 1: 0.0}  # the workers, by the order of their birth

    def strike(self) -> None:
        """Kill a worker, granian's main process, or all."""
        time.sleep(self.luck.uniform(0, 0.15))
        who = self.luck.choice([WORKER, WORKER, MAIN, ALL])
        workers = self.workers = self.victim.workers()
        number = self.luck.randrange(len(workers)) if workers else 0
        if who == WORKER and time.monotonic() - self.died_at[number] < LEAST_BETWEEN:
            who = ALL
        self.last = f"{who} of {workers}"
        if who == WORKER:
            self.died_at = {0: time.monotonic(), 1: time.monotonic()}
            processes.kill([workers[number]])
        elif who == MAIN and self.victim.web.process:
            processes.kill(self.victim.web.child_pids()[:1])
        else:
            self.victim.web.kill()

    def recover(self) -> bool:
        """Start the server again if it is gone, as an operator's supervisor would.

        A worker that was killed must come back without that.
        """
        if self.last.startswith(WORKER):
            return self.victim.web.is_running
        if self.victim.web.process is not None:
            self.victim.web.process.wait(
                timeout=SECONDS_TO_RECOVER
            )  # it goes by itself, workers and all
            processes.await_end(self.workers)
        self.victim.web.launch()
        return True
