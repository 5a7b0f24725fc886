"""Marked values in every field of every endpoint and page: none is in the log, the metrics or on a terminal."""

import io
import json
import logging
import re
import sys
from itertools import cycle

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test import Client
from django.urls import get_resolver
from prometheus_client import REGISTRY, generate_latest

from marquee.core.log import JSONFormatter, LineFormatter
from tests.api.operations import body_of, component, operations
from tests.factories import book_seats, client_of, make_show, make_superuser

# What somebody might send where it does not belong: each is unique, and none may be seen again.
CANARIES = {
    "password": "Canary-Passw0rd-77",
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.Q2FuYXJ5U2lnbmF0dXJl",
    "email": "canary.bird@example.com",
    "name": "Canaria Birdsong",
    "card": "4111111111111111",
    "word": "canarycanary",
}
VALUES = list(CANARIES.values())
HEADERS = {
    "Cookie": f"sessionid={CANARIES['word']}; link={CANARIES['token']}",
    "X-Request-ID": CANARIES["card"],
    "User-Agent": CANARIES["name"],
    "Referer": f"https://evil.example/?token={CANARIES['token']}",
    "Origin": f"https://{CANARIES['word']}.example",
    "Idempotency-Key": CANARIES["card"],
    "If-Match": f'"{CANARIES["word"]}"',
    "X-Forwarded-For": CANARIES["email"],
    "Accept-Language": CANARIES["word"],
}
QUERY = "&".join(f"{name}={value}" for name, value in CANARIES.items())


class Output:
    """What the log says in both formats, as the handlers of production would write it."""

    def __init__(self):
        self.stream = io.StringIO()
        self.handlers = [logging.StreamHandler(self.stream) for _ in range(2)]
        for handler, formatter in zip(
            self.handlers, (LineFormatter(), JSONFormatter()), strict=True
        ):
            handler.setFormatter(formatter)

    def __enter__(self):
        # These do not propagate to the root in production.
        for name in ("", "django.security", "marquee.accounts.hashers"):
            for handler in self.handlers:
                logging.getLogger(name).addHandler(handler)
        return self

    def __exit__(self, *error):
        for name in ("", "django.security", "marquee.accounts.hashers"):
            for handler in self.handlers:
                logging.getLogger(name).removeHandler(handler)


@pytest.fixture
def output(settings, capfd):
    """Return a function that returns all that was written since."""
    settings.ACCESS_LOG = True
    with Output() as output:

        def written():
            sys.stdout.flush()
            sys.stderr.flush()
            return "".join((*capfd.readouterr(), output.stream.getvalue()))

        yield written


def assert_silent(text):
    assert text  # something was written, or this test sees nothing
    for name, value in CANARIES.items():
        at = text.lower().find(value.lower())
        assert at < 0, (name, text[max(0, at - 300) : at + 100])


def filled(schema, name=""):
    """Return a body with marked values in each field that takes text."""
    schema = component(schema)
    if "properties" in schema:
        return {key: filled(value, key) for key, value in schema["properties"].items()}
    if schema.get("type") == "array":
        return [filled(schema.get("items", {}), name)]
    return next((value for key, value in CANARIES.items() if key in name), CANARIES["word"])


def requests(booking):
    """Yield each request: every operation of the API and every page, and URLs that nobody serves."""
    for operation in operations():
        yield operation.method, operation.address(booking), json.dumps(filled(body_of(operation)))
    for url in pages(booking):
        yield "get", url, None
        yield "post", url, QUERY
    yield "post", "/api/v1/auth/login/", f'{{"email": "{CANARIES["email"]}", '
    for value in VALUES:
        yield "get", f"/{value}/", None
        yield "get", f"/api/v1/bookings/{value}/", None
        yield "get", f"/admin/booking/booking/{value}/change/", None


def pages(booking):
    show = booking.show
    ids = {"movie_id": show.movie_id, "show_id": show.pk, "reference": booking.reference}
    ids["cinema_id"] = show.auditorium.cinema_id
    for name, (possibilities, *_) in get_resolver("marquee.web.urls").reverse_dict.items():
        if isinstance(name, str):
            path, parameters = possibilities[0]
            yield "/" + path % {key: ids.get(key, 1) for key in parameters}


def send(client, booking):
    """Send everything; return which statuses there were."""
    statuses = set()
    for method, url, body in requests(booking):
        kind = "application/x-www-form-urlencoded" if body == QUERY else "application/json"
        response = client.generic(
            method.upper(), f"{url}?{QUERY}", body or "", kind, headers=HEADERS
        )
        statuses.add(response.status_code)
    return statuses


@pytest.fixture
def booking(db):
    return book_seats(make_superuser(), make_show(), "A1", hold=True)


@pytest.fixture
def client(booking):
    """Return a client whose token may do everything, that checks CSRF as browsers meet it."""
    token = client_of(booking.user)._credentials["HTTP_AUTHORIZATION"]
    return Client(raise_request_exception=False, HTTP_AUTHORIZATION=token)


def test_no_output_has_what_was_sent(client, booking, output, monkeypatch, tmp_path):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))  # only to count
    client.handler.load_middleware()
    statuses = send(client, booking)
    bad_token = Client(
        raise_request_exception=False, HTTP_AUTHORIZATION=f"Bearer {CANARIES['token']}"
    )
    forms = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for other in (bad_token, forms):
        other.post(f"/log-in/?{QUERY}", CANARIES, headers=HEADERS)
        other.get("/api/v1/me/", headers=HEADERS)
        for host in (CANARIES["word"], "4111.1111.1111.1111", "[4111:1111:1111:1111::]", "9" * 30):
            other.get("/", headers={"Host": host})

    assert {200, 400, 404} <= statuses
    text = output()
    assert_silent(text)
    assert not re.search("1111[.:]1111|9{30}", text)
    scraped = generate_latest(REGISTRY).decode()
    assert 'route="/bookings/<str:reference>/"' in scraped
    assert booking.reference not in scraped
    assert_silent(scraped)


@pytest.mark.parametrize("name", ["_to_field", "{}", "user__{}", "user__password__startswith{}"])
def test_no_output_has_a_query_that_the_back_office_refuses(booking, output, name):
    browser = Client(raise_request_exception=False)
    browser.force_login(booking.user)
    values = [CANARIES["word"], "4111.1111.1111.1111", "+43 660 4111111"]
    for page in ("", "add/", f"{booking.pk}/change/"):
        for value in values:
            response = browser.get(f"/admin/booking/booking/{page}", {name.format(value): value})
            assert response.status_code < 500

    text = output()
    assert text
    assert [value for value in values if value in text] == []


def test_no_output_has_what_was_sent_where_the_database_is_broken(client, booking, output):
    errors = cycle(
        [
            OperationalError("server closed the connection"),
            ValueError(f"invalid value: {' '.join(VALUES)}"),
            IntegrityError("UNIQUE constraint failed: account.email_key"),
        ]
    )

    def broken(execute, sql, parameters, many, context):
        raise next(errors) from ValueError(f"{parameters} {' '.join(VALUES)}")

    urls = list(requests(booking))
    with connection.execute_wrapper(broken):
        statuses = {
            client.generic(
                method.upper(), f"{url}?{QUERY}", body or "", "application/json", headers=HEADERS
            ).status_code
            for method, url, body in urls
        }
    assert {500, 503} <= statuses
    text = output()
    assert "builtins.ValueError" in text
    assert_silent(text)
