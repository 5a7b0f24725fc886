"""`kill -9` of two mail workers at once while customers book, between any two steps of sending.

When all is over, each event that customers are mailed about has its one mail, none is left, and a mail
went twice only where a worker was killed with it.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

from prove.environment import WORKER
from prove.faults.persistent_clients import PersistentClients
from prove.faults.server_under_test import ServerUnderTest, save_evidence, start_target
from prove.results import Finding, Progress, Size, Violation
from tests.mail.smtp_server import Handler, mail_server
from tests.server import Server

SIZES = {"sqlite": Size(full=20, quick=2), "postgresql": Size(full=20, quick=2)}
NAME = "kill -9 of mail workers"
WORKERS = 2
RESPONSES_PER_FAULT = 25
SECONDS_TO_DRAIN = 120
EVENTS_SQL = """
    SELECT e.id, (SELECT count(*) FROM message m WHERE m.booking_event_id = e.id)
    FROM booking_event e
    WHERE e.kind IN ('confirmed', 'reduced', 'cancelled', 'called_off', 'moved', 'changed', 'exchanged')
        AND EXISTS (SELECT 1 FROM booking_event c
            WHERE c.booking_id = e.booking_id AND c.kind = 'confirmed' AND c.id <= e.id)
"""
LEFT_SQL = "SELECT id, state FROM message WHERE state NOT IN ('sent', 'dropped')"
SENT_SQL = "SELECT count(*) FROM message WHERE state = 'sent'"
# As if the ten minutes of each lease had passed. Both workers are dead.
END_LEASES_SQL = "UPDATE message SET next_at = created_at WHERE state = 'sending'"


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Kill so many times; return what was wrong in the end."""
    finding = Finding(NAME, engine, 0, "kills")
    with ExitStack() as exits:
        server = exits.enter_context(mail_server())
        mails: Handler = server.handler
        target = exits.enter_context(start_target(engine, rows=8))
        workers = MailWorkers(target, server.port, seed)
        exits.callback(workers.close)
        clients = PersistentClients(
            target.address,
            target.people.users,
            (target.people.shows, target.people.seats),
            target.directory / "history",
            seed,
        )
        clients.start()
        for _ in range(count):
            clients.wait_for(RESPONSES_PER_FAULT)
            workers.kill()
            finding.checked += 1
            progress.update()
        clients.finish()
        workers.drain()
        finding.violations += clients.journal.violations
        finding.violations += _violations(target, mails, kills=count)
        copies = _copies(mails)
        twice = sum(number > 1 for number in copies.values())
        finding.note = f"{len(copies)} mails arrived, {twice} of them twice"
        save_evidence(target, finding)
    return [finding]


class MailWorkers:
    """Two workers that send through one mail server."""

    def __init__(self, target: ServerUnderTest, port: int, seed: int) -> None:
        self.target, self.rng = target, random.Random(seed)
        mail = {"EMAIL_BACKEND": "smtp", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port)}
        variables = target.web.environment | mail | {"WORKER_SECONDS": "1"}
        log = target.directory / "log"
        self.workers = [Server(variables, command=WORKER, log=log) for _ in range(WORKERS)]
        self.launch()

    def launch(self) -> None:
        """Start both."""
        for worker in self.workers:
            worker.launch()

    def kill(self) -> None:
        """Kill both a moment after some mails have left, end their leases, and start both again."""
        before = self._count_sent()
        deadline = time.monotonic() + SECONDS_TO_DRAIN
        while self._count_sent() == before and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(self.rng.uniform(0, 0.1))
        self.close()
        self.target.change(END_LEASES_SQL)
        self.launch()

    def drain(self) -> None:
        """Wait until there is nothing left to plan or to send, or it takes too long."""
        deadline = time.monotonic() + SECONDS_TO_DRAIN
        while time.monotonic() < deadline:
            if not self.target.rows(LEFT_SQL) and all(n for _, n in self.target.rows(EVENTS_SQL)):
                return
            time.sleep(0.2)

    def close(self) -> None:
        """Kill both."""
        for worker in self.workers:
            worker.kill()

    def _count_sent(self) -> int:
        return int(self.target.rows(SENT_SQL)[0][0])


def _violations(target: ServerUnderTest, mails: Handler, *, kills: int) -> Iterator[Violation]:
    for event, messages in target.rows(EVENTS_SQL):
        if messages != 1:
            yield Violation("each event has its one mail", f"event {event}", f"{messages} mails")
    for message, state in target.rows(LEFT_SQL):
        yield Violation("no mail is left", f"mail {message}", state)
    copies = _copies(mails)
    ((sent,),) = target.rows(SENT_SQL)
    if sent > len(copies):
        yield Violation(
            "what is noted as sent arrived", NAME, f"{sent} sent, {len(copies)} arrived"
        )
    if (again := sum(copies.values()) - len(copies)) > kills * WORKERS:
        yield Violation("twice only after a kill", NAME, f"{again} copies after {kills} kills")


def _copies(mails: Handler) -> Counter[str]:
    return Counter(str(mail["Message-ID"]) for mail in mails.mails)
