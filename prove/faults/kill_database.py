"""`kill -9` of PostgreSQL, postmaster and every backend at once, while customers book.

The web server is left alone: it has to answer 503 with Retry-After meanwhile, and go on by itself.
"""

import random
import time

from prove.faults.audit import audit
from prove.faults.persistent_clients import PersistentClients
from prove.faults.server_under_test import ServerUnderTest, save_evidence, start_target
from prove.results import Finding, Progress, Size, Violation

SIZES = {"postgresql": Size(full=50, quick=3)}
NAME = "kill -9 of PostgreSQL"
RESPONSES_PER_FAULT = 30  # responses before the kill, and after it
LONGEST_AWAY = 0.5  # seconds


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Kill so many times; return what was wrong after any of them."""
    finding = Finding(NAME, engine, 0, "kills")
    rng = random.Random(seed)
    with start_target(engine, rows=8) as target:
        people = target.people
        where, history = (people.shows, people.seats), target.directory / "history"
        clients = PersistentClients(
            target.address, people.users, where, history, seed, target.clerk
        )
        workers = target.workers()
        for _ in range(count):
            goes_on = _kill_once(target, clients, rng)
            finding.checked += 1
            finding.violations += audit(target, clients.journal)
            progress.update()
            if not goes_on:
                what = f"the crowd got stuck; the server said:\n{target.web.read_log()[-2000:]}"
                finding.violations.append(Violation("no stuck connection", engine, what))
                break
        if target.workers() != workers:
            what = f"its workers were {workers}, and are {target.workers()}"
            finding.violations.append(Violation("the web server survives", engine, what))
        journal = clients.journal
        finding.violations += journal.violations
        finding.note = (
            f"{journal.responses} responses, {journal.unavailable} of them 503;"
            f" the slowest took {journal.slowest:.1f} s"
        )
        save_evidence(target, finding)
    return [finding]


def _kill_once(target: ServerUnderTest, clients: PersistentClients, rng: random.Random) -> bool:
    """Kill the database under load and start it again; say whether everybody went on."""
    if target.cluster is None:
        raise RuntimeError("SQLite has no process of its own.")
    clients.start()
    clients.wait_for(RESPONSES_PER_FAULT)
    time.sleep(rng.uniform(0, 0.15))
    target.cluster.kill()
    time.sleep(rng.uniform(0, LONGEST_AWAY))
    target.cluster.start()
    return clients.wait_for(RESPONSES_PER_FAULT) and clients.finish()
