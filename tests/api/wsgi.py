"""Requests through the WSGI application, with any bytes in any header, as granian passes them."""

import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any, NamedTuple

from marquee.server import tuning
from marquee.server.wsgi import application


class Response(NamedTuple):
    """The response of the application."""

    status_code: int
    headers: dict[str, str]
    content: bytes


def ask(method: str, path: str, body: bytes = b"{}", **environ: str) -> Response:
    """Send a request. `environ` names headers as WSGI does: `HTTP_ACCEPT`, `QUERY_STRING`."""
    # Django's test client connects these signals again, and they would close the test's connection.
    tuning.disconnect_signals()
    output: dict[str, Any] = {}
    usual = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
    }

    def start(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        output["status"], output["headers"] = int(status[:3]), dict(headers)
        return lambda data: None

    parts = application(usual | environ, start)
    content = b"".join(parts)
    parts.close()
    return Response(output["status"], output["headers"], content)
