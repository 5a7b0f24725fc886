"""The base of all pages: one language for the whole request, and refusals as pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.views import View

from marquee.core.errors import Refused
from marquee.web import errors
from marquee.web.language import language_of
from marquee.web.rendering import complete, render


class Page(View):
    """A page. Methods that it does not have get a page with 405."""

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
        """Return a template as a page, whose header says who is logged in."""
        header = {"header": _header(self.request)}
        return render(self.request, template, header | context, status=status)


def _header(request: HttpRequest) -> dict[str, Any]:
    """Return what the header says: the account that is logged in, and where logging in leads back to.

    Pages about errors have no such header: they query no database.
    """
    user: Any = request.user
    return {
        "account": user if user.is_authenticated else None,
        "next": request.get_full_path() if request.method in {"GET", "HEAD"} else request.path,
    }
