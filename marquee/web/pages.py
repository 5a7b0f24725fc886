"""The base of all pages: one language for the whole request, and refusals as pages."""

from http import HTTPStatus
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.views import View

from marquee.accounts.models import User
from marquee.accounts.permissions import Audience
from marquee.core.errors import Refused
from marquee.web import errors
from marquee.web.error_texts import ErrorText
from marquee.web.language import language_of
from marquee.web.rendering import complete, render
from marquee.web.returning import current_path, with_next


class Page(View):
    """A page. Methods that it does not have get a page with 405."""

    audience = Audience.ANYONE

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the response of the page in the visitor's language, or the page about a refusal."""
        language = language_of(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            try:
                response = super().dispatch(request, *args, **kwargs)
            except Refused as refusal:
                response = errors.refusal_page(request, refusal)
        return complete(response, language)

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Return a page with 405 that lists what the page allows."""
        response = errors.error_page(request, 405, reload=True)
        response["Allow"] = ", ".join(
            method.upper() for method in self.http_method_names if hasattr(self, method)
        )
        return response

    def render(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """Return a template as a page, whose header says who is logged in, below messages to them."""
        waiting = get_messages(self.request)
        layout = {
            "header": {"account": self.account, "next": self.next_after_login()},
            # Whoever reads none does not send a cookie to delete them.
            "messages": list(waiting) if len(waiting) else [],
        }
        return render(self.request, template, layout | context, status=status)

    def not_theirs(self, text: ErrorText) -> HttpResponse:
        """Return 404, alike for what is not there and what is not this visitor's: who is nobody yet may log in."""
        log_in = with_next("log-in", self.next_after_login()) if self.account is None else ""
        return self.render(
            "error.html", status=HTTPStatus.NOT_FOUND, error=text, has_bookings=True, log_in=log_in
        )

    @property
    def account(self) -> User | None:
        """The account that is logged in. Without a session nothing is queried."""
        user: Any = self.request.user
        return user if user.is_authenticated else None

    def next_after_login(self) -> str:
        """Return where a login that begins on this page leads back to."""
        return current_path(self.request)
