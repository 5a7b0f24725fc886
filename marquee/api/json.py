"""JSON in and out by orjson: fast, and strict about what is not JSON (RFC 8259)."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer


class JSONRenderer(BaseRenderer):
    """Writes answers as compact UTF-8 JSON."""

    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8 by definition

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the bytes of an answer; nothing at all for an empty one, such as a 204."""
        return b"" if data is None else orjson.dumps(data, default=str)


class JSONParser(BaseParser):
    """Reads a body as JSON.

    orjson refuses what a lenient parser would let in: NaN, lone surrogates, bad UTF-8, numbers
    beyond a double, nesting deep enough to exhaust the stack.
    """

    media_type = "application/json"

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
