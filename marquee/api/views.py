"""DRF's views, without what they do for every answer and only a few need (docs/decisions/0011)."""

from rest_framework.request import Request
from rest_framework.views import APIView


class Lean:
    """For the front of a view's bases."""

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Return no headers. DRF lists the methods there are with every answer; a 405 tells them."""
        return {}

    def perform_authentication(self, request: Request) -> None:
        """Look who is calling, unless nobody is asked."""
        if request.authenticators:
            super().perform_authentication(request)  # type: ignore[misc]


class View(Lean, APIView):
    """What one address does."""
