"""The middleware: chunked bodies, caches, NUL, security headers, hosts."""

import pytest
from django.db import InterfaceError, OperationalError
from django.middleware.common import CommonMiddleware
from django.test import Client

from marquee.api.resources.cinemas import CinemaViewSet
from marquee.catalog.admin import GenreAdmin
from marquee.core.log import unavailable_logger
from tests.factories import client_of, make_staff, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["me/", "bookings/"])
def test_responses_to_authenticated_requests_are_not_cached(path):
    response = client_of(make_user()).get(f"/api/v1/{path}")

    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_page_is_503_when_the_database_is_unreachable(client, monkeypatch, error):
    def away(*_, **__):
        raise error("Nobody is there.")

    client.force_login(make_staff(is_superuser=True))
    monkeypatch.setattr(GenreAdmin, "get_queryset", away)
    response = client.get("/admin/catalog/genre/")
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert "try again" in response.content.decode()


@pytest.mark.parametrize("path", ["/api/v1/cinemas/", "/admin/catalog/genre/"])
def test_the_log_says_why_the_database_did_not_answer(client, monkeypatch, caplog, path):
    def away(*_, **__):
        raise OperationalError("database is locked")

    client.force_login(make_staff(is_superuser=True))
    monkeypatch.setattr(GenreAdmin, "get_queryset", away)
    monkeypatch.setattr(CinemaViewSet, "cached_response", away)
    monkeypatch.setattr(unavailable_logger, "handlers", [caplog.handler])
    assert client.get(path).status_code == 503
    assert "database is locked" in caplog.text


def test_public_responses_are_not_private(client):
    assert client.get("/api/v1/movies/").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "query",
    ["catalog/show/add/?movie=%00", "catalog/show/?state__exact=%00", "booking/booking/?q=%00"],
)
def test_a_nul_in_a_query_of_the_back_office_is_a_400(client, query):
    client.force_login(make_staff(is_superuser=True))

    assert client.get(f"/admin/{query}").status_code == 400


@pytest.mark.parametrize("door", ["/admin", "/swagger", "/api/v1/"])
def test_incomplete_urls_redirect(client, door):
    assert client.get(door).status_code == 302


SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
MOVIES = "/api/v1/movies/"


@pytest.mark.parametrize("path", [MOVIES, "/api/v1/me/", "/api/v1/nowhere/", "/admin/login/"])
def test_each_response_has_the_headers_of_djangos_middleware_and_its_length(client, path):
    for _ in range(2):
        response = client.get(path)

        assert SECURITY.items() <= response.headers.items()
        assert response["Content-Length"] == str(len(response.content))


def test_each_response_has_its_own_content_type(client):
    assert client.get(MOVIES)["Content-Type"] == "application/json"
    assert client.get("/api/v1/nowhere/")["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("path", "usual"), [("/api/v1/me/", 401), ("/admin/login/", 200)])
def test_an_unknown_host_is_refused_after_any_other(client, path, usual):
    for host, status in (("localhost", usual), ("evil.example", 400), ("localhost", usual)):
        response = client.get(path, headers={"Host": host})
        assert response.status_code == status
        assert SECURITY.items() <= response.headers.items()


@pytest.mark.parametrize("path", [MOVIES, "/admin/login/"])
def test_https_redirects_and_sends_hsts(settings, path):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 3600
    client = Client()

    for _ in range(2):
        led = client.get(path)
        assert (led.status_code, led["Location"]) == (301, f"https://testserver{path}")
        response = client.get(path, secure=True)
        assert (response.status_code, response["Strict-Transport-Security"]) == (
            200,
            "max-age=3600",
        )


def test_djangos_middleware_runs_for_each_request_to_the_api(client, monkeypatch):
    hosts = []
    monkeypatch.setattr(
        CommonMiddleware, "process_request", lambda _, request: hosts.append(request.get_host())
    )

    for host in ("localhost", "127.0.0.1", "localhost"):
        assert client.get(MOVIES, headers={"Host": host}).status_code == 200

    assert hosts == ["localhost", "127.0.0.1", "localhost"]


def test_the_api_reads_no_session_and_sets_no_cookie(client):
    client.force_login(make_staff(is_superuser=True))
    client.cookies["messages"] = "anything"

    response = client.get(MOVIES)

    assert not response.cookies
    assert "Vary" not in response or "Cookie" not in response["Vary"]
    assert not hasattr(response.wsgi_request, "session")
