"""Content negotiation: the API speaks JSON only."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.utils.mediatypes import media_type_matches

JSON = "application/json"
# Browsers send some 200 characters. Comparing thousands of media types would take a second.
MAX_ACCEPT_LENGTH = 1000


def accepts_json(request: HttpRequest | Request) -> bool:
    """Return whether the client accepts JSON (RFC 9110, 12.5.1). Like DRF, this ignores `q`."""
    accept = request.META.get("HTTP_ACCEPT", "*/*")
    return len(accept) <= MAX_ACCEPT_LENGTH and _includes_json(accept)


# Clients send the same few values again and again.
@lru_cache(maxsize=200)
def _includes_json(accept: str) -> bool:
    return any(media_type_matches(JSON, media_type.strip()) for media_type in accept.split(","))


class JSONContentNegotiation(DefaultContentNegotiation):
    """Selects JSON by a cached comparison of the usual headers, and else asks DRF.

    DRF parses each media type of `Accept` and `Content-Type` for every request, which takes longer
    than all else it does (docs/decisions/0011).
    """

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """Return the renderer and its media type. Raises NotAcceptable (406)."""
        if accepts_json(request) and renderers[0].media_type == JSON:
            return renderers[0], JSON
        if len(request.META.get("HTTP_ACCEPT", "")) > MAX_ACCEPT_LENGTH:
            raise NotAcceptable
        return super().select_renderer(request, renderers, format_suffix)

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Return the parser, or None (415)."""
        return (
            parsers[0] if request.content_type == JSON else super().select_parser(request, parsers)
        )


class IgnoreAcceptNegotiation(JSONContentNegotiation):
    """Ignores the `Accept` header: an `<img>` asks for pictures, and gets one."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """Return the JSON renderer, which refusals need; a picture needs none."""
        return renderers[0], renderers[0].media_type
