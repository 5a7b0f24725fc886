"""Turn refusals and exceptions into problem+json (RFC 9457). Only this module gives them a status."""

from collections import Counter
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any, cast

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

from marquee.accounts.errors import (
    AccessTokenExpired,
    AccountClosed,
    BadCredentials,
    SecondFactorRequired,
    TooManyAttempts,
)
from marquee.api.negotiation import JSON
from marquee.api.renderers import JSONRenderer
from marquee.booking.errors import KeyReused, TooManyHolds
from marquee.core.current import current
from marquee.core.dependents import MAX_DEPENDENTS
from marquee.core.errors import BadInput, Busy, PreconditionFailed, Refused
from marquee.core.log import log_unavailable

CONTENT_TYPE = "application/problem+json"
JSON_RENDERER = JSONRenderer()
RETRY_SECONDS = 1
# Problems stay short whatever was sent: DRF repeats values, and reports every wrong item of a list.
MAX_ERRORS = 20
MAX_DETAIL_LENGTH = 500

# The status of a refusal, where it is not 409.
STATUS: dict[type[Refused], int] = {
    BadInput: 400,
    Busy: 503,
    AccessTokenExpired: 401,
    AccountClosed: 401,
    BadCredentials: 401,
    SecondFactorRequired: 403,
    PreconditionFailed: 412,
    KeyReused: 422,
    TooManyAttempts: 429,
    TooManyHolds: 429,
}
# For what DRF raises by itself: our stable code, and a title for people.
TITLES: dict[int, tuple[str, str]] = {
    400: ("invalid", "Some of what was sent is not right"),
    401: ("not_authenticated", "Log in first"),
    403: ("not_allowed", "This needs another role"),
    404: ("not_found", "There is no such thing"),
    405: ("method_not_allowed", "This address does not do that"),
    406: ("not_acceptable", "Only JSON is spoken here"),
    408: ("too_slow", "The body came too slowly"),
    409: ("in_use", "Something else depends on it"),
    413: ("too_large", "The body is too large"),
    415: ("unsupported_media_type", "Only JSON is read here"),
    429: ("too_many_attempts", "Too many attempts"),
    500: ("internal_error", "A mistake of ours"),
    501: ("invalid", "This coding is not read here"),
    503: ("try_again", "Busy for a moment"),
}


def status_of(refusal: type[Refused]) -> int:
    """Return the HTTP status of a refusal's class."""
    return next((STATUS[base] for base in refusal.__mro__ if base in STATUS), 409)


def problem_details(
    status: int, code: str, title: str, detail: str, **facts: Any
) -> dict[str, Any]:
    """Return the members of RFC 9457, our stable `code`, and the facts of this case.

    Problems of ours name the request, by which the log can be searched.
    """
    current.refusal = code  # for the metrics of the server
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and current.request_id:
        facts["request_id"] = current.request_id
    return {
        "type": f"urn:marquee:problem:{code}",
        "title": title,
        "status": status,
        "detail": _truncate(detail),
        "code": code,
    } | facts


def _truncate(text: str) -> str:
    return text if len(text) <= MAX_DETAIL_LENGTH else f"{text[: MAX_DETAIL_LENGTH - 1]}…"


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the response to an exception raised in a view; None for a bug, which becomes a 500.

    It is JSON, also from a view that renders something else, such as Swagger's page.
    """
    request = context["request"]
    request.accepted_renderer, request.accepted_media_type = JSON_RENDERER, JSON
    return _response_to(error, context)


def _response_to(error: Exception, context: Mapping[str, Any]) -> Response | None:
    if isinstance(error, Refused):
        return _refusal_response(error)
    if isinstance(error, OperationalError | InterfaceError):
        log_unavailable(error)
        return _unavailable()
    if isinstance(error, ProtectedError | RestrictedError):
        return _standard_problem(409, _what_depends(error))
    if isinstance(error, RequestDataTooBig):
        return _standard_problem(413, "A body is at most 256 KiB here.")
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        return _from_drf(error, context["view"])
    return None


def _what_depends(error: ProtectedError | RestrictedError) -> str:
    """Return what prevents a deletion, counted, and what to do instead."""
    rows: Any = error.args[1]  # the rows, of both classes
    counts: Counter[Any] = Counter(row._meta for row in rows)
    named = [
        f"{_number(count)} {meta.verbose_name if count == 1 else meta.verbose_name_plural}"
        for meta, count in sorted(counts.items(), key=lambda item: item[0].model_name)
    ]
    kinds = {meta.model_name for meta in counts}
    advice = "Delete these first."
    if kinds & {"booking", "ticket"}:
        advice = "Bookings are never deleted. A show can be called off, which cancels them."
    elif "seatclaim" in kinds:  # staff blocked seats, and then moved the show to another auditorium
        advice = (
            "Shows that moved away had seats here. Delete those shows first, or change its name."
        )
    return f"It stays, because others depend on it: {' and '.join(named)}. {advice}"


def _number(count: int) -> str:
    return str(count) if count <= MAX_DEPENDENTS else f"more than {MAX_DEPENDENTS}"


def _problem_response(body: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, body["status"], headers=headers, content_type=CONTENT_TYPE)


def _standard_problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    return _problem_response(problem_details(status, *TITLES[status], detail), headers)


def _refusal_response(refusal: Refused) -> Response:
    status = status_of(type(refusal))
    facts = dict(refusal.facts)
    if isinstance(refusal, BadInput):
        facts["errors"] = [{"field": refusal.field, "code": refusal.code, "detail": refusal.detail}]
    headers = {}
    if isinstance(refusal, Busy | TooManyAttempts | TooManyHolds):
        headers["Retry-After"] = str(facts["retry_after"])
    if status == HTTPStatus.UNAUTHORIZED:
        # RFC 6750, 3.1: a token was sent, and it is the token that is not good.
        is_token = isinstance(refusal, AccessTokenExpired)
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if is_token else "Bearer"
    body = problem_details(status, refusal.code, refusal.title, refusal.detail, **facts)
    response: Any = _problem_response(body, headers)
    # Django would log each 503 as an error. The hasher logs that it is busy, once a minute.
    response._has_been_logged = isinstance(refusal, Busy)  # noqa: SLF001 (Django's flag)
    return cast("Response", response)


def _unavailable() -> Response:
    """Return 503: the database is unreachable or too busy, and a retry is safe.

    After a connection lost at commit, nobody knows the outcome. The client retries with its
    idempotency key.
    """
    detail = "The database did not answer in time. Send the same again, with the same key."
    return _standard_problem(503, detail, {"Retry-After": str(RETRY_SECONDS)})


def _from_drf(error: exceptions.APIException, view: Any) -> Response:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if isinstance(error, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(
            method for method in view.allowed_methods if method != "OPTIONS"
        )
    if isinstance(error, exceptions.ValidationError):
        errors = list(islice(_field_errors(error.get_full_details()), MAX_ERRORS))
        detail = " ".join(_sentence(field_error) for field_error in errors[:3])
        return _problem_response(problem_details(400, *TITLES[400], detail, errors=errors))
    return _standard_problem(error.status_code, str(error.detail), headers)


def _sentence(error: dict[str, str]) -> str:
    return f"{error['field']}: {error['detail']}" if error["field"] else error["detail"]


def _field_errors(details: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Flatten DRF's nested details into fields named like `tickets.0.seat`."""
    if isinstance(details, dict) and isinstance(details.get("message"), str):
        detail = _truncate(details["message"])
        yield {"field": _truncate(path), "code": str(details["code"]), "detail": detail}
    elif isinstance(details, dict):
        for key, value in details.items():
            name = "" if key == "non_field_errors" else str(key)
            yield from _field_errors(value, ".".join(filter(None, [path, name])))
    elif isinstance(details, list):
        nested = any("message" not in item for item in details if isinstance(item, dict))
        for index, value in enumerate(details):
            yield from _field_errors(value, f"{path}.{index}" if nested else path)


# --- Outside of any view: unknown URLs, and requests that Django itself refuses. See server/ --------


def _plain_http_problem(status: int, detail: str, **facts: Any) -> HttpResponse:
    body = problem_details(status, *TITLES[status], detail, **facts)
    return HttpResponse(orjson.dumps(body), status=status, content_type=CONTENT_TYPE)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404 for an unknown URL."""
    hint = "" if request.path.endswith("/") else " Addresses here end in a slash."
    return _plain_http_problem(404, f"Nothing is at this address.{hint}")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 400 for a request that Django itself refuses, such as one for an unknown host."""
    return _plain_http_problem(
        400, "The request cannot be read: look at its host name, headers and form."
    )


def unreadable(status: int, detail: str) -> HttpResponse:
    """Return the response to a request whose body cannot be read. It names the request."""
    return _plain_http_problem(status, detail, request_id=current.request_id)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 403 where Django itself refuses the request."""
    return _plain_http_problem(403, "This is not allowed.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 500 for a bug. Its traceback is in the log."""
    return _plain_http_problem(500, "The mistake is ours, and it is in our log.")
