"""Cache the responses to public GET requests, and validate each by one query to the database.

Each view that caches has two methods. `validate` reads the current version by one query, and
returns the cached response if it may still be sent. `build` makes a response from the database.
So no response is older than its request, whichever process sends it (docs/decisions/0012).
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.request import Request

from marquee.api.negotiation import JSON, accepts_json
from marquee.api.views import APIViewMixin
from marquee.core.cache import on_clear_caches

ENTRY_OVERHEAD_BYTES = 1200


@dataclass(frozen=True)
class CachedResponse:
    """The body of a response, and the version of the data that it was built from."""

    version: Any
    body: bytes
    etag: str | None = field(default=None, kw_only=True)
    is_public: bool = field(default=True, kw_only=True)

    @classmethod
    def with_etag(cls, version: Any, body: bytes, label: str = "") -> "CachedResponse":
        """Return a response with an ETag: a label and a digest of the body.

        The digest differs when another release serializes the same rows differently.
        """
        return cls(version, body, etag=f'"{label}{_digest(body)}"')

    @classmethod
    def private(cls, body: bytes) -> "CachedResponse":
        """Return a response with an ETag that nothing stores: it is for one user, or for staff."""
        return cls(None, body, etag=f'"{_digest(body)}"', is_public=False)

    @property
    def size(self) -> int:
        """The bytes of memory that it takes, about."""
        return len(self.body) + ENTRY_OVERHEAD_BYTES

    def written(self, status: int, headers: Mapping[str, str]) -> HttpResponse:
        """Return the HTTP response to the request that made this."""
        headers = {**headers, "ETag": self.etag or ""}
        return HttpResponse(self.body, content_type=JSON, status=status, headers=headers)

    def respond(self, request: HttpRequest | Request) -> HttpResponseBase:
        """Return the HTTP response, or 304 if the client has it already (RFC 9110, 13)."""
        if self.etag is None:
            return HttpResponse(self.body, content_type=JSON)
        headers = {"ETag": self.etag}
        if self.is_public:
            # Clients may store the response, and must revalidate it each time.
            headers["Cache-Control"] = "no-cache"
        if client_has(request, self.etag):
            return HttpResponseNotModified(headers=headers)
        return HttpResponse(self.body, content_type=JSON, headers=headers)


def _digest(body: bytes) -> str:
    return blake2b(body, digest_size=8).hexdigest()


def client_has(request: HttpRequest | Request, etag: str) -> bool:
    """Return whether `If-None-Match` has the ETag of a response: the client needs no other (RFC 9110, 13)."""
    known = request.META.get("HTTP_IF_NONE_MATCH", "")
    return bool(known) and (known == "*" or etag in _parse_etags(known))


def _parse_etags(header: str) -> set[str]:
    return {etag.removeprefix("W/") for etag in parse_etags(header)}


class ResponseCache:
    """The responses that were used last, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._bytes = max_bytes, 0
        self._lock = threading.Lock()
        self._responses: OrderedDict[str, CachedResponse] = OrderedDict()
        on_clear_caches(self._clear)

    def get(self, key: str) -> CachedResponse | None:
        """Return the response that was put last under this key, if it is still there."""
        with self._lock:
            cached = self._responses.get(key)
            if cached is not None:
                self._responses.move_to_end(key)
            return cached

    def put(self, key: str, cached: CachedResponse) -> None:
        """Cache a response in place of an earlier one."""
        with self._lock:
            if earlier := self._responses.pop(key, None):
                self._bytes -= len(key) + earlier.size
            self._responses[key] = cached
            self._bytes += len(key) + cached.size
            while self._bytes > self._max_bytes:
                oldest, evicted = self._responses.popitem(last=False)
                self._bytes -= len(oldest) + evicted.size

    def _clear(self) -> None:
        with self._lock:
            self._responses.clear()
            self._bytes = 0


def request_cache_key(request: HttpRequest | Request) -> str:
    """Return the request's URL, which selects the rows and prefixes the URLs in the body."""
    meta = request.META
    host, query = meta.get("HTTP_HOST"), meta.get("QUERY_STRING", "")
    return f"{request.scheme}://{host}{meta['PATH_INFO']}?{query}"


class CachedResponseMixin(APIViewMixin):
    """Serves public GET requests from the response cache before DRF runs. Put it first.

    Skipping DRF saves a quarter of the CPU of the shortest responses (docs/decisions/0011).
    """

    cache: ResponseCache
    _cache_error: Exception | None = None

    def cache_key(self, request: HttpRequest | Request) -> str:
        """Return the key of the response to this request."""
        return request_cache_key(request)

    def validate(self, cached: Any) -> CachedResponse | None:
        """Return the response to send, if the database's current version allows it, else None."""
        raise NotImplementedError

    def build(self) -> CachedResponse:
        """Return a response built from the database."""
        raise NotImplementedError

    def cached_response(self, request: HttpRequest, **named: Any) -> HttpResponseBase | None:
        """Return the response to a GET or HEAD request if it is cached and current, else None.

        It runs before permissions are checked, so only public responses may be cached. An exception
        that it raises is handled as if the view had raised it.
        """
        key = self.cache_key(request)
        cached = self.cache.get(key)
        if cached is None or (current := self.validate(cached)) is None:
            return None
        if current is not cached:
            self.cache.put(key, current)
        return current.respond(request)

    def built_response(self, request: HttpRequest | Request) -> HttpResponseBase:
        """Build the response, cache it, and return it."""
        built = self.build()
        self.cache.put(self.cache_key(request), built)
        return built.respond(request)

    def dispatch(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        """Return the cached response, or else let DRF run the view."""
        if request.method in {"GET", "HEAD"} and accepts_json(request):
            try:
                if (response := self.cached_response(request, **named)) is not None:
                    return response
            except Exception as error:  # noqa: BLE001 (raised again by `initial`)
                self._cache_error = error
        return super().dispatch(request, *arguments, **named)  # type: ignore[no-any-return]

    def head(self, request: Request, *arguments: Any, **named: Any) -> HttpResponseBase:
        """Return what GET does. The server leaves out the body.

        Without this method Django stores a bound method in each view object: a reference cycle.
        """
        response: HttpResponseBase = self.get(request, *arguments, **named)  # type: ignore[attr-defined]
        return response

    def initial(self, request: Request, *arguments: Any, **named: Any) -> None:
        """Run DRF's checks, then raise what `cached_response` has raised."""
        super().initial(request, *arguments, **named)
        if self._cache_error is not None:
            raise self._cache_error
