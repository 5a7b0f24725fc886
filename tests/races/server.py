"""The server on the database of the tests."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote

from django.db import connection

from marquee.server import serve
from tests import server
from tests.server import HOST, MARQUEE, Server

APPLICATION = "marquee.server.rsgi:application"


@contextmanager
def running(
    application: str | None = None, command: Sequence[str] = MARQUEE, **environment: str
) -> Iterator[Server]:
    """Run a server for the length of the block: `make run`'s, or granian for a named application."""
    settings = {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = _command(application) if application else command
    with server.running(settings | environment, command=command) as started:
        yield started


def _command(application: str) -> list[str]:
    """Return granian's command for an application, with as many threads as `serve` uses."""
    replaced = {APPLICATION: application, "8000": "{port}"}
    return [replaced.get(word, word) for word in serve.server_command(HOST, 8000)]


def database_url() -> str:
    """Return the URL of the test database, not of the configured one."""
    of = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{of['NAME']}"
    user, password = quote(of["USER"], safe=""), quote(of["PASSWORD"], safe="")
    return f"postgres://{user}:{password}@{of['HOST']}:{of['PORT']}/{of['NAME']}"
