"""What all pages share: their headers, their languages, and pages about errors."""

import re

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from marquee.web.storefront.account import PasswordResetView
from tests.factories import make_staff, make_user

pytestmark = pytest.mark.django_db

PAGE = "/password-reset/"
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


def heading(response):
    return re.search(r"<h1>(.*?)</h1>", response.content.decode(), re.DOTALL)[1]


def language(response):
    (tag,) = re.findall('<html lang="(.*?)">', response.content.decode())
    assert response["Content-Language"] == tag
    return tag


# --- Headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [PAGE, "/nowhere/", "/password-reset", "/language/"])
def test_each_page_stays_out_of_caches(client, path):
    response = client.get(path)

    assert response["Cache-Control"] == "private, no-store"
    assert {"Cookie", "Accept-Language"} <= {*response["Vary"].split(", ")}


def test_a_page_has_no_inline_script_or_style(client):
    html = client.get(PAGE).content.decode()

    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert all("src=" in script for script in re.findall("<script[^>]*>", html))


# --- Languages ------------------------------------------------------------------------------------


def test_a_page_is_in_the_language_of_the_browser(client):
    assert language(client.get(PAGE)) == "en"
    assert language(client.get(PAGE, headers=GERMAN)) == "de"


@pytest.mark.parametrize("accepted", ["fr", "fr-CH, fr;q=0.9", "tlh", "*", "de-\x00", "d" * 5000])
def test_a_language_that_nobody_translated_falls_back_as_a_whole(client, accepted):
    assert language(client.get(PAGE, headers={"Accept-Language": accepted})) == "en"


def test_the_language_in_the_cookie_wins_over_the_browsers(client):
    client.cookies["language"] = "en"

    assert language(client.get(PAGE, headers=GERMAN)) == "en"


@pytest.mark.parametrize("bad", ["fr", "../../de", "de\x00", "x" * 3000])
def test_a_cookie_with_another_language_is_ignored(client, bad):
    client.cookies["language"] = bad

    assert language(client.get(PAGE, headers=GERMAN)) == "de"


def test_the_language_of_the_account_wins_over_the_cookie(client):
    client.force_login(make_user(language="de"))
    client.cookies["language"] = "en"

    assert language(client.get(PAGE)) == "de"
    assert language(client.get("/nowhere/")) == "de"


def test_an_account_without_a_language_has_that_of_the_cookie(client):
    client.force_login(make_user())
    client.cookies["language"] = "de"

    assert language(client.get(PAGE)) == "de"


def test_a_form_chooses_the_language_and_returns_to_its_page(client):
    response = client.post("/language/", {"language": "de", "next": PAGE})

    assert (response.status_code, response["Location"]) == (302, PAGE)
    cookie = response.cookies["language"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("de", True, "Lax")
    assert language(client.get(PAGE)) == "de"


def test_the_form_changes_the_language_of_the_account_too(client):
    user = make_user(language="en")
    client.force_login(user)

    client.post("/language/", {"language": "de", "next": PAGE})

    user.refresh_from_db()
    assert user.language == "de"
    assert language(client.get(PAGE)) == "de"


def test_the_language_cookie_is_secure_behind_https(client, settings):
    settings.LANGUAGE_COOKIE_SECURE = True

    assert client.post("/language/", {"language": "de"}).cookies["language"]["secure"]


@pytest.mark.parametrize("chosen", ["fr", "", "de\x00", "x" * 10_000])
def test_choosing_another_language_is_refused_and_sets_no_cookie(client, chosen):
    response = client.post("/language/", {"language": chosen, "next": PAGE})

    assert response.status_code == 400
    assert "language" not in response.cookies


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:x", ""]
)
def test_the_form_never_leads_to_another_site(client, elsewhere):
    response = client.post("/language/", {"language": "de", "next": elsewhere})

    assert response["Location"] == "/"


def test_the_admin_swagger_and_the_api_stay_english(client):
    login = client.get("/admin/login/", headers=GERMAN)
    assert 'lang="en' in login.content.decode()
    assert "Password:" in login.content.decode()
    client.force_login(make_staff(is_superuser=True, language="de"))
    client.cookies["language"] = "de"
    assert "Log out" in client.get("/admin/", headers=GERMAN).content.decode()
    assert "Content-Language" not in client.get("/swagger/", headers=GERMAN)
    refused = client.get("/api/v1/nowhere/", headers=GERMAN).json()
    assert refused["title"] == "There is no such thing"


# --- Errors ---------------------------------------------------------------------------------------


def test_an_unknown_page_is_a_404_that_says_what_to_do(client):
    response = client.get("/nowhere/")

    assert (response.status_code, heading(response)) == (404, "There is no such page")
    assert "Copy the whole address" in response.content.decode()


def test_a_page_without_its_slash_is_found(client):
    response = client.get("/password-reset?utm_source=mail")

    assert (response.status_code, response["Location"]) == (302, "/password-reset/?utm_source=mail")
    assert client.post("/password-reset").status_code == 404


def test_a_path_that_is_cut_at_its_limit_is_not_redirected_for_ever(client):
    assert client.get(f"/bookings/{'A' * 1980}").status_code == 302
    assert client.get(f"/bookings/{'A' * 2000}").status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_another_method_is_a_405_that_names_what_is_allowed(client, method):
    response = getattr(client, method)(PAGE)

    assert (response.status_code, heading(response)) == (405, "This page does not do that")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_a_stale_form_is_a_403_that_offers_to_reload():
    response = Client(enforce_csrf_checks=True).post(PAGE, {"email": "a@example.com"})

    assert (response.status_code, heading(response)) == (403, "This form is out of date")
    assert f'href="{PAGE}"' in response.content.decode()


def test_a_stale_form_of_the_admin_has_djangos_page():
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a"})

    assert response.status_code == 403
    assert "CSRF verification failed" in response.content.decode()


def test_a_form_that_is_too_large_is_a_413(client):
    response = client.post(PAGE, {"email": "a" * 300_000})

    assert (response.status_code, heading(response)) == (413, "This is too large")


def test_too_many_fields_are_a_413(client):
    assert client.post(PAGE, {f"f{n}": "" for n in range(2000)}).status_code == 413


def test_an_unknown_host_is_a_400(client):
    response = client.get(PAGE, headers={"Host": "evil.example"})

    assert (response.status_code, heading(response)) == (400, "This request cannot be read")


def test_a_bug_is_a_500_that_says_it_is_ours(client, monkeypatch):
    def mistaken(*_):
        raise ZeroDivisionError

    client.raise_request_exception = False
    monkeypatch.setattr(PasswordResetView, "get", mistaken)
    response = client.get(PAGE)

    assert (response.status_code, heading(response)) == (500, "The mistake is ours")


def test_a_page_is_503_when_the_database_is_away_and_queries_nothing(
    client, monkeypatch, django_assert_num_queries
):
    def away(*_):
        raise OperationalError("Nobody is there.")

    client.force_login(make_user())
    monkeypatch.setattr(PasswordResetView, "dispatch", away)
    with django_assert_num_queries(0):
        response = client.get(PAGE, headers=GERMAN)

    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert language(response) == "de"


def test_mistakes_of_visitors_are_no_500_when_the_database_is_away(client):
    def away(*_):
        raise OperationalError("Nobody is there.")

    client.force_login(make_user())
    client.raise_request_exception = False
    with connection.execute_wrapper(away):
        assert client.get("/nowhere/").status_code == 404
        assert client.get("/account").status_code == 302
        assert client.delete(PAGE).status_code == 405


@pytest.mark.parametrize(
    "path", ["/nowhere/", "/password-reset\x00/", "/%00/", "/\ud7ff/", "/" + "a" * 5000]
)
def test_odd_paths_are_a_404(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(("length", "status"), [(2_000, 302), (15_000, 404)])
def test_the_slash_at_the_end_is_not_added_before_an_endless_query(client, length, status):
    client.raise_request_exception = False
    assert client.get("/account", QUERY_STRING="{" * length).status_code == status


def test_errors_of_the_api_stay_json_and_those_of_the_admin_djangos(client):
    assert client.get("/api/nowhere/")["Content-Type"] == "application/problem+json"
    for path in ("/swagger/nowhere/", "/admin/nowhere/"):
        client.force_login(make_staff(is_superuser=True))
        response = client.get(path, headers=GERMAN)
        assert response.status_code == 404
        assert "Content-Language" not in response


# --- The page that asks for a new password --------------------------------------------------------


def test_the_admins_login_links_to_the_reset(client):
    assert reverse("admin_password_reset") == PAGE
    assert f'href="{PAGE}"' in client.get("/admin/login/").content.decode()
