"""Web pages of other origins that the settings allow can use every header of the API."""

import pytest
from django.conf import settings
from django.test import Client, override_settings

ORIGIN = "https://shop.example.org"
ALLOWED = override_settings(
    CORS_ALLOWED_ORIGINS=[ORIGIN],
    MIDDLEWARE=["corsheaders.middleware.CorsMiddleware", *settings.MIDDLEWARE],
)
# What the API reads from headers: RFC 9110 (If-Match, If-None-Match), and its own key.
HEADERS = ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match"]


def preflight(header, origin=ORIGIN):
    return Client().options(
        "/api/v1/shows/1/bookings/",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": header,
        },
    )


@ALLOWED
@pytest.mark.parametrize("header", HEADERS)
def test_a_preflight_allows_every_header_that_the_api_reads(header):
    response = preflight(header)
    assert response["Access-Control-Allow-Origin"] == ORIGIN
    assert header in response["Access-Control-Allow-Headers"].split(", ")


@ALLOWED
def test_other_origins_and_unknown_headers_are_not_allowed():
    assert "Access-Control-Allow-Origin" not in preflight("content-type", "https://evil.example")
    assert "x-marquee" not in preflight("x-marquee")["Access-Control-Allow-Headers"]


@ALLOWED
@pytest.mark.django_db
def test_a_page_reads_the_headers_of_responses():
    response = Client().get("/api/v1/movies/", headers={"Origin": ORIGIN})
    exposed = response["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Idempotent-Replayed", "Retry-After", "Location", "WWW-Authenticate"} <= set(
        exposed
    )


@ALLOWED
@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/log-in/", "/admin/login/"])
def test_no_page_is_open_to_another_origin(path):
    for method in ("GET", "OPTIONS"):
        response = Client().generic(method, path, headers={"Origin": ORIGIN})
        assert "Access-Control-Allow-Origin" not in response
