"""Choose the language of the pages."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect

from marquee.accounts.operations import change_profile
from marquee.accounts.rate_limits import client_networks
from marquee.core.errors import BadInput
from marquee.web.language import is_supported
from marquee.web.pages import Page
from marquee.web.returning import own_path


class LanguageView(Page):
    """`/language/`."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Keep the chosen language in a cookie and the account, and return to the page.

        Refuses with BadInput or TooManyAttempts.
        """
        language = request.POST.get("language", "")
        if not is_supported(language):
            raise BadInput("Pages are not translated into this language.", field="language")
        _keep_in_account(request, language)
        response = HttpResponseRedirect(own_path(request, request.POST.get("next", "")) or "/")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
        return response


def _keep_in_account(request: HttpRequest, language: str) -> None:
    """Change the language of the account that is logged in: it wins over the cookie, and is the mails'."""
    user: Any = request.user
    if user.is_authenticated and user.language != language:
        networks = client_networks(request.META)
        change_profile(user=user, networks=networks, language=language)
