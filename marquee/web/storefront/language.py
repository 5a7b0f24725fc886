"""Choose the language of the pages."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from marquee.core.errors import BadInput
from marquee.web.language import is_supported
from marquee.web.pages import Page


class LanguageView(Page):
    """`/language/`."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Keep the chosen language in a cookie, and return to the page. Refuses with BadInput."""
        language = request.POST.get("language", "")
        if not is_supported(language):
            raise BadInput("Pages are not translated into this language.", field="language")
        response = HttpResponseRedirect(_return_path(request))
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
        return response


def _return_path(request: HttpRequest) -> str:
    """Return the page that the form was on. Never another site's."""
    path = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else "/"
