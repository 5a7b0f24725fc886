"""From RSGI to WSGI: the environ of a request that has arrived whole."""

import sys
from functools import lru_cache
from io import BytesIO
from typing import Any, Protocol
from wsgiref.util import FileWrapper

# The body is here, and its length counted: Django sees none in chunks.
FRAMING = {"content-length", "transfer-encoding"}
# When a request was here whole, by `time.perf_counter`: for how long it waited for a thread.
RECEIVED_AT = "marquee.received_at"
# Why no view answers a request: a class of `bodies.Refused`, or an error. Missing in all others.
FAILURE = "marquee.failure"
SAME_FOR_ALL: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.file_wrapper": FileWrapper,
}


class Headers(Protocol):
    """The headers of a request, by their names in lower case (granian's RSGIHeaders)."""

    def __len__(self) -> int:
        """Return how many names there are."""

    def get(self, key: str) -> str | None:
        """Return the first line of a header that is in ASCII, None without one."""

    def keys(self) -> list[str]:
        """Return all names."""

    def items(self) -> list[tuple[str, str]]:
        """Return the lines that are in ASCII: name and value."""


class Scope(Protocol):
    """The first line of a request, and where it came from (granian's RSGIHTTPScope)."""

    method: str
    path: str
    query_string: str
    scheme: str
    http_version: str
    server: str
    client: str
    authority: str | None
    headers: Headers


def environ_of(scope: Scope, headers: Headers, body: bytes | None) -> dict[str, Any]:
    """Return a request as WSGI has it (PEP 3333). It has a length if it has a body, even an empty one."""
    host, _, port = scope.server.rpartition(":")
    length = {} if body is None else {"CONTENT_LENGTH": str(len(body))}
    return {
        **SAME_FOR_ALL,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": _latin1(scope.path),
        "QUERY_STRING": _latin1(scope.query_string),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "HTTP_HOST": scope.authority or "",
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body or b""),
        **_headers(headers),
        **length,
    }


def _headers(headers: Headers) -> dict[str, str]:
    """Return the headers under WSGI's names, the lines of each joined, which Django takes for one."""
    named: dict[str, str] = {}
    for name, value in _lines(headers):
        if key := _key(name):
            separator = "; " if name == "cookie" else ","  # RFC 6265, 5.4; RFC 9110, 5.3
            named[key] = f"{named[key]}{separator}{value}" if key in named else value
    return named


def _lines(headers: Headers) -> list[tuple[str, str]]:
    """Return the lines in ASCII. A header that has only others is there, and empty."""
    lines = headers.items()
    known = dict(lines)
    if len(known) == len(headers):
        return lines
    return lines + [(name, "") for name in set(headers.keys()) - known.keys()]


@lru_cache(256)
def _key(name: str) -> str | None:
    """Return WSGI's name of a header. None to drop it.

    Names with a `_` are dropped: in WSGI, `X_Forwarded_For` has the name of `X-Forwarded-For`.
    """
    if "_" in name or name in FRAMING:
        return None
    return "CONTENT_TYPE" if name == "content-type" else "HTTP_" + name.upper().replace("-", "_")


def _latin1(text: str) -> str:
    """Return text as WSGI has it: each byte of its UTF-8 as one character."""
    return text if text.isascii() else text.encode().decode("latin-1")
