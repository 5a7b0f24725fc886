"""Every no, as HTTP: problem+json of RFC 9457. The only place where a refusal gets a status."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from marquee.accounts.errors import AccountClosed, BadCredentials, TooManyAttempts
from marquee.booking.errors import KeyReused, TooManyHolds
from marquee.core.errors import BadInput, Refused

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 1
# Whatever was sent, a problem is short: DRF repeats values, and names every wrong item of a list.
MAX_ERRORS = 20
LONGEST = 500

# A refusal is a 409, and bad input a 400, but for these.
STATUS: dict[type[Refused], int] = {
    BadInput: 400,
    AccountClosed: 401,
    BadCredentials: 401,
    KeyReused: 422,
    TooManyAttempts: 429,
    TooManyHolds: 429,
}
# What DRF raises by itself: our stable code and a title for people.
TITLES: dict[int, tuple[str, str]] = {
    400: ("invalid", "Some of what was sent is not right"),
    401: ("not_authenticated", "Log in first"),
    403: ("not_allowed", "This needs another role"),
    404: ("not_found", "There is no such thing"),
    405: ("method_not_allowed", "This address does not do that"),
    406: ("not_acceptable", "Only JSON is spoken here"),
    409: ("in_use", "Something else depends on it"),
    413: ("too_large", "The body is too large"),
    415: ("unsupported_media_type", "Only JSON is read here"),
    429: ("too_many_attempts", "Too many attempts"),
    500: ("internal_error", "A mistake of ours"),
    503: ("try_again", "Busy for a moment"),
}


def status_of(refusal: type[Refused]) -> int:
    """Return the HTTP status of a kind of refusal."""
    return next((STATUS[kind] for kind in refusal.__mro__ if kind in STATUS), 409)


def problem(status: int, code: str, title: str, detail: str, **facts: Any) -> dict[str, Any]:
    """Return the members of RFC 9457, our stable `code`, and the facts of this case."""
    return {
        "type": f"urn:marquee:problem:{code}",
        "title": title,
        "status": status,
        "detail": _short(detail),
        "code": code,
    } | facts


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer to an exception raised in a view, or None for a bug: then it is a 500."""
    if isinstance(error, Refused):
        return _refusal(error)
    if isinstance(error, OperationalError | InterfaceError):
        return _unavailable()
    if isinstance(error, ProtectedError | RestrictedError):
        return _plain(409, "It has shows, bookings or prices that would lose their ground.")
    if isinstance(error, RequestDataTooBig):
        return _plain(413, "A body is at most 256 KiB here.")
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        return _from_drf(error, context["view"])
    return None


def _respond(body: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, body["status"], headers=headers, content_type=CONTENT_TYPE)


def _plain(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    return _respond(problem(status, *TITLES[status], detail), headers)


def _refusal(refusal: Refused) -> Response:
    status = status_of(type(refusal))
    facts = dict(refusal.facts)
    if isinstance(refusal, BadInput):
        facts["errors"] = [{"field": refusal.field, "code": refusal.code, "detail": refusal.detail}]
    headers = {}
    if isinstance(refusal, TooManyAttempts | TooManyHolds):
        headers["Retry-After"] = str(facts["retry_after"])
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return _respond(problem(status, refusal.code, refusal.title, refusal.detail, **facts), headers)


def _unavailable() -> Response:
    """Answer when the database is away or too busy: nothing is known to be lost, so try again.

    A connection lost at commit is in doubt (DESIGN 5): the client asks again with its key.
    """
    detail = "The database did not answer in time. Send the same again, with the same key."
    return _plain(503, detail, {"Retry-After": str(RETRY_SECONDS)})


def _from_drf(error: exceptions.APIException, view: Any) -> Response:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if isinstance(error, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(view.allowed_methods)
    if isinstance(error, exceptions.ValidationError):
        found = list(islice(_field_errors(error.get_full_details()), MAX_ERRORS))
        detail = " ".join(_sentence(one) for one in found[:3])
        return _respond(problem(400, *TITLES[400], detail, errors=found))
    return _plain(error.status_code, str(error.detail), headers)


def _sentence(error: dict[str, str]) -> str:
    return f"{error['field']}: {error['detail']}" if error["field"] else error["detail"]


def _field_errors(details: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Flatten DRF's nested details into fields named like `tickets.0.seat`."""
    if isinstance(details, dict) and isinstance(details.get("message"), str):
        detail = _short(details["message"])
        yield {"field": _short(path), "code": str(details["code"]), "detail": detail}
    elif isinstance(details, dict):
        for key, value in details.items():
            name = "" if key == "non_field_errors" else str(key)
            yield from _field_errors(value, ".".join(filter(None, [path, name])))
    elif isinstance(details, list):
        nested = any("message" not in one for one in details if isinstance(one, dict))
        for place, value in enumerate(details):
            yield from _field_errors(value, f"{path}.{place}" if nested else path)


# --- Outside of any view: addresses that lead nowhere, and Django's own refusals ------------------


def _is_for_programs(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _outside(status: int, detail: str) -> HttpResponse:
    body = problem(status, *TITLES[status], detail)
    return HttpResponse(orjson.dumps(body), status=status, content_type=CONTENT_TYPE)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer for an address that leads nowhere."""
    if not _is_for_programs(request):
        return defaults.page_not_found(request, exception)
    hint = "" if request.path.endswith("/") else " Addresses here end in a slash."
    return _outside(404, f"Nothing is at this address.{hint}")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer for a request that Django itself will not read, such as one for another host."""
    if not _is_for_programs(request):
        return defaults.bad_request(request, exception)
    return _outside(400, "The request cannot be read: look at its host name, headers and form.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer where Django itself refuses entry."""
    if not _is_for_programs(request):
        return defaults.permission_denied(request, exception)
    return _outside(403, "This is not allowed.")


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer when we made a mistake. It is in the log."""
    if not _is_for_programs(request):
        return defaults.server_error(request)
    return _outside(500, "The mistake is ours, and it is in our log.")
