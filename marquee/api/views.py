"""The base of all views: DRF without work that every response would pay for and few need."""

from rest_framework.request import Request
from rest_framework.views import APIView


class APIViewMixin:
    """Leaves out work that DRF does for every response (docs/decisions/0011). Put it first."""

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Return no headers. DRF would send `Allow` with every response; only a 405 needs it."""
        return {}

    def perform_authentication(self, request: Request) -> None:
        """Authenticate, unless the view has no authenticators."""
        if request.authenticators:
            super().perform_authentication(request)  # type: ignore[misc]


class BaseAPIView(APIViewMixin, APIView):
    """The base of views that are no viewsets."""
