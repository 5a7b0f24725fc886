"""Refused requests cost little: less than 50 ms of CPU, and no memory that stays."""

import gc
import logging
import time
import tracemalloc

import orjson
import pytest

from marquee.accounts.models import User
from tests.api import cpu as measuring
from tests.api.cpu import MOST_SECONDS, cpu_of
from tests.api.operations import body_of, operations
from tests.api.wsgi import ask
from tests.factories import all_rows, book_seats, client_of, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("production_hasher")]

WRITING = [one for one in operations() if one.method != "get"]
MUCH = 250_000
TEXT = "\ufdfa" * (MUCH // 3)  # each becomes 18 characters by NFKC
ROWS = [f"{chr(65 + y // 10)}{y % 10}: {'s' * 100}" for y in range(99)]
VALUES = [
    "a" * MUCH, TEXT, "a@" + "b." * (MUCH // 2), "http://" + "a." * (MUCH // 3), "9" * MUCH,
    10**17, -1, 1e308, True, {"a": 1}, [], [[]] * 50_000, [{}] * 50_000, [0] * 120_000,
    ["a" * MUCH], [{"seat": "a" * MUCH}], [TEXT[:200]] * 200, [*ROWS, ROWS[0]], "\0" * 40_000,
]  # fmt: skip
BODIES = [
    b"", b"[" * MUCH, b"[" * 1000 + b"]" * 1000, b'{"a":' * 900 + b"1" + b"}" * 900, b"9" * MUCH,
    b'"' + b"\\u0000" * 40_000 + b'"', b" " * MUCH, b"{" + b'"a":1,' * 40_000 + b'"a":1}',
    orjson.dumps({f"{n}": n for n in range(20_000)}), b'{"a": [' + b"{}," * 80_000 + b"{}]}",
    b"\xff" * MUCH, b"x" * 10_000_000,
]  # fmt: skip


@pytest.fixture
def held(show, alice):
    return book_seats(alice, show, "C5", hold=True)


@pytest.fixture
def token(held):
    return client_of(make_staff())._credentials["HTTP_AUTHORIZATION"]


def bodies(operation):
    """Yield bodies that are no objects, and objects with each value in each field."""
    yield from BODIES
    for name in body_of(operation)["properties"]:
        for value in VALUES:
            yield orjson.dumps({name: value})


def rows():
    return all_rows() | {"users": list(User.objects.order_by("pk").values())}


@pytest.mark.parametrize("operation", WRITING, ids=str)
def test_no_bad_body_costs_much(token, held, operation):
    address = operation.address(held)
    before, is_accepted = rows(), False
    for body in bodies(operation):
        if not operation.takes_body and operation.method == "delete":
            break  # it has no body that anybody reads
        sent = {"HTTP_AUTHORIZATION": token} if operation.needs_token else {}
        response, cpu = cpu_of(
            lambda body=body, sent=sent: ask(operation.method.upper(), address, body, **sent)
        )
        if response.status_code < 400:
            is_accepted = True
            continue  # a field that may be so long, or an empty body where none is needed
        assert response.status_code < 500, body[:60]
        assert len(response.content) < 10_000, body[:60]
        assert cpu < MOST_SECONDS, (body[:60], cpu)
    if operation.takes_body and operation.method == "post" and not is_accepted:
        assert rows() == before


@pytest.mark.parametrize("operation", WRITING, ids=str)
def test_without_a_token_no_body_is_even_read(held, operation):
    if not operation.needs_token:
        return
    for body in (b"[" * MUCH, b'{"a": [' + b"{}," * 80_000 + b"{}]}", b"x" * 10_000_000):
        response, cpu = cpu_of(
            lambda body=body: ask(operation.method.upper(), operation.address(held), body)
        )
        assert (response.status_code, cpu < MOST_SECONDS) == (401, True)


def test_refused_requests_keep_no_memory(token, held, monkeypatch):
    """Each request differs, so a cache with requests as its keys would grow."""
    # pytest keeps every log record, and with it the request.
    monkeypatch.setattr(logging.getLogger("django.security.DisallowedHost"), "disabled", True)
    address = f"/api/v1/shows/{held.show_id}/bookings/"

    def attack(number):
        odd = f"{number:06}" * 2500
        sent = {"HTTP_AUTHORIZATION": token}
        ask("POST", address, orjson.dumps({"tickets": [number] * 40_000, odd: 1}), **sent)
        ask("POST", "/api/v1/auth/login/", orjson.dumps({"email": odd, "password": odd}))
        ask("GET", "/api/v1/movies/", HTTP_ACCEPT=odd)
        ask("GET", "/api/v1/movies/", HTTP_AUTHORIZATION=f"Bearer {odd}")
        ask("GET", "/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {odd}.{odd}.{odd}")
        ask("GET", f"/api/v1/{odd}/")
        ask("GET", "/api/v1/movies/", HTTP_HOST=f"{number}.example")
        ask("GET", "/api/v1/schema/", QUERY_STRING=f"lang={odd}")
        ask("GET", "/admin/login/", HTTP_COOKIE=f"sessionid={odd}")
        ask("POST", "/api/v1/auth/login/", CONTENT_TYPE=f"{odd}; x*={odd}''x")

    for number in range(20):
        attack(number)
    gc.collect()
    tracemalloc.start()
    for number in range(20, 60):
        attack(number)
    gc.collect()
    stays, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert stays < 200_000, stays


@pytest.mark.parametrize(("slowness", "is_cheap"), [(1, False), (4, True)])
def test_what_a_slow_machine_takes_longer_for_costs_no_more(monkeypatch, slowness, is_cheap):
    monkeypatch.setattr(measuring, "_work", lambda: slowness * measuring.USUAL_SECONDS)

    def spend():
        end = time.process_time() + 2 * MOST_SECONDS
        while time.process_time() < end:
            pass

    _, cpu = cpu_of(spend)
    assert (cpu < MOST_SECONDS) is is_cheap
