"""Responses to what no view answers: problem+json to API clients, pages to people.

Django calls these for the whole site (`urls.py`, CSRF_FAILURE_VIEW), so this module alone chooses by
path. The admin and Swagger keep Django's own responses, in English.
"""

import logging
from inspect import unwrap
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views import csrf, defaults

from marquee.api import exceptions as api
from marquee.core.current import current
from marquee.core.errors import Busy
from marquee.server.bodies import Refused
from marquee.server.environ import FAILURE
from marquee.web import errors as web

logger = logging.getLogger(__name__)

API, OFFICE = "/api/", ("/admin/", "/swagger/")


def _djangos(view: Any, request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return Django's page, without reading the form for its CSRF token: perhaps it cannot be read."""
    page: HttpResponse = unwrap(view)(request, exception)
    return page


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Return 400 for a request that Django itself refuses."""
    if request.path.startswith(API):
        return api.bad_request(request, exception)
    if request.path.startswith(OFFICE):
        return _djangos(defaults.bad_request, request, exception)
    return web.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Return 403 where Django itself refuses the request."""
    if request.path.startswith(API):
        return api.forbidden(request, exception)
    if request.path.startswith(OFFICE):
        return _djangos(defaults.permission_denied, request, exception)
    return web.forbidden(request, exception)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Return 403 for a form without its CSRF token. The API has no forms."""
    if request.path.startswith(OFFICE):
        return csrf.csrf_failure(request, reason)
    return web.stale_form(request, reason)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Return 404 for an unknown URL."""
    if request.path.startswith(API):
        return api.not_found(request, exception)
    if request.path.startswith(OFFICE):
        return _djangos(defaults.page_not_found, request, exception)
    return web.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Return 500 for a bug. Its traceback is in the log."""
    if request.path.startswith(API):
        return api.server_error(request)
    if request.path.startswith(OFFICE):
        text = f"Server error (500). Our log has its traceback, by the request's id: {current.request_id}"
        return HttpResponse(text, status=500, content_type="text/plain")
    return web.server_error(request)


def unanswered(request: HttpRequest) -> HttpResponseBase:
    """Return the response to a request that cannot be read, or 500 where Django itself failed."""
    failure = request.META[FAILURE]
    if isinstance(failure, BaseException):
        logger.error("A request could not be answered.", exc_info=failure)
        return server_error(request)
    response: Any = _unreadable(request, failure)
    # Django would log each 501 as an error.
    response._has_been_logged = True  # noqa: SLF001 (Django's flag)
    return cast("HttpResponse", response)


def _unreadable(request: HttpRequest, refused: type[Refused]) -> HttpResponse:
    if request.path.startswith(API):
        return api.unreadable(refused.status, refused.detail)
    if request.path.startswith(OFFICE):
        return HttpResponse(refused.detail, status=refused.status, content_type="text/plain")
    return web.unreadable(request, refused.status)


def busy(request: HttpRequest, refusal: Busy) -> HttpResponse:
    """Return 503 when too many passwords are being checked. DRF's views do it themselves."""
    response: Any = _busy(request, refusal)
    # Django would log each 503 as an error. The hasher logs that it is busy, once a minute.
    response._has_been_logged = True  # noqa: SLF001 (Django's flag)
    return cast("HttpResponse", response)


def _busy(request: HttpRequest, refusal: Busy) -> HttpResponse:
    seconds = refusal.facts["retry_after"]
    if not request.path.startswith((API, *OFFICE)):
        return web.unavailable(request, seconds)
    message = f"{refusal.detail} Nothing was changed: go back, and try again."
    headers = {"Retry-After": str(seconds)}
    return HttpResponse(message, status=503, content_type="text/plain", headers=headers)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return 503 when the database is unreachable or too busy. DRF's views do it themselves."""
    if not request.path.startswith((API, *OFFICE)):
        return web.unavailable(request)
    message = "The database did not answer in time. Nothing was changed: go back, and try again."
    headers = {"Retry-After": str(web.RETRY_SECONDS)}
    return HttpResponse(message, status=503, content_type="text/plain", headers=headers)
