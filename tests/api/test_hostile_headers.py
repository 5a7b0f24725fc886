"""No header, cookie, query or form is a 500, or costs much CPU."""

import logging
from io import StringIO
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from marquee.api.negotiation import _includes_json
from marquee.core.log import MAX_LENGTH
from tests.api.cpu import MOST_SECONDS, cpu_of
from tests.api.wsgi import ask
from tests.factories import client_of, make_show, make_staff

pytestmark = pytest.mark.django_db

MUCH = 16_000  # the server's limit of headers
LOG_IN = "/api/v1/auth/login/"
OFFICE = "/admin/login/"
STYLE = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css"
ARABIC = "\u0663".encode().decode("latin-1")
TYPES = [
    "x*=foo''bar", "application/json; x*=foo''bar", "application/json; x*=idna''bar",
    "application/json; x*=undefined''bar", "application/json; x*=hex''zz", "x*=\0''b; x*=\0''b",
    "application/json; x*=punycode''\xff", "application/json; x*1*=utf-7''+2AA-",
    "application/json; x*" + "9" * 5000 + "=1", "application/json; charset=idna",
    "multipart/form-data", "multipart/form-data; boundary=\xff", "multipart/form-data; boundary=\0",
    "multipart/form-data; boundary=x; y*=foo''z", "multipart/form-data; boundary=" + "x" * 300,
    "application/x-www-form-urlencoded; charset=undefined", "multipart/form-data; boundary*=foo''x",
]  # fmt: skip
ANY = [
    "", "\0", "\0" * 40, "\xff" * MUCH, "a" * MUCH, ";" * MUCH, "," * MUCH, '"\\' * (MUCH // 2),
    "a/b," * (MUCH // 4), "a/b;q=" * (MUCH // 6), "=;" * (MUCH // 2), "%00" * 1000, "9" * 5000,
    "-1", "1_0", "+5", "1e3", ARABIC, "*", 'W/"x",' * 2000, "http://[", "[::1", "localhost:x",
]  # fmt: skip
ODD = {
    "CONTENT_TYPE": TYPES,
    "CONTENT_LENGTH": [],
    "HTTP_ACCEPT": TYPES,
    "HTTP_ACCEPT_ENCODING": ["gzip;q=\0", "br;q=NaN"],
    "HTTP_ACCEPT_LANGUAGE": ["en-" * 5000, "en;q=9e999", "*;q=\0"],
    "HTTP_AUTHORIZATION": ["Bearer \0", "Bearer " + "." * MUCH, "Bearer \xff.\xff.\xff"],
    "HTTP_COOKIE": [
        'sessionid="' + "\\000" * 9 + '"', "sessionid=" + "a" * MUCH, "sessionid=\xff" + "a" * 31,
        'csrftoken="' + "\\000" * 32 + '"', "csrftoken=" + "a" * 64, "csrftoken=\xff" + "a" * 31,
        'messages="\\000:\\000:\\000"', "messages=x:y:z", "a=" + '"\\' * 7000, "sessionid=" + "a" * 32,
    ],
    "HTTP_HOST": ["localhost:99999999", "localhost\0", "a..b", "localhost/", "xn--" + "a" * 500],
    "HTTP_IDEMPOTENCY_KEY": ["\t"],
    "HTTP_IF_MATCH": [],
    "HTTP_IF_MODIFIED_SINCE": ["Thu, 99 Foo 99999 99:99:99 GMT", "Thu, 01 Jan 0000 00:00:00 GMT"],
    "HTTP_IF_NONE_MATCH": ['"' + "x" * MUCH + '"'],
    "HTTP_ORIGIN": ["null", "http://\xff", "//"],
    "HTTP_RANGE": ["bytes=-", f"bytes={ARABIC}-", "bytes=" + "9" * 5000 + "-", "bytes=0-0," * 1500],
    "HTTP_REFERER": ["http://[::1", "https://\0"],
    "HTTP_TRANSFER_ENCODING": ["chunked", "gzip, chunked"],
    "HTTP_X_CSRFTOKEN": [],
    "HTTP_X_FORWARDED_FOR": ["1.2.3.4," * 2000, "fe80::1%\0"],
    "HTTP_X_FORWARDED_HOST": [],
    "HTTP_X_FORWARDED_PROTO": ["https,http"],
    "HTTP_X_HTTP_METHOD_OVERRIDE": ["DELETE"],
    "QUERY_STRING": ["lang=\0", "format=\0", "version=\0", "&" * MUCH, "a=1&" * 1001, "%ff=%ff"],
    "REMOTE_ADDR": [],
    "REQUEST_METHOD": ["BREW", "__init__", "dispatch", "get", "HEAD", "CONNECT"],
}  # fmt: skip


@pytest.fixture
def targets():
    """One URL of each kind: cached, with a body, with a token, pages and files."""
    show = make_show()
    return [
        ("GET", "/api/v1/movies/"),
        ("GET", f"/api/v1/shows/{show.pk}/seats/"),
        ("POST", f"/api/v1/shows/{show.pk}/bookings/"),
        ("PATCH", "/api/v1/me/"),
        ("POST", LOG_IN),
        ("GET", "/api/v1/schema/"),
        ("GET", "/swagger/"),
        ("GET", "/admin/"),
        ("GET", OFFICE),
        ("POST", OFFICE),
        ("GET", STYLE),
        ("GET", "/nowhere/"),
    ]


@pytest.fixture
def token():
    return client_of(make_staff())._credentials["HTTP_AUTHORIZATION"]


@pytest.mark.parametrize("header", ODD)
def test_no_header_is_a_500_or_costs_cpu(targets, token, header):
    for method, path in targets:
        usual = {"HTTP_AUTHORIZATION": token} if path.startswith("/api/") else {}
        for value in [*ANY, *ODD[header]]:
            sent = usual | {header: value}
            response, cpu = cpu_of(lambda m=method, p=path, sent=sent: ask(m, p, **sent))
            assert response.status_code < 500, (method, path, value[:50])
            assert cpu < MOST_SECONDS, (method, path, value[:50], cpu)
            if path.startswith("/api/") and response.status_code >= 400:
                assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("content_type", [TYPES[0], *TYPES[1:4], TYPES[5], TYPES[8]])
def test_a_content_type_that_cannot_be_parsed_is_unknown(content_type):
    assert ask("POST", LOG_IN, CONTENT_TYPE=content_type).status_code == 415
    assert ask("POST", OFFICE, CONTENT_TYPE=content_type).status_code == 403  # no CSRF token


def test_a_long_accept_header_is_neither_parsed_nor_cached():
    _includes_json.cache_clear()  # full, it would grow no more
    for length, status in ((400, 200), (1001, 406), (MUCH, 406), (300_000, 406)):
        accept = "*/*,".rjust(length, ",")
        response, cpu = cpu_of(
            lambda accept=accept: ask("GET", "/api/v1/movies/", HTTP_ACCEPT=accept)
        )
        assert response.status_code == status
        assert cpu < MOST_SECONDS
    assert _includes_json.cache_info().currsize == 1


@pytest.mark.parametrize("path", ["a" * 300_000, "\xff" * 300_000, "/" * 300_000, "%" * 300_000])
def test_a_long_path_is_a_404(path):
    for start in ("/api/v1/", "/api/v1/movies/", "/admin/", "/static/", "/"):
        response, cpu = cpu_of(lambda start=start: ask("GET", start + path))
        assert response.status_code in {
            302,
            404,
        }  # every page of the back office redirects to the login
        assert len(response.content) < 10_000
        assert cpu < MOST_SECONDS


NULS = 'sessionid="' + "\\000" * 32 + '"'


@pytest.mark.parametrize(
    "cookie",
    [
        NULS,
        "sessionid=" + "\xff" * 32,
        "sessionid=" + "A" * 32,
        "sessionid=" + "a" * 5000,
        "sessionid=x",
    ],
    ids=lambda cookie: cookie[:20],
)
def test_a_session_cookie_that_we_never_set_is_ignored(cookie):
    for path in (OFFICE, "/admin/", "/swagger/", "/admin/logout/"):
        for method in ("GET", "POST"):
            response = ask(method, path, b"", HTTP_COOKIE=cookie)
            assert response.status_code < 500
    assert ask("GET", OFFICE, HTTP_COOKIE=cookie).status_code == 200
    assert not Session.objects.exists()


def test_a_session_cookie_that_we_set_is_used(client):
    client.force_login(make_staff(is_superuser=True))
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert ask("GET", "/admin/", HTTP_COOKIE=f"sessionid={key}").status_code == 200


def form(*lines, end=b"--x--\r\n"):
    return b"".join(b"--x\r\n" + line + b"\r\n\r\nv\r\n" for line in lines) + end


CSRF = "a" * 32
ENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
DISPOSITION = b"Content-Disposition: form-data; name="


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (MULTIPART, form(DISPOSITION + b"a; x*=foo''bar")),
        (MULTIPART, form(DISPOSITION + b"a; filename*=idna''bar")),
        (MULTIPART, form(DISPOSITION + b"a; filename*=undefined''bar")),
        (MULTIPART, form(DISPOSITION + b"a; x*" + b"9" * 5000 + b"=1")),
        (MULTIPART, form(DISPOSITION + b"a\r\nContent-Type: text/plain; x*=foo''bar")),
        (MULTIPART, form(DISPOSITION + b"a\r\nContent-Type: text/plain; charset=undefined")),
        (MULTIPART, form(DISPOSITION + b"a\r\nContent-Transfer-Encoding: base64; x*=foo''bar")),
        (MULTIPART, form(DISPOSITION + b"a\r\nContent-Transfer-Encoding: base64")),
        (MULTIPART, form(DISPOSITION + b'"\0"; filename="\0"')),
        (MULTIPART, form(DISPOSITION + b'"a"; filename="../../x"')),
        (MULTIPART, form(*[DISPOSITION + b"a"] * 1001)),
        (MULTIPART, form(*[DISPOSITION + b"a; filename=b"] * 101)),
        (MULTIPART, form(DISPOSITION + b"a" * 5000)),
        (MULTIPART, form(end=b"")),
        (MULTIPART, b"\xff" * 1000),
        (ENCODED, b"a=1&" * 1001),
        (ENCODED, b"a=" + b"b" * 300_000),
        (ENCODED, b"username=%00&password=%00&next=%00"),
        (ENCODED, b"username=\xff&password=\xff&next=//["),
        (ENCODED, b"csrfmiddlewaretoken=%00" + b"a" * 31),
        (ENCODED, b"csrfmiddlewaretoken=" + CSRF.encode() + b"&username=%00&password=%ED%A0%80"),
        (ENCODED, b"csrfmiddlewaretoken=" + CSRF.encode() + b"&username=a@b.example&password=%00"),
    ],
    ids=lambda value: value[:60],
)
def test_no_form_is_a_500(content_type, body):
    sent = {"CONTENT_TYPE": content_type, "HTTP_COOKIE": f"csrftoken={CSRF}"}
    response, cpu = cpu_of(lambda: ask("POST", OFFICE, body, **sent))
    assert response.status_code in {200, 400, 403, 413}
    assert cpu < MOST_SECONDS
    token = {"HTTP_X_CSRFTOKEN": CSRF}
    assert ask("POST", OFFICE, body, **sent, **token).status_code in {200, 400, 403, 413}


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/swagger/nowhere/", {}),
        ("/admin/", {"QUERY_STRING": "%00"}),
        ("/admin/", {"HTTP_HOST": "evil.example"}),
        ("/nowhere/", {}),
    ],
)
@pytest.mark.parametrize(
    ("content_type", "body"),
    [("multipart/form-data", b""), (ENCODED, b"a=" + b"b" * 300_000), (ENCODED, b"a=1&" * 1001)],
    ids=["no boundary", "long", "many"],
)
def test_a_page_about_an_error_reads_no_form(path, sent, content_type, body):
    sent = {"CONTENT_TYPE": content_type, "HTTP_COOKIE": f"csrftoken={CSRF}"} | sent
    assert 400 <= ask("POST", path, body, **sent).status_code < 500


def test_the_login_page_does_not_repeat_an_overlong_address():
    sent = {"CONTENT_TYPE": ENCODED, "HTTP_COOKIE": f"csrftoken={CSRF}", "HTTP_X_CSRFTOKEN": CSRF}
    response = ask("POST", OFFICE, b"password=x&username=" + b'"' * 254, **sent)
    assert response.status_code == 200
    assert b"&quot;" * 254 in response.content
    response = ask("POST", OFFICE, b"password=x&username=" + b'"' * 250_000, **sent)
    assert response.status_code == 400
    assert len(response.content) < 10_000


@pytest.mark.parametrize("path", [OFFICE, "/admin/", "/admin/catalog/movie/add/"])
@pytest.mark.parametrize("debug", [False, True])
def test_a_form_with_files_is_no_larger_than_any_other_body(settings, monkeypatch, path, debug):
    settings.DEBUG = debug
    stored = []
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", lambda *_, **__: stored.append(1))
    body = form(DISPOSITION + b"a; filename=b\r\n\r\n" + b"z" * 10_000_000)
    sent = {"CONTENT_TYPE": MULTIPART, "HTTP_COOKIE": f"csrftoken={CSRF}", "HTTP_X_CSRFTOKEN": CSRF}
    response = ask("POST", path, body, **sent)
    assert response.status_code == 400
    assert not stored


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", "/api/v1/movies/", {"QUERY_STRING": "a=1&" * 1001}),
        ("GET", "/api/v1/shows/", {"QUERY_STRING": "a=1&" * 1001}),
        ("GET", OFFICE, {"QUERY_STRING": "a=1&" * 1001}),
        ("GET", OFFICE, {"HTTP_HOST": "evil" * 1000}),
        ("POST", "/admin/" + "a" * 1900, {}),
        ("POST", "/admin/\nERROR   django: a line of a stranger", {}),
        ("POST", OFFICE, {"HTTP_ORIGIN": "http://" + "a" * 9000, "HTTP_COOKIE": f"csrftoken={CSRF}"}),
    ],
)  # fmt: skip
def test_a_hostile_request_is_at_most_a_short_line_in_the_log(
    capfd, monkeypatch, method, path, sent
):
    written = StringIO()
    monkeypatch.setattr(logging.getLogger("django.security").handlers[0], "stream", written)
    assert 400 <= ask(method, path, b"", **sent).status_code < 500
    assert len(written.getvalue().splitlines()) <= 1
    assert len(written.getvalue()) <= MAX_LENGTH + 1
    assert not capfd.readouterr().err


def test_too_many_parameters_are_problem_details():
    query = urlencode([("a", 1)] * 1001)
    response = ask("GET", "/api/v1/movies/", QUERY_STRING=query)
    assert (response.status_code, response.headers["Content-Type"]) == (
        400,
        "application/problem+json",
    )
