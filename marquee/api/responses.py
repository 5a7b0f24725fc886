"""Render JSON responses at once, without DRF's renderer."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpResponse

from marquee.api.negotiation import JSON


def json_response(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return a response with a JSON body."""
    return HttpResponse(orjson.dumps(body), content_type=JSON, status=status, headers=headers)
