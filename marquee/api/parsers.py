"""Parse request bodies as JSON by orjson, which is strict about RFC 8259."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from marquee.api.negotiation import JSON


class JSONParser(BaseParser):
    """Parses a request body as JSON.

    orjson refuses what lenient parsers accept: NaN, lone surrogates, invalid UTF-8, numbers beyond a
    double, and nesting deep enough to exhaust the stack.
    """

    media_type = JSON

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the value of the body. Raises ParseError (400) or RequestDataTooBig (413).

        Django checks the size in `request.body`, which DRF does not read, so it is checked here.
        """
        max_bytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(max_bytes + 1)
        if len(raw) > max_bytes:
            raise RequestDataTooBig
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is no valid JSON: {error}.") from None
