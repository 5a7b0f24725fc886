"""Render responses as JSON by orjson."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer

from marquee.api.negotiation import JSON


class JSONRenderer(BaseRenderer):
    """Renders responses as compact UTF-8 JSON."""

    media_type = JSON
    format = "json"
    charset = None  # JSON is UTF-8 by definition

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the bytes of a response body; none for an empty one, such as a 204."""
        return b"" if data is None else orjson.dumps(data, default=str)
