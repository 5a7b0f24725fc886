"""The WSGI application, which granian or any other WSGI server runs."""

import os
from importlib import import_module

import django
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from marquee import env
from marquee.server import tuning
from marquee.server.request import UTF8Request

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marquee.settings")


class Application(WSGIHandler):
    """Django's WSGI handler, with our request class."""

    request_class = UTF8Request

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response. Close a broken connection, so that the next request gets a new one."""
        try:
            return super().get_response(request)
        finally:
            close_broken_connection()


class Unanswered(Application):
    """Answers requests that cannot be read, or over which the other application failed.

    They get an id, a line in the log, a place in the metrics and the headers, as all others do.
    """

    middleware = (
        "marquee.server.security_headers.security_headers",
        "marquee.server.observing.observe",
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "marquee.server.middleware.PageCsrfMiddleware",  # the layout has forms
    )

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002 (Django's)
        """Put the middleware around the one view."""
        view = import_string("marquee.server.error_responses.unanswered")
        for name in reversed(self.middleware):
            view = import_string(name)(convert_exception_to_response(view))
        self._middleware_chain = convert_exception_to_response(view)


def close_broken_connection() -> None:
    """Close this thread's database connection if an error has made it unusable."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.errors_occurred:
        connection.close_if_unusable_or_obsolete()


# A server that is started without `marquee.serve`, such as granian itself, ends with the sentence, too.
with env.exit_with_sentence():
    django.setup(set_prefix=False)
# Before the application: its middleware looks for static files once.
import_module("marquee.server.static_files").collect()
application, unanswered = Application(), Unanswered()
# The schema imports models, so only after django.setup().
import_module("marquee.api.resources.schema").preload_schema()
tuning.apply()
