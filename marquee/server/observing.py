"""Give each request an id, note in the log how it was answered, and count it.

The outermost middleware, so that it sees every response. It answers the probes itself: they need no
host, session or language, and are not counted.
"""

import re
from collections.abc import Callable, Mapping
from os import environ, urandom
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import LazyObject, empty

from marquee.core.current import current
from marquee.core.log import NO_ROUTE, route_of
from marquee.server import access_log, count_files
from marquee.server.environ import FAILURE, RECEIVED_AT
from marquee.server.probes import PROBES

HEADER = "X-Request-ID"
# A UUID, or 32 hexadecimal digits as nginx makes them: nothing that could be a word or a card's number.
WELL_FORMED = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
STATIC, UNREADABLE = "static files", "unreadable"

View = Callable[[HttpRequest], HttpResponseBase]


def observe(next_view: View) -> View:
    """Observe each request. Metrics are counted where a directory for them is set."""
    directory = environ.get("PROMETHEUS_MULTIPROC_DIR")
    record = _recorder() if directory and count_files.reserve(Path(directory)) else None

    def view(request: Any) -> HttpResponseBase:
        if probe := PROBES.get(request.path_info):
            return probe(request)
        started = perf_counter()
        current.request_id = request.request_id = request_id(request.META)
        current.refusal = ""
        response = next_view(request)
        response.headers[HEADER] = request.request_id
        seconds = perf_counter() - started
        method = request.method if request.method in METHODS else "OTHER"
        route, status = _route(request), response.status_code
        if record:
            received = request.META.get(RECEIVED_AT, started)
            record(method, route, status, seconds, current.refusal, started - received)
        if settings.ACCESS_LOG:
            access_log.write(
                request_id=request.request_id,
                method=method,
                route=route,
                status=status,
                seconds=seconds,
                user_id=user_id(request),
            )
        current.request_id = ""
        return response

    return view


def _recorder() -> Callable[[str, str, int, float, str, float], None]:
    from marquee.server.metrics import record  # noqa: PLC0415 (prometheus_client reads the directory's name once)

    return record


def request_id(meta: Mapping[str, Any]) -> str:
    """Return the id that a proxy of ours gave the request, if it is well-formed; else a new one."""
    given = meta.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXIES else ""
    return given if given and WELL_FORMED.fullmatch(given) else urandom(16).hex()


def _route(request: HttpRequest) -> str:
    route = route_of(request)
    if route != NO_ROUTE:
        return route
    if FAILURE in request.META:
        return UNREADABLE
    return STATIC if request.path_info.startswith(settings.STATIC_URL) else NO_ROUTE


def user_id(request: HttpRequest) -> int | None:
    """Return the id of the account, if the view has read who it is. Queries nothing."""
    known = request.__dict__
    user = known.get("_cached_user") or known.get("user")
    if isinstance(user, LazyObject) and user.__dict__["_wrapped"] is empty:
        return None
    return getattr(user, "pk", None)
