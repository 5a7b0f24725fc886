"""`/healthz` and `/readyz`, for what starts and stops servers, or sends requests to them.

Any host name will do, as probes name an IP address. They neither redirect to HTTPS nor set a cookie.
"""

from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any

from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from marquee.core.sql import is_postgresql
from marquee.worker import heartbeat

# Needs the right and the means to write, and changes nothing.
WRITE_SQL = "DELETE FROM attempt_count WHERE 1 = 0"
# How long the check waits for SQLite's one writer. A booking waits longer.
BUSY_SECONDS = 3
MAX_NAMES = 20
State = dict[str, Any]
UNREACHABLE: State = {
    "database": "unreachable",
    "missing_migrations": [],
    "worker_age_seconds": None,
}
# Django's middleware, which would add the second, sees no probe.
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def healthz(request: HttpRequest) -> HttpResponse:
    """Return 200: the process answers. It asks nothing else, so a database that is down kills no server."""
    return JsonResponse({"status": "alive"}, headers=HEADERS)


def readyz(request: HttpRequest) -> HttpResponse:
    """Return 200; 503 if the database cannot be reached or written, or lacks a migration of this code.

    A newer database is right, as are a worker that is late or never ran.
    """
    status, state = readiness(database_state())
    return JsonResponse(state, status=status, headers=HEADERS)


def readiness(state: State) -> tuple[HTTPStatus, State]:
    """Return the status and the members of `/readyz`."""
    is_ready = state["database"] == "writable" and not state["missing_migrations"]
    status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return status, {"status": "ready" if is_ready else "not ready"} | state


def _get_only(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def probe(request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            return view(request)
        return HttpResponseNotAllowed(["GET", "HEAD"], headers=HEADERS)

    return probe


PROBES = {"/healthz": _get_only(healthz), "/readyz": _get_only(readyz)}


def database_state() -> State:
    """Return the members of `/readyz` about the database."""
    state = dict(UNREACHABLE)
    try:
        state["missing_migrations"] = _anew(_missing_migrations)[:MAX_NAMES]
        if state["missing_migrations"]:
            return state | {"database": "reachable"}
        state["worker_age_seconds"] = _rounded(heartbeat.age())
        state["database"] = "read-only"
        _check_write()
        state["database"] = "writable"
    except Error:
        # A connection that is broken, or that was read-only, is not used again.
        connection.close()
    return state


def _anew(read: Callable[[], list[str]]) -> list[str]:
    """Read, once more if the connection was lost since this thread used it."""
    was_connected = connection.connection is not None
    try:
        return read()
    except Error:
        if not was_connected or connection.in_atomic_block:
            raise
        connection.close()
        return read()


def _check_write() -> None:
    """Raise an error of the database if it cannot be written now."""
    with connection.cursor() as cursor:
        if not is_postgresql():
            usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        try:
            with transaction.atomic():
                cursor.execute(WRITE_SQL)
        finally:
            if not is_postgresql():
                cursor.execute(f"PRAGMA busy_timeout = {usual}")


def _missing_migrations() -> list[str]:
    """Return the migrations of this code that the database lacks. One that replaces others needs those."""
    applied = MigrationRecorder(connection).applied_migrations().keys()
    return sorted(
        ".".join(key)
        for key, replaced in _known_migrations().items()
        if key not in applied and not (replaced and replaced <= applied)
    )


@cache
def _known_migrations() -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
    """Return the migrations of this code, and which others each replaces."""
    found = MigrationLoader(None).disk_migrations
    return {key: frozenset(one.replaces) for key, one in found.items()}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
