"""Django's error page shows no secret, because people show it to others."""

import sys

import pytest
from django.db import ProgrammingError
from django.test import RequestFactory
from django.views.debug import get_exception_reporter_class

PASSWORD = "hunter2 & <co>"
URL = "postgres://marquee:hunter2%20%26%20%3Cco%3E@db.example.org:5432/marquee"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoi.c2lnbmF0dXJl"
TYPED_PASSWORD = "correct horse battery"
# Not in the function that fails: the page shows its source.
COOKIES, IDEMPOTENCY_KEY = "sessionid=0123session; csrftoken=0123csrf; device=0123other", "0123idem"
KEY = "0123sessionkey0123sessionkey0123"
SECRETS = {
    "hunter2",
    "c2lnbmF0dXJl",
    TYPED_PASSWORD,
    "0123session",
    "0123csrf",
    "0123other",
    "0123idem",
}


@pytest.fixture
def debug_settings(settings, monkeypatch):
    settings.DEBUG = True
    settings.DATABASE_URL = URL
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", PASSWORD)
    settings.STRIPE_WEBHOOK_SECRET = settings.EMAIL_HOST_PASSWORD = PASSWORD
    return settings


def fail(url, fields, body, conninfo, old, anything):
    raise RuntimeError(f"cannot connect to {url}")


def page(kind="html"):
    """Return the error page of an error with secrets everywhere around it."""
    request = RequestFactory().post(
        "/admin/login/?next=/",
        {"username": "alice@example.com", "password": TYPED_PASSWORD},
        headers={
            "Authorization": f"Bearer {JWT}",
            "Cookie": COOKIES,
            "Idempotency-Key": IDEMPOTENCY_KEY,
        },
        DATABASE_URL=URL,
        PGPASSWORD=PASSWORD,
    )
    try:
        fail(
            url=URL,
            fields={"email": "alice@example.com", "nested": [{"password": TYPED_PASSWORD}]},
            body=request.POST,
            conninfo=f"host=db password={PASSWORD}",
            old=TYPED_PASSWORD,
            anything=("Bearer", JWT),
        )
    except RuntimeError:
        reporter = get_exception_reporter_class(request)(request, *sys.exc_info())
        return reporter.get_traceback_html() if kind == "html" else reporter.get_traceback_text()


@pytest.mark.parametrize("kind", ["html", "text"])
def test_the_page_of_an_error_shows_no_secret(debug_settings, kind):
    shown = page(kind)
    secrets = {*SECRETS, debug_settings.SECRET_KEY, debug_settings.JWT_SIGNING_KEY}
    assert not {secret for secret in secrets if secret in shown}


def run(statement, params, query):
    raise ProgrammingError("no such table")


@pytest.mark.parametrize("kind", ["html", "text"])
@pytest.mark.parametrize("cookie", [f"sessionid={KEY}", ""], ids=["a session", "a new session"])
def test_a_statement_that_failed_shows_no_session(debug_settings, kind, cookie):
    request = RequestFactory().get("/admin/", headers={"Cookie": cookie})
    try:
        run("SELECT", ("2026-11-27", KEY), query=f"session_key = {KEY}" if cookie else "")
    except ProgrammingError:
        reporter = get_exception_reporter_class(request)(request, *sys.exc_info())
    shown = reporter.get_traceback_html() if kind == "html" else reporter.get_traceback_text()
    assert KEY not in shown
    assert "no such table" in shown


@pytest.mark.parametrize("kind", ["html", "text"])
def test_the_page_of_an_error_still_helps(debug_settings, kind):
    shown = page(kind)
    assert "cannot connect to postgres://" in shown
    assert "db.example.org:5432/marquee" in shown
    for word in ("alice@example.com", "ALLOWED_HOSTS", "fail", "HOLD_MINUTES", "/admin/login/"):
        assert word in shown
