"""The audit log only grows: every statement that changes it is refused, and passes without the guard."""

import sqlite3

import psycopg

from prove import audit_log
from prove.results import Finding, Violation

NAME = "the audit log only grows"
ROW = (
    "INSERT INTO audit_entry SELECT * FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)"
)
UPSERT = f"{ROW} ON CONFLICT (id) DO UPDATE SET reason = 'another'"
# Those that change all rows come last: the controls run them all on one database.
ATTEMPTS = {
    "sqlite": [
        UPSERT, ROW.replace("INSERT", "REPLACE"), "UPDATE audit_entry SET actor_id = actor_id + 1",
        "DELETE FROM audit_entry WHERE id % 2 = 0", "DELETE FROM audit_entry",
    ],
    "postgresql": [
        UPSERT, "UPDATE audit_entry SET actor_id = actor_id + 1",
        "DELETE FROM audit_entry WHERE id % 2 = 0", "DELETE FROM audit_entry", "TRUNCATE audit_entry",
    ],
}  # fmt: skip
GUARDS = {
    "sqlite": [f"DROP TRIGGER audit_entry_no_{name}" for name in ("update", "delete", "replace")],
    "postgresql": ["DROP TRIGGER audit_entry_append_only ON audit_entry"],
}
REFUSALS = (sqlite3.IntegrityError, psycopg.errors.RestrictViolation)


def check(engine: str, url: str) -> Finding:
    """Try to change the log of a database that is not needed any more, with its guards and without."""
    finding = Finding(NAME, engine, 0, "attempts")
    for sql in ATTEMPTS[engine]:
        finding.checked += 1
        if _passes(url, sql):
            finding.violations.append(Violation(NAME, engine, f"nobody refused: {sql}"))
    for sql in GUARDS[engine]:
        audit_log.execute(url, sql)
    for sql in ATTEMPTS[engine]:
        if not _passes(url, sql):
            finding.violations.append(Violation(NAME, engine, f"refused without its guard: {sql}"))
    return finding


def _passes(url: str, sql: str) -> bool:
    try:
        audit_log.execute(url, sql)
    except REFUSALS:
        return False
    return True
