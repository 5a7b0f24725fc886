"""Parts of pages that are alike for all their visitors, as HTML that is built once.

Each key holds all that its part is made of, so nothing here becomes outdated.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import json_script
from django.utils.safestring import SafeString

from marquee.core.cache import on_clear_caches

MAX_CACHED = 2000
_cached: dict[Hashable, SafeString] = {}
on_clear_caches(_cached.clear)


def template_fragment(
    name: str, key: tuple[Hashable, ...], context: Callable[[], Mapping[str, Any]]
) -> SafeString:
    """Return a template of a part, rendered with a context that depends on the key alone."""
    return _get((name, *key), lambda: SafeString(render_to_string(name, dict(context()))))


def json_fragment(
    element_id: str, key: tuple[Hashable, ...], value: Callable[[], object]
) -> SafeString:
    """Return a JSON data block, of a value that depends on the key alone."""
    return _get((element_id, *key), lambda: json_script(value(), element_id))


def _get(key: Hashable, build: Callable[[], SafeString]) -> SafeString:
    found = _cached.get(key)  # once: another thread may empty the cache
    if found is None:
        if len(_cached) >= MAX_CACHED:
            _cached.clear()
        found = _cached[key] = build()
    return found
