"""Everything of Django and Python that is tuned for speed, in one place.

`marquee/server/wsgi.py` applies it in production, and `tests/conftest.py` in tests.
docs/decisions/0011 has the measurements.
"""

import gc
from functools import cache, lru_cache

from django.conf import settings
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries
from django.urls import ResolverMatch, URLResolver, get_resolver

# Longer paths are not cached, nor are pages, whose URLs match any text: they would fill memory.
MAX_CACHED_PATH_LENGTH = 100
MAX_CACHED_PATHS = 5000


@cache
def apply() -> None:
    """Apply all of it, once a process. Call it after `django.setup()`."""
    cache_resolver(get_resolver())
    disconnect_signals()
    tune_garbage_collector()


def cache_resolver(resolver: URLResolver) -> None:
    """Cache which view each of the last few thousand API paths leads to."""
    resolve = resolver.resolve
    cached_resolve = lru_cache(MAX_CACHED_PATHS)(resolve)

    def resolve_cached(path: str) -> ResolverMatch:
        is_cached = path.startswith("/api/") and len(path) < MAX_CACHED_PATH_LENGTH
        return (cached_resolve if is_cached else resolve)(path)

    resolver.resolve = resolve_cached  # type: ignore[method-assign]


def disconnect_signals() -> None:
    """Disconnect what Django does around each request for features that Marquee does not use.

    There are no caches, no urlconf of a request's own, and no log of queries unless in DEBUG.
    Connections are looked after by `close_broken_connection` in `wsgi.py`.
    """
    request_finished.disconnect(close_caches)
    request_finished.disconnect(reset_urlconf)
    request_finished.disconnect(close_old_connections)
    request_started.disconnect(close_old_connections)
    if not settings.DEBUG:
        request_started.disconnect(reset_queries)


def tune_garbage_collector() -> None:
    """Exclude the loaded code from garbage collection, and collect less often.

    A request makes thousands of objects and leaves some tens in reference cycles. Python's default
    collects after every 700. Much larger thresholds make pauses longer: docs/benchmarks/journal.md.
    """
    gc.freeze()
    gc.set_threshold(5_000, 10, 1_000)
