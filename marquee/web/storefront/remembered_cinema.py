"""The cinema that was chosen last in a browser, in a cookie. Nobody asks where the visitor is."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE, COOKIE_SECONDS = "cinema", 365 * 86_400
ID = re.compile("[1-9][0-9]{0,17}")


def remembered_cinema(request: HttpRequest) -> int | None:
    """Return the id of the cinema that was chosen last, which may no longer be there."""
    cookie = request.COOKIES.get(COOKIE, "")
    return int(cookie) if ID.fullmatch(cookie) else None


def remember_cinema(response: HttpResponse, cinema_id: int) -> None:
    """Keep the chosen cinema."""
    response.set_cookie(
        COOKIE,
        str(cinema_id),
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
