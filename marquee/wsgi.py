"""The application object that granian, or any WSGI server, runs."""

import gc
import os
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.cache import close_caches
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marquee.settings")


class Request(WSGIRequest):
    """A request that is UTF-8 whatever its headers say, and has its body whatever its form.

    Django would decode even the address by the charset of a body. Before any of its error handlers
    is reached, that crashes on codecs such as `hex`, and lets lone surrogates in by `utf-7`.

    WSGI (PEP 3333) has no word for a body of unknown length, sent in chunks, and Django takes it for
    an empty one. It is read here, as far as bodies may go and one byte beyond, and has a length.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        if "HTTP_TRANSFER_ENCODING" in environ and not environ.get("CONTENT_LENGTH"):
            body = environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
            environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        super().__init__(environ)

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        parsed = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        self.content_type, self.content_params = parsed


application = get_wsgi_application()
application.request_class = Request

# Django looks after its caches, of which we have none, and twice after its connections: that of a
# request that failed is looked at when it ends, so that none is left for the next.
request_finished.disconnect(close_caches)
request_started.disconnect(close_old_connections)

# The code is here to stay: the garbage collector need not walk through it again and again, nor
# after every 700 objects, of which a request makes thousands and leaves none (docs/decisions/0011).
gc.freeze()
gc.set_threshold(20_000, 20, 50)
