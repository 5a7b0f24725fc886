"""Middleware of our own, and Django's middleware for sessions and forms, kept to pages."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.deprecation import MiddlewareMixin

from marquee.accounts import browser_sessions
from marquee.core.errors import Busy
from marquee.core.log import log_unavailable
from marquee.server import error_responses

View = Callable[[HttpRequest], HttpResponseBase]

SESSION_KEY = re.compile("[0-9a-z]{32}")


def private_cache_control(next_view: View) -> View:
    """Keep responses to authenticated requests out of caches, unless the view says otherwise."""

    def view(request: HttpRequest) -> HttpResponseBase:
        response = next_view(request)
        if "HTTP_AUTHORIZATION" in request.META and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response

    return view


def reject_nul_in_query(next_view: View) -> View:
    """Answer 400 to a NUL in a query of the back office, whose lists hand it to the database.

    The API refuses it by itself, and names the parameter.
    """

    def view(request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", "") and request.path.startswith("/admin/"):
            raise BadRequest("There is a NUL in the query.")
        return next_view(request)

    return view


class DatabaseUnavailableMiddleware:
    """Answers 503 to pages when the database is unreachable, or we are too busy, as the API does."""

    def __init__(self, next_view: View) -> None:
        self.next_view = next_view

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response of the view."""
        return self.next_view(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Return the response to an error of the database or to Busy, None for other errors."""
        if isinstance(error, Busy):
            return error_responses.busy(request, error)
        if isinstance(error, OperationalError | InterfaceError):
            log_unavailable(error)
            return error_responses.unavailable(request)
        return None


# --- Django's middleware that only pages need -----------------------------------------------------


class PagesOnlyMixin(MiddlewareMixin):
    """Skips requests to the API, which has tokens instead of sessions, cookies and forms.

    docs/decisions/0011 has what that saves.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response, of the next middleware alone if the request is to the API."""
        if request.path_info.startswith("/api/"):
            return self.get_response(request)  # type: ignore[return-value]  # async
        return super().__call__(request)  # type: ignore[return-value]  # async


class PageSessionMiddleware(PagesOnlyMixin, SessionMiddleware):
    """Django's sessions. Ignores a cookie that we never set: PostgreSQL fails on a NUL in a key."""

    def process_request(self, request: HttpRequest) -> None:
        """Load the session of the request lazily."""
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not SESSION_KEY.fullmatch(key):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        super().process_request(request)


class PageCsrfMiddleware(PagesOnlyMixin, CsrfViewMiddleware):
    """Django's protection of forms."""


class PageAuthenticationMiddleware(PagesOnlyMixin, AuthenticationMiddleware):
    """Django's `request.user`, whose browser is in the list of the user's logins."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Note that the session was used. Django does not save the session after an error of ours."""
        if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            browser_sessions.note_use(request)
        return response


class PageMessageMiddleware(PagesOnlyMixin, MessageMiddleware):
    """Django's messages from one page to the next."""
