"""The part of the proof that injects nothing: many customers, staff in between, all responses checked.

Each round has shows of its own, on one server and one database.
"""

from itertools import count as numbers
from pathlib import Path

from prove import append_only, audit_log, environment, rounds
from prove.environment import Engine, serving
from prove.results import Finding, Progress, Violation, merged
from prove.sizes import A_ROUND, OPERATIONS

SIZES = OPERATIONS
LOG_LINES = 40


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Let so many operations happen, and check them all."""
    size = a_round(engine, count)
    done, found = 0, []
    with Engine(engine) as databases:
        url, log = databases.database(), databases.directory / "servers.log"
        with serving(url, databases.environment, log=log) as address:
            for number in numbers():
                one = rounds.Round(
                    name=f"{engine}-workload",
                    url=url,
                    address=address,
                    data=environment.create_round_data(address, databases.people, seed + number),
                    seed=seed + number,
                    operations=min(size, count - done),
                )
                found += rounds.run(one, progress.update)
                audit_log.clear_transitions(url)
                done += one.operations
                if done >= count or any(line.violations for line in found):
                    break
        deadlock_findings = [] if audit_log.is_sqlite(url) else [_deadlocks(engine, url, done)]
        found = [*merged(found), append_only.check(engine, url), *deadlock_findings]
        return [*found, *_logged(engine, log)] if any(line.violations for line in found) else found


def a_round(engine: str, count: int) -> int:
    """Return how many operations a round has, in a run of so many."""
    return A_ROUND.full if count > OPERATIONS[engine].quick else A_ROUND.quick


def _deadlocks(engine: str, url: str, done: int) -> Finding:
    """Return what PostgreSQL counted, now that its processes have ended and told."""
    finding = Finding("no deadlocks", engine, done)
    if number := audit_log.count_deadlocks(url):
        what = f"PostgreSQL broke {number} of them up"
        finding.violations.append(Violation(finding.name, engine, what))
    return finding


def _logged(engine: str, log: Path) -> list[Finding]:
    """Return what the servers logged, beside what was wrong: it may say why."""
    lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
    name = "what the servers logged"
    violation = Violation(name, engine, f"the last {len(lines)} lines", lines)
    return [Finding(name, engine, len(lines), "lines", [violation])]
