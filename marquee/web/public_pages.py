"""Pages for everybody: search engines may list them, and browsers may go back to them at once."""

from typing import Any

from django.http import HttpResponse

from marquee.web.pages import Page

# Without `no-store`, browsers keep the whole page for Back; it is asked for anew by each other visit.
CACHE_CONTROL = "private, no-cache"


class PublicPage(Page):
    """A page that shows what everybody may see."""

    def render(
        self, template: str, *, status: int = 200, canonical: str = "", **context: Any
    ) -> HttpResponse:
        """Return a template as a page. `canonical` is the path that search engines list it by, if any.

        A visitor who is logged in gets a page with a name on it, which stays out of all caches: after
        logging out, Back would show it.
        """
        url = self.request.build_absolute_uri(canonical) if canonical else ""
        response = super().render(template, status=status, canonical=url, **context)
        user: Any = self.request.user
        if not user.is_authenticated:
            response["Cache-Control"] = CACHE_CONTROL
        return response
