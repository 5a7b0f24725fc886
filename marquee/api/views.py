"""The base of all views: public GET requests are served from the response cache before DRF runs."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from marquee.api.negotiation import accepts_json


class CachedResponseMixin:
    """Serves public GET requests from the response cache. Put it first among a view's bases."""

    _cache_error: Exception | None = None

    def cached_response(self, request: HttpRequest, **named: Any) -> HttpResponseBase | None:
        """Return the response to a public GET or HEAD request if it is cached, else None.

        It runs before permissions are checked, so it must return nothing private. An exception that
        it raises is handled as if the view had raised it.
        """
        return None

    def dispatch(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        """Return the cached response, or else let DRF run the view.

        Skipping DRF saves a quarter of the CPU of the shortest responses (docs/decisions/0011).
        """
        if (response := self._cached_response(request, named)) is not None:
            return response
        return super().dispatch(request, *arguments, **named)  # type: ignore[misc,no-any-return]

    def _cached_response(
        self, request: HttpRequest, named: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.method not in {"GET", "HEAD"} or not accepts_json(request):
            return None
        try:
            return self.cached_response(request, **named)
        except Exception as error:  # noqa: BLE001 (raised again by `initial`)
            self._cache_error = error
            return None

    def initial(self, request: Request, *arguments: Any, **named: Any) -> None:
        """Run DRF's checks, then raise what `cached_response` has raised."""
        super().initial(request, *arguments, **named)  # type: ignore[misc]
        if self._cache_error is not None:
            raise self._cache_error

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Return no headers. DRF would send `Allow` with every response; only a 405 needs it."""
        return {}

    def perform_authentication(self, request: Request) -> None:
        """Authenticate, unless the view has no authenticators."""
        if request.authenticators:
            super().perform_authentication(request)  # type: ignore[misc]


class BaseAPIView(CachedResponseMixin, APIView):
    """The base of views that are no viewsets."""
