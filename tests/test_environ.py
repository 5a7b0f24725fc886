"""What Django sees of a request: names and lines of headers, addresses, paths."""

from dataclasses import dataclass

import pytest

from marquee.server.environ import environ_of


class Lines:
    """granian's headers: a value that is not ASCII is left out of `items`, but not its name."""

    def __init__(self, *lines):
        self.lines = lines

    def __len__(self):
        return len(self.keys())

    def get(self, key):
        return dict(self.items()).get(key)

    def keys(self):
        return list(dict(self.lines))

    def items(self):
        return [(name, value) for name, value in self.lines if value.isascii()]


@dataclass
class Scope:
    """The rest of a request as granian has it."""

    path: str = "/"
    query_string: str = ""
    client: str = "192.0.2.1:50000"
    server: str = "192.0.2.2:8000"
    authority: str | None = None
    method: str = "GET"
    scheme: str = "http"
    http_version: str = "1.1"


def seen(*lines, body=None, **scope):
    return environ_of(Scope(**scope), Lines(*lines), body)


@pytest.mark.parametrize("name", ["x_forwarded_for", "x-forwarded_for", "x_forwarded-for", "_"])
def test_a_header_with_an_underscore_in_its_name_is_dropped(name):
    environ = seen(("x-forwarded-for", "192.0.2.9"), (name, "203.0.113.9"))
    assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.9"
    assert "203.0.113.9" not in environ.values()


def test_the_lines_of_a_header_are_joined_in_their_order():
    lines = [
        ("x-forwarded-for", "a"),
        ("cookie", "c=1"),
        ("x-forwarded-for", "b"),
        ("cookie", "d=2"),
    ]
    environ = seen(*lines)
    assert environ["HTTP_X_FORWARDED_FOR"] == "a,b"
    assert environ["HTTP_COOKIE"] == "c=1; d=2"


def test_a_header_that_is_not_ascii_is_there_and_empty():
    environ = seen(("idempotency-key", "é"), ("accept", "a"), ("accept", "b"))
    assert (environ["HTTP_IDEMPOTENCY_KEY"], environ["HTTP_ACCEPT"]) == ("", "a,b")


def test_a_body_has_its_own_length_whatever_the_headers_say():
    lines = [
        ("content-length", "1"),
        ("transfer-encoding", "chunked"),
        ("content-type", "text/plain"),
    ]
    environ = seen(*lines, body=b"abc")
    assert (environ["CONTENT_LENGTH"], environ["wsgi.input"].read()) == ("3", b"abc")
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert not {name for name in environ if name.startswith("HTTP_")} - {"HTTP_HOST"}
    assert "CONTENT_LENGTH" not in seen()


def test_addresses_paths_and_queries_are_wsgi_s():
    environ = seen(client="[2001:db8::1]:50000", server="[::1]:8000", path="/ä", query_string="ö=1")
    assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("2001:db8::1", "::1", "8000")  # fmt: skip
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/ä"
    assert environ["QUERY_STRING"].encode("latin-1").decode() == "ö=1"
    assert seen()["REMOTE_ADDR"] == "192.0.2.1"


def test_a_request_without_a_host_has_an_empty_one():
    assert seen()["HTTP_HOST"] == ""
    assert seen(("host", "a.example"), authority="b.example")["HTTP_HOST"] == "a.example"
