"""The security headers of every kind of response (DESIGN 15)."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from marquee.catalog.admin import GenreAdmin
from marquee.server.security_headers import CONTENT_SECURITY_POLICY, security_headers
from tests.admin import hostile_requests
from tests.factories import client_of, make_movie, make_staff

pytestmark = pytest.mark.django_db

STATIC = "/static/api/swagger.css"
OFFICE = "/admin/catalog/genre/"
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=[\"']|javascript:|<script(?![^>]*(?:src=|json))")
EXPECTED = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
RESPONSES = {
    "what's on": ("/", 200),
    "a page": ("/password-reset/", 200),
    "a page that is not there": ("/nowhere/", 404),
    "a list of the API": ("/api/v1/movies/", 200),
    "a problem": ("/api/v1/nowhere/", 404),
    "a problem of the token": ("/api/v1/me/", 401),
    "a redirect": ("/admin", 302),
    "the login of the back office": ("/admin/login/", 200),
    "a redirect to the login": ("/admin/", 302),
    "Swagger": ("/swagger/", 200),
    "Swagger's script": ("/swagger/?script=", 200),
    "the schema": ("/api/v1/schema/", 200),
    "a static file": (STATIC, 200),
    "a static file that is not there": ("/static/nowhere.css", 404),
    "a poster": ("/api/v1/movies/{movie}/poster/", 200),
    "another host": ("http://evil.example/", 400),
    "robots.txt": ("/robots.txt", 200),
}


def check_headers(response):
    assert EXPECTED.items() <= dict(response.headers).items()


@pytest.fixture
def office(client):
    client.force_login(make_staff(is_superuser=True))
    return client


@pytest.mark.parametrize("kind", RESPONSES)
def test_every_kind_of_response_has_the_security_headers(client, kind):
    path, status = RESPONSES[kind]
    path = path.format(movie=make_movie().pk)
    host = {"HTTP_HOST": "evil.example"} if path.startswith("http:") else {}
    for method in (client.get, client.head):
        response = method(path.removeprefix("http://evil.example"), **host)
        assert response.status_code == status
        check_headers(response)
        for close in response._resource_closers:  # not its connection to the database
            close()


@pytest.mark.parametrize("path", ["/", "/api/v1/movies/1/", "/admin/catalog/genre/"])
def test_an_error_of_ours_has_the_security_headers(office, monkeypatch, path):
    office.raise_request_exception = False
    monkeypatch.setattr("django.core.handlers.base.BaseHandler.resolve_request", lambda *_: 1 / 0)
    response = office.get(path)
    assert response.status_code == 500
    check_headers(response)


def test_a_refused_form_and_an_unchanged_response_have_the_security_headers():
    strict_client = Client(enforce_csrf_checks=True)
    check_headers(strict_client.post("/password-reset/"))
    check_headers(strict_client.post("/admin/login/"))
    path, client = f"/api/v1/movies/{make_movie().pk}/", client_of()
    response = client.get(path, headers={"If-None-Match": client.get(path)["ETag"]})
    assert response.status_code == 304
    check_headers(response)


def test_lists_and_forms_of_the_back_office_have_the_security_headers(office):
    for path in (OFFICE, f"{OFFICE}add/", "/admin/", "/admin/jsi18n/", "/admin/nowhere/"):
        check_headers(office.get(path))


@pytest.mark.parametrize(
    "page", hostile_requests.registered_pages(), ids=lambda page: page.opts.model_name
)
def test_no_page_of_the_back_office_has_anything_inline(client, page):
    client.force_login(hostile_requests.make_rows())
    for path in hostile_requests.own_urls(page):
        html = client.get(path, follow=True).content.decode()
        assert not INLINE.findall(html), path


def test_a_list_without_an_action_bar_would_have_an_inline_style(office, monkeypatch):
    """The control of the test above, and why no list of ours may do without."""
    monkeypatch.setattr(GenreAdmin, "actions_on_top", False)
    assert INLINE.findall(office.get(OFFICE).content.decode()) == ["<style"]


def test_swagger_has_nothing_inline(client):
    html = client.get("/swagger/").content.decode()
    assert not INLINE.findall(html)
    assert re.search("/static/api/swagger[.a-z0-9]*css", html)


def test_the_policy_allows_nothing_inline_and_no_other_site():
    policy = CONTENT_SECURITY_POLICY
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert not re.search(r"unsafe|nonce|https?:|\*", policy)
    assert {"base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} <= {
        *policy.split("; ")
    }


@pytest.mark.parametrize(
    ("path", "camera"),
    [
        ("/gate/", "(self)"),
        ("/gate/1/", "(self)"),
        ("/gate", "()"),
        ("/", "()"),
        ("/x/gate/", "()"),
    ],
)
def test_the_gate_alone_may_use_the_camera(client, path, camera):
    assert client.get(path)["Permissions-Policy"].startswith(f"camera={camera}, microphone=()")


def test_a_view_may_have_a_policy_of_its_own(rf):
    own = HttpResponse(headers={"content-security-policy": "default-src 'self'"})
    response = security_headers(lambda _: own)(rf.get("/"))
    assert response["Content-Security-Policy"] == "default-src 'self'"


def test_the_error_page_of_debug_is_exempt(settings):
    settings.DEBUG = True
    client = Client(raise_request_exception=False)
    assert "Content-Security-Policy" not in client.get("/nowhere/")
    check_headers(client.get("/password-reset/"))


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_has_the_policy_and_nosniff(client, path):
    for response in (client.get(path), client.post(path)):
        assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert response["X-Content-Type-Options"] == "nosniff"
