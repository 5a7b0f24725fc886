"""What is done with every request, around the views."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.exception import convert_exception_to_response
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.module_loading import import_string

from marquee.api.errors import RETRY_SECONDS

View = Callable[[HttpRequest], HttpResponseBase]

# Whoever may name any host, by a wildcard in ALLOWED_HOSTS, shall not fill memory with them.
MOST_HOSTS = 100
SESSION_KEY = re.compile("[0-9a-z]{32}")


def private_cache_control(next_view: View) -> View:
    """Let no cache keep what somebody's token was shown for, unless the view says otherwise."""

    def view(request: HttpRequest) -> HttpResponseBase:
        response = next_view(request)
        if "HTTP_AUTHORIZATION" in request.META and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response

    return view


def reject_nul_in_query(next_view: View) -> View:
    """Answer 400 to a NUL in a query of the back office, whose lists hand it to the database.

    The API says which parameter has it.
    """

    def view(request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", "") and request.path.startswith("/admin/"):
            raise BadRequest("There is a NUL in the query.")
        return next_view(request)

    return view


def discard_unknown_session_cookies(next_view: View) -> View:
    """Take a session cookie that we never wrote for none: PostgreSQL fails on a NUL in a key."""

    def view(request: HttpRequest) -> HttpResponseBase:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not SESSION_KEY.fullmatch(key):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return next_view(request)

    return view


class DatabaseUnavailableMiddleware:
    """Answers 503 to people's pages when the database is away or too busy, as the API does."""

    def __init__(self, next_view: View) -> None:
        self.next_view = next_view

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Go on."""
        return self.next_view(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Return the answer to an error of a page, if it is one of these."""
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        said = "The database did not answer in time. Nothing was changed: go back, and try again."
        headers = {"Retry-After": str(RETRY_SECONDS)}
        return HttpResponse(said, status=503, content_type="text/plain", headers=headers)


_for_programs: list[View] = []


def api_bypass_target(next_view: View) -> View:
    """Last of all: let in what `api_bypass` has let pass."""
    _for_programs.append(next_view)
    return next_view


def api_bypass(next_view: View) -> View:
    """Let requests to the API pass what stands between here and `api_bypass_target`.

    Sessions, cookies and forms are for pages: programs bring a token. What `MIDDLEWARE_BY_HOST` does
    is asked of it once for a scheme and a host, and then done again: no request is let in that it
    refuses, and each answer has its headers. Django builds the last middleware first, so the way in
    is known. What that saves stands in docs/decisions/0011.
    """
    enter = _for_programs.pop()
    ask: Any = lambda _: StreamingHttpResponse()  # noqa: E731 (so it is given no length)
    for middleware in reversed(settings.MIDDLEWARE_BY_HOST):
        ask = convert_exception_to_response(import_string(middleware)(ask))
    known: dict[tuple[bool, str], list[tuple[str, str]]] = {}

    def view(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/api/"):
            return next_view(request)
        asked = request.is_secure(), request.META.get("HTTP_HOST", "")
        headers = known.get(asked)
        if headers is None:
            said: HttpResponseBase = ask(request)
            if said.status_code != HTTPStatus.OK:
                return said
            headers = [(name, value) for name, value in said.items() if name != "Content-Type"]
            if len(known) < MOST_HOSTS:
                known[asked] = headers
        response = enter(request)
        for name, value in headers:
            response[name] = value
        if isinstance(response, HttpResponse):
            response["Content-Length"] = str(len(response.content))
        return response

    return view
