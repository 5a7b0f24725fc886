"""Any bad request about bookings gets a helpful problem, and changes nothing.

The test client raises what would be a 500.
"""

import json
import re
import time
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from marquee.booking.models import Booking, SeatClaim
from marquee.server.wsgi import application
from tests.api.problems import check_problem
from tests.factories import all_rows, book_seats, client_of, make_show, make_staff

JSON = "application/json"
NESTED = b"[" * 100_000
MUCH = b'{"tickets": [{"seat": "' + b"A" * 1_000_000 + b'"}]}'


@pytest.fixture
def held(show, alice):
    return book_seats(alice, show, "C5", hold=True)


@pytest.fixture
def addresses(show, held):
    """Return the URL of each operation that reads a body."""
    one = f"/api/v1/bookings/{held.reference}/"
    shows = f"/api/v1/shows/{show.pk}/"
    return {
        "book": f"{shows}bookings/",
        "confirm": f"{one}confirm/",
        "cancel": f"{one}cancel/",
        "block": f"{shows}block/",
        "unblock": f"{shows}unblock/",
    }


@pytest.fixture
def clients(alice_client):
    staff = client_of(make_staff())
    return {
        "block": staff,
        "unblock": staff,
        "book": alice_client,
        "confirm": alice_client,
        "cancel": alice_client,
    }


OPERATIONS = {
    "book": "POST shows/{show_id}/bookings/",
    "confirm": "POST bookings/{reference}/confirm/",
    "cancel": "POST bookings/{reference}/cancel/",
    "block": "POST shows/{show_id}/block/",
    "unblock": "POST shows/{show_id}/unblock/",
}
VERBS = pytest.mark.parametrize("verb", OPERATIONS)


def send(client, address, body, content_type=JSON, **headers):
    return client.generic("POST", address, body, content_type=content_type, **headers)


@VERBS
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"}",
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b"true",
        b"NaN",
        b'{"hold": NaN}',
        b'{"hold": Infinity}',
        b"\xff\xfe",
        b'{"\xc3\x28": 1}',
        b'{"tickets": "\\ud800"}',
        b'{"tickets": 1' + b"0" * 5000 + b"}",
        NESTED,
        b'{"a":' * 50_000,
        b'{"surprise": 1}',
        b'{"non_field_errors": 1}',
        b'{"": 1}',
        b'{"message": "m", "code": "c"}',
        b"\x00",
    ],
    ids=lambda body: body[:20],
)
def test_an_invalid_body_is_a_400(clients, addresses, verb, body):
    before = all_rows()
    response = send(clients[verb], addresses[verb], body)
    check_problem(response, 400, "invalid", OPERATIONS[verb])
    assert all_rows() == before


@VERBS
def test_a_body_of_a_megabyte_is_a_413(clients, addresses, verb):
    before = all_rows()
    check_problem(send(clients[verb], addresses[verb], MUCH), 413, "too_large", OPERATIONS[verb])
    assert all_rows() == before


@VERBS
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"tickets=A1"),
        ("multipart/form-data; boundary=x", b"--x--\r\n"),
        ("text/plain", b"{}"),
        ("application/xml", b"<tickets/>"),
        ("", b"{}"),
        ("nonsense", b"{}"),
        ("\xff/\xff; charset=\xff", b"{}"),
        ("application/" + "x" * 20_000, b"{}"),
    ],
    ids=lambda text: text[:12],
)
def test_a_body_of_another_type_is_a_415(clients, addresses, verb, content_type, body):
    before = all_rows()
    response = send(clients[verb], addresses[verb], body, content_type)
    check_problem(response, 415, "unsupported_media_type", OPERATIONS[verb])
    assert all_rows() == before


def test_json_with_a_charset_is_json(alice_client, addresses):
    body = {"tickets": [{"seat": "A1"}]}
    response = send(alice_client, addresses["book"], orjson.dumps(body), f"{JSON}; charset=utf-8")
    assert response.status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tickets": None}, "tickets"),
        ({"tickets": "A1"}, "tickets"),
        ({"tickets": {"seat": "A1"}}, "tickets"),
        ({"tickets": []}, "tickets"),
        ({"tickets": [{"seat": "A1"}] * 2}, "tickets"),
        ({"tickets": [{}] * 101}, "tickets"),
        ({"tickets": ["A1"]}, "tickets.0"),
        ({"tickets": [{}, None]}, "tickets.1"),
        ({"tickets": [[{"seat": "A1"}]]}, "tickets.0"),
        ({"tickets": [{"seat": "A1", "price": 0}]}, "tickets.0.price"),
        ({"tickets": [{"message": "A1"}]}, "tickets.0.message"),
        ({"tickets": [{}, {"seat": ["A1"]}]}, "tickets.1.seat"),
        ({"tickets": [{"seat": True}]}, "tickets.0.seat"),
        ({"tickets": [{"seat": ""}]}, "tickets.0.seat"),
        ({"tickets": [{"seat": "A1\0"}]}, "tickets.0.seat"),
        ({"tickets": [{"seat": "A" * 13}]}, "tickets.0.seat"),
        ({"tickets": [{"type": {}}]}, "tickets.0.type"),
        ({"tickets": [{"type": "\0"}]}, "tickets.0.type"),
        ({"tickets": [{"type": "x" * 21}]}, "tickets.0.type"),
        ({"hold": "perhaps"}, "hold"),
        ({"hold": None}, "hold"),
        ({"hold": []}, "hold"),
        ({"hold": 7}, "hold"),
        ({"user": 1}, "user"),
        ({"n\0l": 1}, "n\0l"),
        ({"x" * 10_000: 1}, "x" * 100),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_field_is_named(alice_client, addresses, change, field):
    before = all_rows()
    body = {"tickets": [{"seat": "A1"}]} | change
    response = send(alice_client, addresses["book"], orjson.dumps(body))
    errors = check_problem(response, 400, "invalid")["errors"]
    assert [error["field"] for error in errors] == [field]
    assert all_rows() == before


def test_every_wrong_field_is_named(alice_client, addresses):
    body = {"tickets": [{"seat": []}, {"seat": "A1"}, {"type": []}], "hold": "perhaps"}
    errors = check_problem(
        send(alice_client, addresses["book"], orjson.dumps(body)), 400, "invalid"
    )["errors"]
    assert [error["field"] for error in errors] == ["tickets.0.seat", "tickets.2.type", "hold"]


NAMES = st.sampled_from(["tickets", "hold", "seat", "type", "seats", "A1"]) | st.text(max_size=3)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False), NAMES
)
ANYTHING = st.recursive(
    LEAVES, lambda part: st.lists(part, max_size=3) | st.dictionaries(NAMES, part, max_size=3)
)
TICKETS = st.lists(
    st.dictionaries(st.sampled_from(["seat", "type", "x"]), LEAVES | ANYTHING, max_size=3),
    max_size=12,
)
BODIES = ANYTHING | st.fixed_dictionaries(
    {"tickets": TICKETS | ANYTHING}, optional={"hold": LEAVES}
)


@settings(
    max_examples=100,
    # Some bodies are valid. Their bookings stay for the next bodies.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=BODIES, verb=st.sampled_from(["book", "confirm", "block"]))
def test_any_json_body_is_accepted_or_refused_with_a_problem(clients, addresses, body, verb):
    response = send(clients[verb], addresses[verb], json.dumps(body).encode("utf-8", "replace"))
    if response.status_code >= 300:
        assert response.status_code in {400, 409}
        check_problem(response, response.status_code, response.json()["code"])
    assert SeatClaim.objects.filter(state="sold").count() == sum(
        booking.tickets.count() for booking in Booking.objects.filter(status="confirmed")
    )


@pytest.mark.parametrize("path", ["seats", "availability", "bookings", "block", "unblock"])
@pytest.mark.parametrize(
    "key",
    ["0", "-1", "01", "1.0", "1e3", "9" * 19, "9" * 5000, "%00", "%ff", "%D9%A1", "null", " 1"],
)
def test_an_impossible_show_id_is_a_404(alice_client, path, key):
    address = f"/api/v1/shows/{key}/{path}/"
    for method in ("GET", "POST"):
        check_problem(alice_client.generic(method, address), 404, "not_found")


@pytest.mark.parametrize(
    "reference",
    ["short", "muchtoolong", "9" * 5000, "ABCD%00FG", "%ff" * 8, "ÄÖÜÄÖÜÄÖ", "ABCD-FGH"],
)
def test_an_impossible_reference_is_a_404(alice_client, reference):
    check_problem(alice_client.get(f"/api/v1/bookings/{reference}/"), 404, "not_found")
    check_problem(alice_client.post(f"/api/v1/bookings/{reference}/cancel/"), 404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "BREW", "GET"])
@VERBS
def test_another_method_is_a_405_that_lists_the_allowed_ones(clients, addresses, verb, method):
    before, address = all_rows(), f"{addresses[verb]}?unknown=1"
    headers = {"If-Match": '"vain"'}  # neither is looked at
    response = clients[verb].generic(method, address, b"{}", content_type=JSON, headers=headers)
    check_problem(response, 405, "method_not_allowed")
    assert "POST" in response["Allow"]
    assert all_rows() == before


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"])
@pytest.mark.parametrize("path", ["bookings/", "shows/{}/seats/", "shows/{}/availability/"])
def test_read_only_resources_refuse_writing(alice_client, show, path, method):
    response = alice_client.generic(method, f"/api/v1/{path}".format(show.pk))
    check_problem(response, 405, "method_not_allowed")
    assert "GET" in response["Allow"]


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "nonsense", "a/b;" + "c" * 20_000]
)
def test_accepting_no_json_is_a_406_in_json(alice_client, addresses, accept):
    before = all_rows()
    response = send(
        alice_client, addresses["book"], b'{"tickets": [{"seat": "A1"}]}', HTTP_ACCEPT=accept
    )
    check_problem(response, 406, "not_acceptable", "POST shows/{show_id}/bookings/")
    assert all_rows() == before


def test_a_browser_gets_json_because_it_accepts_anything(show):
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    address = f"/api/v1/shows/{show.pk}/seats/"
    assert client_of().get(address, HTTP_ACCEPT=browser).status_code == 200


def test_a_format_in_the_query_does_not_change_the_response(show):
    make_show(format="IMAX")
    response = client_of().get("/api/v1/shows/?format=IMAX")
    assert (response.status_code, response["Content-Type"]) == (200, JSON)
    assert len(response.json()["results"]) == 1


def expired(user):
    token = AccessToken.for_user(user)
    token["epoch"] = user.token_epoch
    token.set_exp(from_time=datetime.now(UTC) - timedelta(hours=1))
    return f"Bearer {token}"


def stale(user):
    token = AccessToken.for_user(user)
    token["epoch"] = user.token_epoch + 1
    return f"Bearer {token}"


def for_refreshing(user):
    token = RefreshToken.for_user(user)
    token["epoch"] = user.token_epoch
    return f"Bearer {token}"


def without_epoch(user):
    return f"Bearer {AccessToken.for_user(user)}"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer \xff\xff",
        "Bearer " + "x" * 10_000,
        "Basic YTpi",
        "\x00",
        expired,
        stale,
        for_refreshing,
        without_epoch,
    ],
    ids=lambda header: header.__name__ if callable(header) else header[:12],
)
def test_an_invalid_token_is_a_401_everywhere(addresses, alice, held, header):
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=header(alice) if callable(header) else header)
    before = all_rows()
    responses = [send(client, address, b'{"tickets": [{}]}') for address in addresses.values()]
    responses += [
        client.get("/api/v1/bookings/"),
        client.get(f"/api/v1/bookings/{held.reference}/"),
    ]
    for response in responses:
        check_problem(response, 401, "token_expired" if header is expired else "not_authenticated")
        assert response["WWW-Authenticate"].startswith("Bearer")
    assert all_rows() == before


def test_an_expired_token_says_when_and_what_to_do(alice, held):
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=expired(alice))
    problem = check_problem(client.get("/api/v1/me/"), 401, "token_expired", "GET me/")
    assert re.fullmatch(r"20[0-9-]{8}T[0-9:]{8}Z", problem["expired_at"])
    assert problem["expired_at"] in problem["detail"]
    assert "auth/refresh/" in problem["detail"]
    response = client.get("/api/v1/me/")
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_that_expires_while_it_is_remembered_says_the_same(alice, monkeypatch):
    client = client_of(alice)
    assert client.get("/api/v1/me/").status_code == 200
    an_hour_later = time.time() + 3600
    monkeypatch.setattr("marquee.api.authentication.time.time", lambda: an_hour_later)
    check_problem(client.get("/api/v1/me/"), 401, "token_expired")


def test_an_expired_token_does_not_prevent_public_reads(alice, held):
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=expired(alice))
    for path in ("movies/", "shows/", f"shows/{held.show_id}/seats/"):
        assert client.get(f"/api/v1/{path}").status_code == 200


def test_too_many_parameters_are_a_400(alice_client):
    check_problem(alice_client.get("/api/v1/bookings/?" + "a=1&" * 2000), 400, "invalid")


def test_another_host_is_a_400(alice_client):
    check_problem(alice_client.get("/api/v1/bookings/", HTTP_HOST="evil.example"), 400, "invalid")


@pytest.mark.parametrize(
    "charset", ["hex", "rot13", "undefined", "idna", "utf-7", "utf-16", "nope"]
)
def test_a_strange_charset_does_not_change_how_a_url_is_read(charset):
    """The request goes through the WSGI application, because Django's test client fails on this charset."""
    environ = RequestFactory()._base_environ(
        QUERY_STRING="status=%2B2AA-",  # a lone surrogate, if this were UTF-7
        CONTENT_TYPE=f"{JSON}; charset={charset}",
    )
    request = application.request_class(environ)
    assert (request.GET["status"], request.content_type) == ("+2AA-", JSON)
