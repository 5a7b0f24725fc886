"""What is done with every request, around the views."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase

View = Callable[[HttpRequest], HttpResponseBase]


def keep_private(next_view: View) -> View:
    """Let no cache keep what somebody's token was shown for, unless the view says otherwise."""

    def view(request: HttpRequest) -> HttpResponseBase:
        response = next_view(request)
        if "HTTP_AUTHORIZATION" in request.META and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response

    return view


def refuse_nul(next_view: View) -> View:
    """Answer 400 to a NUL in a query of the back office, whose lists hand it to the database.

    The API says which parameter has it.
    """

    def view(request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", "") and request.path.startswith("/admin/"):
            raise BadRequest("There is a NUL in the query.")
        return next_view(request)

    return view


class ForPages:
    """Lets requests to the API pass: they bring a token, and have no session."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Do nothing for programs, and for people's pages what the class beside this one does."""
        if request.path_info.startswith("/api/"):
            response: HttpResponseBase = self.get_response(request)
        else:
            response = super().__call__(request)  # type: ignore[misc]
        return response


class Sessions(ForPages, SessionMiddleware):
    """Sessions, for pages."""


class LogIns(ForPages, AuthenticationMiddleware):
    """`request.user`, for pages."""


class Messages(ForPages, MessageMiddleware):
    """Messages, for pages."""
