"""Pages about errors: what happened, and what to do next, in the visitor's language."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import is_valid_path
from django.utils.encoding import escape_uri_path

from marquee.accounts.errors import BadLink, SecondFactorRequired, TooManyAttempts
from marquee.booking.errors import TooManyHolds
from marquee.core.current import current
from marquee.core.errors import BadInput, Busy, Refused
from marquee.web.error_texts import (
    REFUSALS,
    REFUSED,
    STALE_FORM,
    STATUS_TEXTS,
    ErrorText,
    Text,
    text_of_bad_link,
)
from marquee.web.language import language_of
from marquee.web.rendering import complete, render
from marquee.web.returning import MAX_LENGTH

RETRY_SECONDS = 1
# The server takes a URL of 16 KB, three times as long when it is escaped. Django redirects to none so long.
MAX_TARGET_LENGTH = 8_000
# The status of a refusal, where it is not 409.
STATUS: Mapping[type[Refused], int] = {
    BadInput: 400,
    SecondFactorRequired: 403,
    Busy: 503,
    TooManyAttempts: 429,
    TooManyHolds: 429,
}


def error_page(
    request: HttpRequest,
    status: int,
    text: ErrorText | None = None,
    *,
    retry_after: int | None = None,
    reload: bool = False,
    ask_again: Text = "",
) -> HttpResponse:
    """Return the page about an error. It queries no database.

    `retry_after` says after how many seconds to try again. `reload` offers to open the page anew, and
    `ask_again` is where to ask for another link.
    """
    context: dict[str, Any] = {
        "error": text or STATUS_TEXTS[status],
        "retry_after": retry_after,
        "reload": reload,
        "ask_again": ask_again,
    }
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        context["request_id"] = current.request_id
    language = language_of(request, reads_account=status < HTTPStatus.INTERNAL_SERVER_ERROR)
    response = render(request, "error.html", context, status=status, language=language)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def status_of(refusal: Refused) -> int:
    """Return the status of the page about a refusal."""
    return next((STATUS[base] for base in type(refusal).__mro__ if base in STATUS), 409)


def refusal_page(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Return the page about a refusal that no form shows beside its field."""
    status = status_of(refusal)
    if (seconds := refusal.facts.get("retry_after")) is not None:
        return error_page(request, status, retry_after=seconds, reload=True)
    return error_page(request, status, REFUSALS.get(refusal.code, REFUSED), reload=True)


def link_page(request: HttpRequest, refusal: BadLink, *, ask_again: Text = "") -> HttpResponse:
    """Return the page about a link that does not work: 410 for one that did once, else 400."""
    reason = refusal.facts.get("reason")
    status = (
        HTTPStatus.GONE if reason in {"used", "expired", "outdated"} else HTTPStatus.BAD_REQUEST
    )
    return error_page(request, status, text_of_bad_link(reason), ask_again=ask_again)


# --- Outside of any page: server/error_responses.py calls these ------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 400 for a request that Django refuses, such as one for an unknown host; 413 if too large."""
    is_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return error_page(request, 413 if is_large else 400)


def unreadable(request: HttpRequest, status: int) -> HttpResponse:
    """Return the page about a request whose body cannot be read: 400, 408 or 501."""
    return error_page(request, status, STATUS_TEXTS.get(status, STATUS_TEXTS[400]))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 403 for a page that is not for this visitor."""
    return error_page(request, 403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return 403 for a form whose CSRF token is missing, or that of another browser."""
    return error_page(request, 403, STALE_FORM, reload=True)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Return 404 for an unknown URL, or redirect to the one with a slash at its end."""
    # A longer path was cut by server/request.py: it would be cut again, and redirected for ever.
    is_whole = len(escape_uri_path(request.path_info)) < MAX_LENGTH
    lacks_slash = is_whole and is_valid_path(f"{request.path_info}/")
    target = request.get_full_path(force_append_slash=True)
    if request.method in {"GET", "HEAD"} and lacks_slash and len(target) < MAX_TARGET_LENGTH:
        return complete(HttpResponseRedirect(target), language_of(request))
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 500 for a bug. Its traceback is in the log."""
    return error_page(request, 500)


def unavailable(request: HttpRequest, seconds: int = RETRY_SECONDS) -> HttpResponse:
    """Return 503: the database is unreachable, or we are too busy. Try again in so many seconds."""
    return error_page(request, 503, retry_after=seconds)
