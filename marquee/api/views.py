"""The base of all views: DRF without work that every response would pay for and few need."""

from collections.abc import Collection
from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from marquee.api.pagination import CursorPagination
from marquee.api.query import check_parameters


class APIViewMixin:
    """Leaves out work that DRF does for every response (docs/decisions/0011). Put it first."""

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Return no headers. DRF would send `Allow` with every response; only a 405 needs it."""
        return {}

    def initial(self, request: Request, *arguments: Any, **named: Any) -> None:
        """Run DRF's checks, and refuse unknown and repeated query parameters."""
        super().initial(request, *arguments, **named)  # type: ignore[misc]
        if request.META.get("QUERY_STRING"):
            check_parameters(request.query_params, self.query_parameters(request))

    def query_parameters(self, request: Request) -> Collection[str]:
        """Return the names of the query parameters that this request may have: those of a list."""
        filterset: Any = getattr(self, "filterset_class", None)
        is_read = request.method in SAFE_METHODS
        if filterset is None or not is_read or getattr(self, "detail", False):
            return ()
        return {*filterset.base_filters, *CursorPagination.parameters}

    def perform_authentication(self, request: Request) -> None:
        """Authenticate, unless the view has no authenticators."""
        if request.authenticators:
            super().perform_authentication(request)  # type: ignore[misc]


class BaseAPIView(APIViewMixin, APIView):
    """The base of views that are no viewsets."""
