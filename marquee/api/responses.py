"""Build HTTP responses from JSON bodies."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.request import Request

from marquee.api.negotiation import JSON
from marquee.core.cache import CachedResponse


def json_response(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return a JSON response that is rendered at once, without DRF's renderer."""
    return HttpResponse(orjson.dumps(body), content_type=JSON, status=status, headers=headers)


def conditional_response(
    request: HttpRequest | Request, cached: CachedResponse[Any]
) -> HttpResponseBase:
    """Return a cached response, or 304 if the client has it already (RFC 9110, 13).

    `no-cache` lets clients store the response but makes them revalidate it each time.
    """
    headers = {"ETag": f'"{cached.etag}"', "Cache-Control": "no-cache"}
    known = request.META.get("HTTP_IF_NONE_MATCH", "")
    if known and (known == "*" or headers["ETag"] in _parse_etags(known)):
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(cached.body, content_type=JSON, headers=headers)


def _parse_etags(header: str) -> set[str]:
    return {etag.removeprefix("W/") for etag in parse_etags(header)}
