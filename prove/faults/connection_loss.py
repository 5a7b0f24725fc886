"""Connections cut around the commit, between client and server and between server and database.

Each request carries a key, or may be repeated as it is, and is asked again until it is answered:
each key has one effect, whatever was lost on the way.
"""

import time
from contextlib import ExitStack
from pathlib import Path

from prove.faults.audit import audit
from prove.faults.persistent_clients import PersistentClients
from prove.faults.proxy import Proxy, any_request, at_commit
from prove.faults.server_under_test import ServerUnderTest, save_evidence, start_target
from prove.results import Finding, Progress, Size, Violation

SIZES = {"sqlite": Size(full=400, quick=20), "postgresql": Size(full=600, quick=30)}
NAME = "connections cut around the commit"
BETWEEN_AUDITS = 100
TIMEOUT = 60.0


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Cut so many connections; return which keys had no effect, or two."""
    finding = Finding(NAME, engine, 0, "cuts")
    with start_target(engine, rows=8) as target, ExitStack() as exits:
        proxies = [exits.enter_context(Proxy(target.web.port, any_request, seed))]
        if target.cluster:
            proxies.append(_before_the_database(target, exits, seed))
        people = target.people
        where, history = (people.shows, people.seats), target.directory / "history"
        address = f"http://127.0.0.1:{proxies[0].port}"
        clients = PersistentClients(address, people.users, where, Path(history), seed, target.clerk)
        while finding.checked < count and not finding.violations:
            enough = min(count, finding.checked + BETWEEN_AUDITS)
            finding.violations += _round(clients, proxies, enough, finding, progress)
            finding.violations += audit(target, clients.journal)
        journal = clients.journal
        finding.violations += journal.violations
        finding.note = (
            f"{journal.responses} responses, {journal.unknown} lost, {journal.unavailable} times 503;"
            f" {len(journal.names)} acts of staff;"
            f" {' and '.join(str(proxy.total) for proxy in proxies)} cuts"
        )
        save_evidence(target, finding)
    return [finding]


def _before_the_database(target: ServerUnderTest, exits: ExitStack, seed: int) -> Proxy:
    """Put a proxy between the server and its PostgreSQL, and start the server anew."""
    if target.cluster is None:
        raise RuntimeError("SQLite has no connection to cut.")
    proxy = exits.enter_context(Proxy(target.cluster.port, at_commit, seed))
    target.web.kill()
    url = target.url.replace(f":{target.cluster.port}/", f":{proxy.port}/")
    target.web.start({"DATABASE_URL": url})
    return proxy


def _round(
    clients: PersistentClients,
    proxies: list[Proxy],
    enough: int,
    finding: Finding,
    progress: Progress,
) -> list[Violation]:
    """Cut until there were enough, then let all come to rest. Return what got stuck."""
    clients.start()
    for proxy in proxies:
        proxy.is_cutting = True
    deadline = time.monotonic() + TIMEOUT
    while finding.checked < enough and time.monotonic() < deadline and not clients.errors:
        time.sleep(0.01)
        if more := sum(proxy.total for proxy in proxies) - finding.checked:
            finding.checked += more
            progress.update(more)
    for proxy in proxies:
        proxy.is_cutting = False
    if finding.checked < enough:
        return [
            Violation("clients keep working", clients.address, f"{finding.checked} of {enough}")
        ]
    clients.finish(TIMEOUT)
    return []
