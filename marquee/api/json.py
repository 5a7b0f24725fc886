"""JSON in and out by orjson: fast, and strict about what is not JSON (RFC 8259)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import IO, Any, cast

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.exceptions import NotAcceptable, ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.mediatypes import media_type_matches

from marquee.core.cache import CachedResponse

JSON = "application/json"
# Browsers send some 200 characters. Weighing each of thousands of types would cost a second.
MAX_ACCEPT_LENGTH = 1000


def takes_json(request: HttpRequest | Request) -> bool:
    """Say whether the caller takes JSON (RFC 9110, 12.5.1); like DRF, without weighing `q`."""
    accept = request.META.get("HTTP_ACCEPT", "*/*")
    return len(accept) <= MAX_ACCEPT_LENGTH and _includes_json(accept)


# Programs and browsers send a few, again and again.
@lru_cache(maxsize=200)
def _includes_json(accept: str) -> bool:
    return any(media_type_matches(JSON, one.strip()) for one in accept.split(","))


class JSONRenderer(BaseRenderer):
    """Writes answers as compact UTF-8 JSON."""

    media_type = JSON
    format = "json"
    charset = None  # JSON is UTF-8 by definition

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the bytes of an answer; nothing at all for an empty one, such as a 204."""
        if renderer_context:
            # DRF puts the answer in it that holds it: see `CachedResponseMixin`, in views.py.
            cast("dict[str, Any]", renderer_context).clear()
        return b"" if data is None else orjson.dumps(data, default=str)


class JSONParser(BaseParser):
    """Reads a body as JSON.

    orjson refuses what a lenient parser would let in: NaN, lone surrogates, bad UTF-8, numbers
    beyond a double, nesting deep enough to exhaust the stack.
    """

    media_type = JSON

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body's value. Raises ParseError (400) for anything but JSON, and
        RequestDataTooBig (413): Django would say so of `request.body`, which DRF does not ask for.
        """
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(most + 1)
        if len(raw) > most:
            raise RequestDataTooBig
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is no valid JSON: {error}.") from None


class JSONContentNegotiation(DefaultContentNegotiation):
    """Speaks JSON, without much ado to those who take it or send it in the usual words.

    DRF weighs every word of `Accept` and `Content-Type`, which takes longer than all else that it
    does with a request (docs/decisions/0011).
    """

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """Return the renderer and its media type. Raises NotAcceptable (406)."""
        if takes_json(request) and renderers[0].media_type == JSON:
            return renderers[0], JSON
        if len(request.META.get("HTTP_ACCEPT", "")) > MAX_ACCEPT_LENGTH:
            raise NotAcceptable
        return super().select_renderer(request, renderers, format_suffix)

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Return the parser, or None (415)."""
        return (
            parsers[0] if request.content_type == JSON else super().select_parser(request, parsers)
        )


def conditional(request: HttpRequest | Request, ready: CachedResponse[Any]) -> HttpResponseBase:
    """Answer with what is ready, or with 304 to a caller who has it already (RFC 9110, 13).

    They may keep it, but must ask each time: so nobody sees what was, whichever process answers.
    """
    headers = {"ETag": f'"{ready.etag}"', "Cache-Control": "no-cache"}
    known = request.META.get("HTTP_IF_NONE_MATCH", "")
    if known and (known == "*" or headers["ETag"] in _etags(known)):
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(ready.body, content_type=JSON, headers=headers)


def _etags(header: str) -> set[str]:
    return {etag.removeprefix("W/") for etag in parse_etags(header)}


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return an answer whose bytes are made at once: what is asked for most needs no renderer."""
    return HttpResponse(orjson.dumps(body), content_type=JSON, status=status, headers=headers)
