"""The request class: every header decoded safely, every form within its limit."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import parse_header_parameters

# RFC 9110, 8.3: data of unknown type. The API answers 415, and a page gets an empty form.
UNKNOWN_CONTENT_TYPE = "application/octet-stream"
MAX_CONTENT_TYPE_LENGTH = 255
MAX_PATH_LENGTH = 2000


class UTF8Request(WSGIRequest):
    """A request that is UTF-8 whatever its headers say.

    Django decodes even the path by the charset of the body. That crashes on codecs such as `hex`
    before any of Django's error handlers is reached, and `utf-7` lets lone surrogates in.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        # No URL of ours is as long, and Django decodes each odd byte of a path by itself.
        environ["PATH_INFO"] = environ["PATH_INFO"][:MAX_PATH_LENGTH]
        # WhiteNoise would send a part of a file that has changed. All of it is right, too (RFC 9110, 13.1.5).
        if "HTTP_IF_RANGE" in environ:
            environ.pop("HTTP_RANGE", None)
        super().__init__(environ)

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        """Parse Content-Type without its charset. Replace one that cannot be parsed."""
        declared = meta.get("CONTENT_TYPE", "")
        if len(declared) > MAX_CONTENT_TYPE_LENGTH:
            declared = meta["CONTENT_TYPE"] = UNKNOWN_CONTENT_TYPE
        try:
            parsed = parse_header_parameters(declared)
        except (LookupError, ValueError):  # such as x*=foo''bar (RFC 2231)
            parsed = UNKNOWN_CONTENT_TYPE, {}
            # DRF parses the header again.
            meta["CONTENT_TYPE"] = UNKNOWN_CONTENT_TYPE
        self.content_type, self.content_params = parsed

    def parse_file_upload(self, META: Any, post_data: Any) -> Any:  # noqa: N803 (Django's)
        """Parse a multipart form. Raises RequestDataTooBig above the limit for any body.

        Django excludes files from that limit, and stores them on disk before any view runs.
        """
        request: Any = self  # the stubs leave out what is private
        if request._stream.limit > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:  # noqa: SLF001
            request._mark_post_parse_error()  # noqa: SLF001 (or the error's reporter parses it again)
            raise RequestDataTooBig("The form is too large.")
        return super().parse_file_upload(META, post_data)
