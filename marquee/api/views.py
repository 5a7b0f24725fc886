"""DRF's views, without what they do for every answer and only a few need (docs/decisions/0011)."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from marquee.api.json import takes_json


class CachedResponseMixin:
    """For the front of a view's bases."""

    _failed: Exception | None = None

    def at_hand(self, request: HttpRequest, **named: Any) -> HttpResponseBase | None:
        """Return the answer to a GET or HEAD that is the same for anybody, if it is at hand, or else None.

        Only for what anybody may read: it is asked before permissions are. What it raises is
        answered as if the view had raised it.
        """
        return None

    def dispatch(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        """Answer: with what is at hand, or else as DRF does.

        Where anybody may read, and takes JSON, there is nothing for DRF to find out. That saves a
        quarter of the application's CPU of the shortest answers (docs/decisions/0011).
        """
        try:
            if (answer := self._at_hand(request, named)) is not None:
                return answer
            return super().dispatch(request, *arguments, **named)  # type: ignore[misc,no-any-return]
        finally:
            self._untie()

    def _at_hand(self, request: HttpRequest, named: dict[str, Any]) -> HttpResponseBase | None:
        if request.method not in {"GET", "HEAD"} or not takes_json(request):
            return None
        try:
            return self.at_hand(request, **named)
        except Exception as error:  # noqa: BLE001 (raised again by `initial`)
            self._failed = error
            return None

    def _untie(self) -> None:
        """Let go of what refers to itself: a view by its methods, a request by what reads its body.

        So all of a request is gone with its answer. Otherwise it is for the garbage collector to find,
        and that stops a process again and again (docs/decisions/0011).
        """
        asked = vars(self).pop("request")
        vars(self).clear()
        if isinstance(asked, Request):
            asked.parser_context.clear()

    def initial(self, request: Request, *arguments: Any, **named: Any) -> None:
        """Find out what DRF does before a method; then raise what kept us from answering, if anything."""
        super().initial(request, *arguments, **named)  # type: ignore[misc]
        if self._failed is not None:
            raise self._failed

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Return no headers. DRF lists the methods there are with every answer; a 405 tells them."""
        return {}

    def perform_authentication(self, request: Request) -> None:
        """Look who is calling, unless nobody is asked."""
        if request.authenticators:
            super().perform_authentication(request)  # type: ignore[misc]


class View(CachedResponseMixin, APIView):
    """What one address does."""
