"""Forms: forged from other sites, led elsewhere, with files, and with text that other programs execute."""

import re
import time
from pathlib import Path

import pytest
from django.test import Client
from django.urls import get_resolver

import marquee
from tests.attacks.conftest import all_but_sessions
from tests.factories import make_movie, make_staff

FORM = {"email": "m@example.com", "name": "M", "password": "correct horse battery", "seat": "A1"}
FORMS = [
    "log-in/", "sign-up/", "log-out/", "language/", "password-reset/", "password-reset/confirm/",
    "verify-email/", "change-email/", "delete-account/", "account/", "account/email/", "account/verify/",
    "account/password/", "account/sessions/", "account/delete/", "shows/{show}/", "checkout/{held}/",
    "checkout/{held}/extend/", "checkout/{held}/release/", "bookings/{held}/cancel/",
    "bookings/{held}/seats/", "bookings/{held}/delete-data/", "admin/login/", "admin/logout/",
    "admin/catalog/genre/add/", "admin/booking/booking/", "admin/password_change/",
    "log-in/second-factor/",
    "log-in/second-factor/recovery-code/",
    "account/second-factor/",
    "account/second-factor/authenticator/",
    "account/second-factor/passkey/",
    "account/second-factor/passkey/make/",
    "account/second-factor/recovery-codes/",
    "account/second-factor/authenticator/{id}/remove/",
    "account/second-factor/passkey/{id}/remove/",
]  # fmt: skip


@pytest.mark.parametrize("path", FORMS)
def test_a_form_from_another_site_is_refused(held, alice, path):
    browser = Client(enforce_csrf_checks=True)
    staff = path.startswith("admin/")
    browser.force_login(make_staff(is_superuser=True) if staff else alice)
    before = all_but_sessions()
    address = "/" + path.format(show=held.show_id, held=held.reference, id=1)
    response = browser.post(address, FORM, HTTP_ORIGIN="https://evil.example")
    assert response.status_code in {403, 405}
    for forged in ({"csrfmiddlewaretoken": "a" * 64}, {"csrfmiddlewaretoken": ""}):
        assert browser.post(address, FORM | forged).status_code in {403, 405}
    assert all_but_sessions() == before


def test_every_page_with_a_form_is_in_the_list():
    patterns = [str(one.pattern) for one in get_resolver("marquee.web.urls").url_patterns]
    listed = {re.sub(r"\{\w+\}", "*", path) for path in FORMS}
    pages = {re.sub("<[^>]*>", "*", path) for path in patterns}
    without_forms = {
        "", "movies/*/", "cinemas/*/", "robots.txt", "sitemap.xml", "bookings/", "bookings/*/",
        "bookings/link/",
    }  # fmt: skip
    assert pages - listed <= without_forms


@pytest.mark.parametrize(
    ("field", "path"),
    [("name", "sign-up/"), ("email", "password-reset/"), ("seat", "shows/{show}/")],
)
def test_a_long_text_of_marks_costs_no_time(held, field, path):
    """To compose it (NFC) takes the square of its length, and stops all threads: 13 s for these 160 KB."""
    marks = "a" + "\u0315\u0300" * 40_000
    fields = FORM | {field: f"{marks}@example.com"}
    began = time.process_time()
    response = Client().post("/" + path.format(show=held.show_id), fields)
    assert 400 <= response.status_code < 500
    assert response.status_code != 413
    assert time.process_time() - began < 3


ELSEWHERE = {
    "another site": "https://evil.example/",
    "without a scheme": "//evil.example/",
    "three slashes": "///evil.example/",
    "backslashes": "\\\\evil.example",
    "a slash and a backslash": "/\\evil.example",
    "a script": "javascript:alert(1)",
    "a data URL": "data:text/html,<script>alert(1)</script>",
    "ours as a user": "http://testserver@evil.example/",
    "with ours as its subdomain": "http://testserver.evil.example/",
    "a tab": "/\t/evil.example",
    "a line end": "/%0d%0aLocation:%20https://evil.example",
    "a real line end": "/\r\nLocation: https://evil.example",
    "an encoded slash": "/%2f%2fevil.example",
    "a path of two slashes": "http://testserver//evil.example/",
    "another scheme": "ftp://testserver/",
    "a blank before": " https://evil.example",
    "very long": "/" + "a" * 20_000,
}


@pytest.mark.parametrize("attack", ELSEWHERE)
def test_no_next_leads_to_another_site(alice, attack):
    for path in ("/log-in/", "/sign-up/", "/admin/login/"):
        browser = Client()
        browser.force_login(make_staff() if path.startswith("/admin") else alice)
        for method in (browser.get, browser.post):
            response = method(f"{path}?next=placeholder", {"next": ELSEWHERE[attack]})
            location = response.headers.get("Location", "/")
            assert response.status_code < 500
            assert re.match(r"/(?![/\\])", location)
            assert "\n" not in location
    response = Client().post("/language/", {"language": "de", "next": ELSEWHERE[attack]})
    assert re.match(
        r"/(?![/\\])|http://testserver/(?![/\\])", response.headers.get("Location", "/")
    )


UPLOADS = {
    "a script": ("x.py", b"import os"),
    "a path": ("../../../etc/cron.d/x", b"* * * * * root id"),
    "a page": ("x.html", b"<script>alert(1)</script>"),
    "a picture with a script": ("x.svg", b"<svg onload='alert(1)'/>"),
    "a zip bomb": ("x.zip", b"PK\x03\x04" + b"\0" * 200_000),
    "without a name": ("", b"x"),
    "a NUL in its name": ("a\0.py", b"x"),
}


@pytest.mark.parametrize("attack", UPLOADS)
def test_no_page_takes_a_file(alice, held, attack, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    name, content = UPLOADS[attack]
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="' + name.encode() +
        b'"\r\nContent-Type: image/png\r\n\r\n' + content + b"\r\n--x--\r\n"
    )  # fmt: skip
    browser = Client()
    browser.force_login(alice)
    for path in ("/account/", "/sign-up/", f"/bookings/{held.reference}/cancel/", "/log-in/"):
        response = browser.generic("POST", path, body, "multipart/form-data; boundary=x")
        assert response.status_code < 500
    assert not list(tmp_path.rglob("*"))


FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    '=HYPERLINK("https://evil.example")',
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_is_exported_is_json_that_no_spreadsheet_opens_by_itself(alice, formula):
    alice.name = formula
    alice.save()
    browser = Client()
    browser.force_login(alice)
    response = browser.get("/account/export/")
    assert response["Content-Type"].startswith("application/json")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert ".csv" not in response.get("Content-Disposition", "")


def test_nothing_of_marquee_writes_csv():
    """The control of the test above: an export as CSV would have to quote formulas."""
    sources = Path(marquee.__file__).parent.rglob("*.py")
    assert not [
        path.name
        for path in sources
        if re.search(r"^import csv|text/csv", path.read_text(), re.MULTILINE)
    ]


SCRIPTS = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{ 7*7 }}", "{% debug %}",
    "</title><svg/onload=alert(1)>", "' onfocus=alert(1) autofocus='", "<!--<script>", "</script><script>alert(1)",
]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_text_of_others_is_no_markup_on_any_page(alice, held, script):
    movie = held.show.movie
    movie.title = movie.synopsis = script
    movie.save()
    alice.name = script
    alice.save()
    browser = Client()
    browser.force_login(alice)
    make_movie(title="Another")
    for path in ("/", f"/movies/{movie.pk}/", f"/shows/{held.show_id}/", "/account/", "/bookings/",
                 f"/bookings/{held.reference}/", f"/checkout/{held.reference}/"):  # fmt: skip
        html = browser.get(path, follow=True).content.decode()
        html = re.sub(
            r"<script type=\"application/ld\+json\">[^<]*</script>", "", html
        )  # a data block
        assert not re.search(
            r"<script>alert|<img src=x|<svg/onload|'\sonfocus=|<!--<script|>49<", html
        )
