"""What is done with every request, around the views."""

from collections.abc import Callable

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
