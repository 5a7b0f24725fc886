"""The application object that granian, or any WSGI server, runs."""

import gc
import os
import time
from functools import lru_cache
from importlib import import_module
from io import BytesIO
from typing import Any

import django
from django.conf import settings
from django.core.cache import close_caches
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.base import reset_urlconf
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.signals import request_finished, request_started
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections, reset_queries
from django.http import HttpRequest, HttpResponseBase
from django.urls import get_resolver
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marquee.settings")

# A type that nobody knows (RFC 9110, 8.3): the API answers 415, and a page gets no form.
UNKNOWN = "application/octet-stream"
LONGEST_TYPE = 255
LONGEST_PATH = 2000
# As much CPU of its thread may be spent on reading a body in chunks; the server's own threads spend
# as much again. Chunks of the usual sizes take less than a tenth of it.
CHUNKS_SECONDS, PIECE = 0.01, 1024


def read_chunks(stream: Any) -> bytes:
    """Return a body, as far as bodies may go and one byte beyond; as much of nothing for a costly one.

    Each chunk costs some 5 µs, however small: 260,000 of one byte took over a second (granian 2.8.7).
    """
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    body, until = bytearray(), time.thread_time() + CHUNKS_SECONDS
    while part := stream.read(min(PIECE, most - len(body))):
        body += part
        if time.thread_time() > until:
            return bytes(most)  # so it is refused as too large
    return bytes(body)


class Request(WSGIRequest):
    """A request that is UTF-8 whatever its headers say, and has its body whatever its form.

    Django would decode even the address by the charset of a body. Before any of its error handlers
    is reached, that crashes on codecs such as `hex`, and lets lone surrogates in by `utf-7`.

    WSGI (PEP 3333) has no word for a body of unknown length, sent in chunks, and Django takes it for
    an empty one. It is read here, as far as bodies may go and one byte beyond, and has a length.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        if "HTTP_TRANSFER_ENCODING" in environ and not environ.get("CONTENT_LENGTH"):
            body = read_chunks(environ["wsgi.input"])
            environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        # Nothing is at so long a path, however it ends, and Django would read each odd byte apart.
        environ["PATH_INFO"] = environ["PATH_INFO"][:LONGEST_PATH]
        super().__init__(environ)

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        declared = meta.get("CONTENT_TYPE", "")
        if len(declared) > LONGEST_TYPE:
            declared = meta["CONTENT_TYPE"] = UNKNOWN
        try:
            parsed = parse_header_parameters(declared)
        except (LookupError, ValueError):  # such as x*=foo''bar (RFC 2231)
            parsed = UNKNOWN, {}
            # Whoever reads the header later shall not fall over it.
            meta["CONTENT_TYPE"] = UNKNOWN
        self.content_type, self.content_params = parsed

    def parse_file_upload(self, META: Any, post_data: Any) -> Any:  # noqa: N803 (Django's)
        """Return the fields of a multipart form. Raises RequestDataTooBig for more than any body may have.

        Django counts no files, and stores them on the disk before a page has said that it takes none.
        """
        request: Any = self  # the stubs leave out what is private
        if request._stream.limit > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:  # noqa: SLF001
            request._mark_post_parse_error()  # noqa: SLF001 (or whoever reports it would ask again)
            raise RequestDataTooBig("The form is too large.")
        return super().parse_file_upload(META, post_data)


class Application(WSGIHandler):
    """Django, as it is asked for over WSGI."""

    request_class = Request

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and close a connection that failed, so that the next request gets a good one."""
        try:
            return super().get_response(request)
        finally:
            close_if_broken()


def close_if_broken() -> None:
    """Close this thread's connection to the database if something failed there, and it is of no use."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.errors_occurred:
        connection.close_if_unusable_or_obsolete()


django.setup(set_prefix=False)
application = Application()
import_module("marquee.api.openapi").prepare()  # only now: it needs Django set up

# What Django does around each request took as long as all else for the shortest answers
# (docs/decisions/0011 has the figures). So, once the code is loaded:

# The API's addresses are looked up once each, of the last few thousand: a tenth of such an answer.
# Longer ones, and pages, which take any path, would fill memory for whoever likes to.
LONGEST = 100
resolver = get_resolver()
look_up = resolver.resolve
look_up_once = lru_cache(maxsize=5000)(look_up)
resolver.resolve = lambda path: (  # type: ignore[method-assign]
    look_up_once(path) if path.startswith("/api/") and len(path) < LONGEST else look_up(path)
)

# Nothing is looked after before and after a request, but for the connection, above: another tenth.
# There are no caches, no log of queries unless in DEBUG, and no addresses of a request's own.
request_finished.disconnect(close_caches)
request_finished.disconnect(reset_urlconf)
request_finished.disconnect(close_old_connections)
request_started.disconnect(close_old_connections)
if not settings.DEBUG:
    request_started.disconnect(reset_queries)

# The code is here to stay: the garbage collector need not walk through it again and again, nor
# after every 700 objects, of which a request makes thousands and leaves few.
gc.freeze()
gc.set_threshold(20_000, 20, 50)
