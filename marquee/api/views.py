"""DRF's views, without what they do for every answer and only a few need (docs/decisions/0011)."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from marquee.api.json import takes_json


class Lean:
    """For the front of a view's bases."""

    _failed: Exception | None = None

    def ready(self, request: HttpRequest, **named: Any) -> HttpResponseBase | None:
        """Return the answer to a GET that is the same for anybody, if it is at hand, or else None.

        What it raises is answered as DRF would.
        """
        return None

    def dispatch(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        """Answer: with what is at hand, or else as DRF does.

        Where nobody is asked who they are and JSON is as good as anything, there is nothing for DRF
        to find out. It saves a quarter of the CPU of the shortest answers.
        """
        if request.method == "GET" and takes_json(request):
            try:
                if answer := self.ready(request, **named):
                    return answer
            except Exception as error:  # noqa: BLE001 (raised again by `initial`)
                self._failed = error
        return super().dispatch(request, *arguments, **named)  # type: ignore[misc,no-any-return]

    def initial(self, request: Request, *arguments: Any, **named: Any) -> None:
        """Make ready for the method, unless there is a refusal already."""
        if self._failed:
            raise self._failed
        super().initial(request, *arguments, **named)  # type: ignore[misc]

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
