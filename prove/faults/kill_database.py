"""`kill -9` of PostgreSQL, postmaster and every backend at once, while customers book.

The web server is left alone: it has to answer 503 with Retry-After meanwhile, and go on by itself.
"""

import random
import time

from prove.faults.audit import audit
from prove.faults.persistent_clients import Crowd
from prove.faults.server_under_test import Victim, keep, opened
from prove.results import Finding, Progress, Size, Violation

SIZES = {"postgresql": Size(full=50, quick=3)}
NAME = "kill -9 of PostgreSQL"
FLOWING = 30  # answers before the kill, and after it
LONGEST_AWAY = 0.5  # seconds


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Kill so many times; return what was wrong after any of them."""
    finding = Finding(NAME, engine, 0, "kills")
    luck = random.Random(seed)
    with opened(engine, rows=8) as victim:
        people = victim.people
        where, history = (people.shows, people.seats), victim.directory / "history"
        crowd = Crowd(victim.address, people.users, where, history, seed)
        workers = victim.workers()
        for _ in range(count):
            goes_on = _kill_once(victim, crowd, luck)
            finding.checked += 1
            finding.violations += audit(victim, crowd.journal)
            progress.update()
            if not goes_on:
                what = f"the crowd got stuck; the server said:\n{victim.web.read_log()[-2000:]}"
                finding.violations.append(Violation("no stuck connection", engine, what))
                break
        if victim.workers() != workers:
            what = f"its workers were {workers}, and are {victim.workers()}"
            finding.violations.append(Violation("the web server lives on", engine, what))
        journal = crowd.journal
        finding.violations += journal.violations
        finding.note = (
            f"{journal.answers} answers, {journal.unavailable} of them 503;"
            f" the slowest took {journal.slowest:.1f} s"
        )
        keep(victim, finding)
    return [finding]


def _kill_once(victim: Victim, crowd: Crowd, luck: random.Random) -> bool:
    """Kill the database under load and start it again; say whether everybody went on."""
    if victim.cluster is None:
        raise RuntimeError("SQLite has no process of its own.")
    crowd.go()
    crowd.wait_for(FLOWING)
    time.sleep(luck.uniform(0, 0.15))
    victim.cluster.kill()
    time.sleep(luck.uniform(0, LONGEST_AWAY))
    victim.cluster.start()
    return crowd.wait_for(FLOWING) and crowd.rest()
