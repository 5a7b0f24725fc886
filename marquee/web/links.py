"""Pages that links in mails open. GET and HEAD never spend a link: mail scanners open them all.

GET moves the token from the URL into a cookie of this page, and redirects to the URL without it. So
the token is in no history or `Referer`; proxies are not to log queries (docs/operating.md). The page shows
one button, and POST spends the link (docs/decisions/0024).
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from marquee.accounts.errors import BadLink
from marquee.accounts.models import User
from marquee.accounts.operations import read_link
from marquee.accounts.rules import bad_link
from marquee.accounts.states import LinkFault, LinkPurpose
from marquee.core.errors import BadInput, Refused
from marquee.web import errors
from marquee.web.error_texts import INCOMPLETE_LINK, NO_LINK, Text
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
    """A page that a link opens, with a form that spends it: a button, and perhaps some fields."""

    template: ClassVar[str]
    purpose: ClassVar[LinkPurpose]
    form_class: ClassVar[type[Form]] = Form
    # Where to ask for another link; blank where a page cannot do that.
    ask_again: ClassVar[Text] = ""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Move a token into the cookie; or show the form, or what came of it."""
        if "token" in request.GET:
            return self._take(request.GET["token"])
        if token := request.COOKIES.get(COOKIE):
            return self._show(token, self.form_class())
        if request.COOKIES.get(DONE_COOKIE):
            return self.render(self.template, done=True)
        return errors.error_page(request, HTTPStatus.BAD_REQUEST, NO_LINK, ask_again=self.ask_again)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Spend the link, and redirect to the page that says so."""
        token = request.COOKIES.get(COOKIE)
        if not token:
            # A form that was still open in another tab: "done" would be said of what it sent.
            used = request.COOKIES.get(DONE_COOKIE)
            return (
                self._bad_link(bad_link(LinkFault.USED, self.purpose))
                if used
                else self.get(request)
            )
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self._show(token, form)
        try:
            self.spend(token, form.cleaned_data)
        except BadLink as refusal:
            return self._bad_link(refusal)
        except Refused as refusal:
            if not self.add_error(form, refusal):
                raise
            return self._show(token, form)
        return self._done()

    def spend(self, token: str, fields: Mapping[str, Any]) -> None:
        """Spend the link with what was typed. Refuses with BadLink, or about a field."""
        raise NotImplementedError

    def add_error(self, form: Form, refusal: Refused) -> bool:
        """Show a refusal beside its field; return False for one that is about no field of the form."""
        if not isinstance(refusal, BadInput) or refusal.field not in form.fields:
            return False
        form.add_error(refusal.field, refusal.detail)
        return True

    def context(self, account: User) -> dict[str, Any]:
        """Return what the template needs to know, beside the `account` and the `form`."""
        return {}

    def _take(self, token: str) -> HttpResponseBase:
        if not TOKEN.fullmatch(token):
            return errors.error_page(
                self.request, HTTPStatus.BAD_REQUEST, INCOMPLETE_LINK, ask_again=self.ask_again
            )
        response = HttpResponseRedirect(self.request.path)
        keep(response, COOKIE, token, self.request.path)
        response.delete_cookie(DONE_COOKIE, path=self.request.path, samesite="Lax")
        return response

    def _show(self, token: str, form: Form) -> HttpResponse:
        """Return the form, if the link would work now: nobody should type a password in vain."""
        try:
            account = read_link(token=token, purpose=self.purpose)
        except BadLink as refusal:
            return self._bad_link(refusal)
        status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
        context = {"account": account, "form": form} | self.context(account)
        return self.render(self.template, status=status, **context)

    def _done(self) -> HttpResponseBase:
        response = HttpResponseRedirect(self.request.path)
        response.delete_cookie(COOKIE, path=self.request.path, samesite="Lax")
        keep(response, DONE_COOKIE, "1", self.request.path)
        return response

    def _bad_link(self, refusal: BadLink) -> HttpResponse:
        """Return the page about the link. It stays in the cookie, so that a reload says the same."""
        return errors.link_page(self.request, refusal, ask_again=self.ask_again)
