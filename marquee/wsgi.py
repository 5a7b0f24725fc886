"""The application object that granian, or any WSGI server, runs."""

import os
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marquee.settings")


class Request(WSGIRequest):
    """A request that is UTF-8, whatever its headers say.

    Django would decode even the address by the charset of a body. Before any of its error handlers
    is reached, that crashes on codecs such as `hex`, and lets lone surrogates in by `utf-7`.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        parsed = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        self.content_type, self.content_params = parsed


application = get_wsgi_application()
application.request_class = Request
