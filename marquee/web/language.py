"""The language of a page: that of the account, of the cookie, or of the browser (DESIGN 15).

Only pages are translated. The API, Swagger and the admin never activate a language.
"""

from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.utils.translation import get_language_from_request


def language_of(request: HttpRequest, *, reads_account: bool = True) -> str:
    """Return one of LANGUAGES. Languages that nobody translated fall back as a whole.

    `reads_account` may query the database. A page about an error does without: the language chosen
    before, or that of the cookie or browser, is good enough.
    """
    chosen: str | None = getattr(request, "LANGUAGE_CODE", None)
    if chosen is None and reads_account:
        chosen = _of_account(request)
    return chosen or get_language_from_request(request)


def is_supported(language: str) -> bool:
    """Return whether pages are translated into a language."""
    return language in dict(settings.LANGUAGES)


def _of_account(request: HttpRequest) -> str | None:
    """Return the language of the account that is logged in; None without one, or if it has none."""
    user: Any = getattr(request, "user", None)
    try:
        language = user.language if user and user.is_authenticated else ""
    except (OperationalError, InterfaceError):
        return None
    return language if is_supported(language) else None
