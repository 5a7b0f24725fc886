"""The base of all views: DRF without work that every response would pay for and few need."""

from collections.abc import Collection
from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from marquee.api.conditional import check_no_precondition
from marquee.api.pagination import CursorPagination
from marquee.api.query import check_parameters
from marquee.core.actor import forget_staff


class APIViewMixin:
    """Leaves out work that DRF does for every response (docs/decisions/0011). Put it first."""

    # The actions of a viewset, or the methods of another view, whose responses have an ETag; and those
    # that `If-Match` guards. The schema documents both.
    etag_actions: frozenset[str] = frozenset()
    if_match_actions: frozenset[str] = frozenset()

    def dispatch(self, request: Any, *arguments: Any, **named: Any) -> Any:
        """Respond, and forget which member of staff acted: this thread serves others next."""
        try:
            return super().dispatch(request, *arguments, **named)  # type: ignore[misc]
        finally:
            forget_staff()

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Return no headers. DRF would send `Allow` with every response; only a 405 needs it."""
        return {}

    def initial(self, request: Request, *arguments: Any, **named: Any) -> None:
        """Run DRF's checks, and refuse unknown query parameters and a vain `If-Match`.

        A method that the address does not have is refused before all that: it is wrong for everybody.
        """
        if request.method == "OPTIONS" or not hasattr(self, (request.method or "").lower()):
            self.http_method_not_allowed(request)  # type: ignore[attr-defined]
        super().initial(request, *arguments, **named)  # type: ignore[misc]
        if request.META.get("QUERY_STRING"):
            check_parameters(request.query_params, self.query_parameters(request))
        if request.method not in SAFE_METHODS and not self.compares_etags(request):
            check_no_precondition(request)

    def compares_etags(self, request: Request) -> bool:
        """Return whether `If-Match` guards this action, or this method of a view that has no actions."""
        action = getattr(self, "action", None) or (request.method or "").lower()
        return action in self.if_match_actions

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
