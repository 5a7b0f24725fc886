"""Pages that links in mails open. GET and HEAD never spend a link: mail scanners open them all.

GET moves the token from the URL into a cookie of this page, and redirects to the URL without it. So
the token is in no history, log of a proxy, or `Referer`. The page shows one button, and POST spends
the link.
"""

import re
from http import HTTPStatus
from typing import ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from marquee.accounts.errors import BadLink
from marquee.web import errors
from marquee.web.error_texts import INCOMPLETE_LINK, NO_LINK
from marquee.web.pages import Page

# What tokens are made of. Longer ones are none of ours, and a browser would keep no such cookie.
TOKEN = re.compile(r"[A-Za-z0-9_.-]{1,200}")
COOKIE, DONE_COOKIE = "link", "link_done"
COOKIE_SECONDS = 3600


def keep(response: HttpResponseBase, name: str, value: str, path: str) -> None:
    """Set a cookie that only the pages below a path get, from no other site's forms."""
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_SECONDS,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


class LinkPage(Page):
    """A page that a link opens, and a button that spends it."""

    template: ClassVar[str]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Move a token into the cookie, or show the button, or what came of it."""
        if "token" in request.GET:
            return self._take(request, request.GET["token"])
        if token := request.COOKIES.get(COOKIE):
            return self._open(token)
        if request.COOKIES.get(DONE_COOKIE):
            return self.render(self.template, done=True)
        return errors.error_page(request, HTTPStatus.BAD_REQUEST, NO_LINK)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Spend the link, and redirect to the page that says so."""
        token = request.COOKIES.get(COOKIE)
        if not token:
            return self.get(request)
        try:
            invalid = self.spend(token)
        except BadLink as refusal:
            return self._bad_link(refusal)
        if invalid is not None:
            return invalid
        response = HttpResponseRedirect(request.path)
        response.delete_cookie(COOKIE, path=request.path, samesite="Lax")
        keep(response, DONE_COOKIE, "1", request.path)
        return response

    def show(self, token: str) -> HttpResponse:
        """Return the page with the button. Refuses with BadLink a token that would not work."""
        raise NotImplementedError

    def spend(self, token: str) -> HttpResponse | None:
        """Spend the link. Return the page again if the form has errors. Refuses with BadLink."""
        raise NotImplementedError

    def _take(self, request: HttpRequest, token: str) -> HttpResponseBase:
        if not TOKEN.fullmatch(token):
            return errors.error_page(request, HTTPStatus.BAD_REQUEST, INCOMPLETE_LINK)
        response = HttpResponseRedirect(request.path)
        keep(response, COOKIE, token, request.path)
        response.delete_cookie(DONE_COOKIE, path=request.path, samesite="Lax")
        return response

    def _open(self, token: str) -> HttpResponse:
        try:
            return self.show(token)
        except BadLink as refusal:
            return self._bad_link(refusal)

    def _bad_link(self, refusal: BadLink) -> HttpResponse:
        response = errors.link_page(self.request, refusal)
        response.delete_cookie(COOKIE, path=self.request.path, samesite="Lax")
        return response
