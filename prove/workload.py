"""The part of the proof that injects nothing: many customers, staff in between, all responses checked.

Each round has shows of its own, on one server and one database.
"""

from itertools import count as numbers

from prove import append_only, audit_log, environment, rounds
from prove.environment import Engine, serving
from prove.results import Finding, Progress, Violation, merged
from prove.sizes import A_ROUND, OPERATIONS

SIZES = OPERATIONS


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Let so many operations happen, and check them all."""
    size = a_round(engine, count)
    done, found = 0, []
    with Engine(engine) as databases:
        url = databases.database()
        with serving(url, databases.environment) as address:
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
        return [*merged(found), append_only.check(engine, url), *deadlock_findings]


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
