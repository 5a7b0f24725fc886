"""The visitor: one browser, by a random id in a signed cookie, which books without an account.

The cookie is set only when a hold is made, and stands for the guests that booked with it. Who has it
sees their bookings. It has no other use, and the id is erased with its guests.
"""

from uuid import UUID, uuid4
from zlib import crc32

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

COOKIE = "visitor"
SALT = "marquee.web.visitor"
# As long as browsers keep a cookie at most. Guests are erased 30 days after their last show.
COOKIE_SECONDS = 400 * 86_400


def visitor_of(request: HttpRequest) -> UUID | None:
    """Return the visitor of a request; None without a cookie, or for one that we did not sign."""
    try:
        return UUID(hex=_signer().unsign(request.COOKIES.get(COOKIE, "")))
    except (BadSignature, UnicodeEncodeError, ValueError):  # a lone surrogate cannot be signed
        return None


def new_visitor() -> UUID:
    """Return the id of a browser that has none."""
    return uuid4()


def visitor_of_form(request: HttpRequest, key: str) -> UUID:
    """Return an id for a browser that has none: the same one each time it sends the form of a key.

    A double click sends a browser's first form twice, and the browser drops the first response with its
    cookie: the second would find the seats taken. The CSRF token says that it is the same browser.
    """
    token = request.COOKIES.get(settings.CSRF_COOKIE_NAME)
    if not (token and key):
        return new_visitor()
    digest = salted_hmac(SALT, f"{token} {key}", algorithm="sha256").digest()
    return UUID(bytes=digest[:16], version=4)


def spread_of(request: HttpRequest) -> int:
    """Return a number that differs between browsers, and stays the same for one that takes cookies."""
    token = request.COOKIES.get(settings.CSRF_COOKIE_NAME) or request.META.get("REMOTE_ADDR", "")
    return crc32(token.encode(errors="replace"))


def keep(response: HttpResponseBase, visitor: UUID | None) -> None:
    """Set the visitor's cookie, or begin its days anew; nothing without a visitor."""
    if visitor is None:
        return
    response.set_cookie(
        COOKIE,
        _signer().sign(visitor.hex),
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _signer() -> Signer:
    return Signer(salt=SALT)
