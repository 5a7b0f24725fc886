"""The second step of a login, and the pages where staff add and remove second factors."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import segno
from django.test import Client

from marquee.accounts import browser_sessions, second_factors
from marquee.accounts.models import AccountEvent, User
from marquee.accounts.operations import add_passkey, make_link, passkey_to_make
from marquee.accounts.states import LinkPurpose
from marquee.core.current import current
from tests.accounts.factors import Passkey, code_of, recovery_codes, with_app, wrong_code
from tests.factories import client_of, make_staff, make_user
from tests.web.factor_pages import (
    APP,
    EMAIL,
    KEY_PAGE,
    LOGIN,
    MAKE,
    PAGE,
    PASSWORD,
    RECOVERY,
    STEP,
    add_app,
    codes_on,
    is_logged_in,
)
from tests.web.html import GERMAN, all_tables, heading, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return make_staff(email=EMAIL, password=PASSWORD, language="en")


@pytest.fixture
def browser(anna, client):
    client.post("/log-in/", LOGIN)
    return client


def question(response):
    """Return what the script of a page asks the browser."""
    return json.loads(unescape(re.search(r'data-question="(.*?)"', response.content.decode())[1]))


# --- Log in ---------------------------------------------------------------------------------------


def test_the_password_alone_logs_nobody_in_and_the_factor_does(client, anna):
    with_app(anna)
    response = client.post(f"/log-in/?next={quote('/shows/7/?seat=C7')}", LOGIN)
    assert response["Location"] == f"{STEP}?next=%2Fshows%2F7%2F%3Fseat%3DC7"
    assert not is_logged_in(client)
    waiting = client.cookies["sessionid"].value

    response = client.post(response["Location"], {"code": code_of()})

    assert response["Location"] == "/shows/7/?seat=C7"
    assert is_logged_in(client)
    assert client.session[browser_sessions.VERIFIED] is True
    assert client.cookies["sessionid"].value != waiting
    assert client.get(STEP)["Location"] == "/"


def test_a_wrong_code_is_shown_beside_its_field(client, anna):
    with_app(anna)
    client.post("/log-in/", LOGIN)

    for code in (wrong_code(), ""):
        response = client.post(STEP, {"code": code})
        assert response.status_code == 400
        assert 'id="id_code_error"' in response.content.decode()
    assert not is_logged_in(client)


def test_a_recovery_code_logs_in_once_where_there_is_nothing_else(client, anna):
    with_app(anna)
    codes = recovery_codes(anna)
    assert client.get(f"{RECOVERY}?next=/bookings/")["Location"] == "/log-in/?next=%2Fbookings%2F"
    client.post("/log-in/", LOGIN)
    assert client.post(RECOVERY, {"code": codes[0][:-1]}).status_code == 400

    assert client.post(f"{RECOVERY}?next={PAGE}", {"code": codes[0]})["Location"] == PAGE

    assert "9 recovery codes are left" in text(client.get(PAGE))
    (lost,) = second_factors.factors_of(anna)
    assert client.get(f"{APP}{lost.id}/remove/").status_code == 200
    client.logout()
    client.post("/log-in/", LOGIN)
    assert client.post(RECOVERY, {"code": codes[0]}).status_code == 400


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"]
)
def test_no_next_of_the_second_step_leads_to_another_site(client, anna, elsewhere):
    query = f"?next={quote(elsewhere)}"
    client.post(f"/log-in/{query}", LOGIN)
    page = client.get(f"{PAGE}recovery-codes/{query}").content + client.get(PAGE + query).content
    with_app(anna)
    codes = recovery_codes(anna)

    for path, code in ((STEP, code_of()), (RECOVERY, codes[0])):
        client.logout()
        assert client.post(f"/log-in/{query}", LOGIN)["Location"] == STEP
        page += client.get(path + query).content
        assert client.post(path + query, {"code": code})["Location"] == "/"
    page += client.post(f"{PAGE}recovery-codes/{query}", {"password": PASSWORD}).content
    assert b"evil.example" not in re.sub(rb'name="next" value="[^"]*"', b"", page)


def test_a_stranger_without_the_password_cannot_lock_the_owner_out(client, anna, settings):
    settings.SECOND_FACTOR_LIMIT = 1
    with_app(anna)
    for _ in range(3):
        client.post(STEP, {"code": wrong_code()})
        assert log_in(code=wrong_code(), password="wrong").status_code == 401

    assert log_in(code=code_of()).status_code == 200


@pytest.mark.parametrize(
    ("setting", "wait"),
    [("SECOND_FACTOR_LIMIT", r"6\d minutes"), ("SECOND_FACTOR_DAILY_LIMIT", "24 hours")],
)
def test_wrong_codes_are_limited_on_the_page_which_says_what_works_meanwhile(
    client, anna, settings, setting, wait
):
    setattr(settings, setting, 1)
    with_app(anna)
    codes, passkey = recovery_codes(anna), Passkey()
    asked, state = passkey_to_make(user=anna, password=PASSWORD, networks=[""])
    add_passkey(user=anna, state=state, answer=passkey.made(asked), name="Laptop")
    client.post("/log-in/", LOGIN)
    client.post(STEP, {"code": wrong_code()})
    client.post(RECOVERY, {"code": "wrong"})

    for page, code, meanwhile in (
        (STEP, code_of(), "a recovery code works"),
        (RECOVERY, codes[0], "an authenticator app or a passkey works"),
    ):
        response = client.post(page, {"code": code})
        assert response.status_code == 429
        assert re.search(f"Too many wrong codes .* Try again in about {wait}", text(response))
        assert f"Meanwhile {meanwhile}" in text(response)
        assert "manage.py reset_second_factor" in text(response)
        assert 'name="code"' not in response.content.decode()  # no use before then
        assert 'href="/password-reset/"' in response.content.decode()
        assert current.refusal == "too_many_attempts"  # which the metrics count
    response = log_in(code=code_of())
    assert (response.status_code, response.json()["code"]) == (429, "too_many_attempts")
    answer = passkey.used(question(client.get(STEP)))
    assert client.post(STEP, {"passkey": answer})["Location"] == "/"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_the_password_there_is_no_second_step(client, anna, method):
    with_app(anna)
    before = all_tables()

    response = client.generic(method, f"{STEP}?next=/bookings/")

    assert response["Location"] == "/log-in/?next=%2Fbookings%2F"
    assert all_tables() == before


@pytest.mark.parametrize("change", ["password", "closed", "late"])
def test_the_second_step_ends_when_the_account_changes_or_with_time(client, anna, change):
    with_app(anna)
    client.post("/log-in/", LOGIN)
    if change == "password":
        anna.set_password("another horse battery")
        anna.save()
    elif change == "closed":
        User.objects.update(is_active=False)
    else:
        session = client.session
        session[browser_sessions.WAITING] |= {"until": 0}
        session.save()

    response = client.post(STEP, {"code": code_of()})

    assert response["Location"] == "/log-in/"
    assert not is_logged_in(client)


def test_a_login_by_password_ends_the_session_of_somebody_else(client, anna):
    with_app(anna)
    client.force_login(make_user())
    client.post("/log-in/", LOGIN)

    assert not is_logged_in(client)


def test_a_passkey_logs_in_once(client, anna):
    passkey = Passkey()
    client.post("/log-in/", LOGIN)
    response = client.post(KEY_PAGE, {"name": "Laptop", "password": PASSWORD})
    assert len(codes_on(client.post(MAKE, {"passkey": passkey.made(question(response))}))) == 10
    client.post("/log-out/")
    client.post("/log-in/", LOGIN)
    page = client.get(STEP)
    asked = question(page)
    stolen = Client()
    stolen.cookies["sessionid"] = client.cookies["sessionid"].value
    answer = passkey.used(asked)

    response = client.post(STEP, {"passkey": "{}"})
    assert response.status_code == 400
    assert "This passkey was not accepted" in text(response)
    assert client.post(STEP, {"passkey": answer}).status_code == 400  # another question by now
    answer = passkey.used(question(client.get(STEP)))
    assert client.post(STEP, {"passkey": answer})["Location"] == "/"
    assert is_logged_in(client)
    assert stolen.post(STEP, {"passkey": answer})["Location"] == "/log-in/"


def test_a_new_password_by_mail_does_not_replace_the_factor(client, anna):
    with_app(anna)
    token = make_link(user=anna, purpose=LinkPurpose.RESET, email=anna.email)
    client.get(f"/password-reset/confirm/?token={token}")
    client.post("/password-reset/confirm/", {"password": "staple wagon meadow"})

    response = client.post("/log-in/", LOGIN | {"password": "staple wagon meadow"})
    assert response["Location"] == STEP
    assert not is_logged_in(client)


# --- Add and remove -------------------------------------------------------------------------------


def test_the_qr_code_is_that_of_the_link(browser):
    page = browser.get(APP).content.decode()
    link = unescape(re.search(r'href="(otpauth:.*?)"', page)[1])
    size = int(re.search(r'class="qr".*?viewBox="0 0 (\d+) \1"', page)[1])
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", re.search(r'"#000" d="(.*?)"', page)[1])

    dark = {(int(x) + more, int(y)) for x, y, length in runs for more in range(int(length))}

    wanted = list(segno.make_qr(link, error="m").matrix_iter(border=4))
    assert size == len(wanted)
    assert dark == {
        (x, y) for y, row in enumerate(wanted) for x, module in enumerate(row) if module
    }
    assert parse_qs(urlsplit(link).query)["secret"] == [
        re.search(r'class="key">(.*?)<', page)[1].replace(" ", "")
    ]
    assert "style=" not in page


def test_an_app_is_added_and_the_codes_are_shown_once(browser, anna):
    page = browser.get(APP).content.decode()
    assert "otpauth://totp/Marquee%3Aanna%40example.com?secret=" in page
    assert re.search(r'class="key">(.*?)<', browser.get(APP).content.decode())[1] in page

    codes = codes_on(add_app(browser))

    assert len(codes) == 10
    shown = browser.get(PAGE).content.decode()
    assert not any(code in shown for code in codes)
    assert "10 are left" in shown
    assert is_logged_in(browser)
    assert browser.session[browser_sessions.VERIFIED] is True


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"code": "1"}, "code"), ({"password": "x"}, "password"), ({"name": ""}, "name")],
)
def test_what_is_wrong_stands_beside_its_field(browser, anna, fields, field):
    response = add_app(browser, **fields)

    assert response.status_code == 400
    assert f'id="id_{field}_error"' in response.content.decode()
    assert not second_factors.has_factor(anna.pk)


def test_a_passkey_needs_the_password_first(browser, anna):
    assert browser.post(KEY_PAGE, {"name": "a", "password": "wrong"}).status_code == 400
    answer = Passkey().made({"challenge": "AAAA"})

    for answered in (answer, "", "{}"):
        assert browser.post(MAKE, {"passkey": answered})["Location"] == KEY_PAGE
    assert browser.get(MAKE)["Location"] == KEY_PAGE
    assert not second_factors.has_factor(anna.pk)


def test_removing_asks_first(browser, anna):
    add_app(browser)
    (factor,) = second_factors.factors_of(anna)
    path = f"{APP}{factor.id}/remove/"

    assert "It is your last one" in text(browser.get(path))
    assert browser.post(path, {"password": "wrong"}).status_code == 400
    assert second_factors.has_factor(anna.pk)
    assert browser.post(path, {"password": PASSWORD})["Location"] == PAGE
    assert not second_factors.has_factor(anna.pk)
    assert browser.get(path)["Location"] == PAGE
    assert browser.post(path, {"password": PASSWORD}).status_code == 409


def test_new_recovery_codes_need_the_password(browser, anna):
    page = f"{PAGE}recovery-codes/"
    assert browser.post(page, {"password": PASSWORD}).status_code == 409
    old = codes_on(add_app(browser))

    assert browser.get(page).status_code == 200
    assert browser.post(page, {"password": "wrong"}).status_code == 400
    new = codes_on(browser.post(page, {"password": PASSWORD}))
    assert len(new) == 10
    assert not set(new) & set(old)


def test_whoever_lacks_the_factor_changes_nothing(client, anna):
    with_app(anna)
    codes = recovery_codes(anna)
    client.force_login(anna)
    (factor,) = second_factors.factors_of(anna)
    before = User.objects.count(), AccountEvent.objects.count()

    for path in (PAGE, APP, KEY_PAGE, MAKE, f"{PAGE}recovery-codes/", f"{APP}{factor.id}/remove/"):
        for response in (client.get(path), client.post(path, {"password": PASSWORD})):
            assert response["Location"] == f"{STEP}?next={quote(path, safe='')}"
    assert (User.objects.count(), AccountEvent.objects.count()) == before
    assert second_factors.recovery_codes_left(anna) == len(codes)


def test_customers_have_no_such_pages(client):
    client.force_login(make_user())

    for path in (PAGE, APP, KEY_PAGE, f"{PAGE}recovery-codes/"):
        assert client.get(path)["Location"] == "/account/"
        assert client.post(path)["Location"] == "/account/"
    assert "second-factor" not in client.get("/account/").content.decode()


def test_who_is_not_logged_in_logs_in_first(client):
    for path in (PAGE, APP, KEY_PAGE, MAKE, f"{APP}7/remove/"):
        assert client.get(path)["Location"] == f"/log-in/?next={quote(path, safe='')}"


def test_the_pages_speak_german(client, anna):
    anna.language = "de"
    anna.save()
    client.post("/log-in/", LOGIN, headers=GERMAN)

    assert heading(client.get(PAGE, headers=GERMAN)) == "Zweiter Faktor"
    assert heading(client.get(APP, headers=GERMAN)) == "Authenticator-App hinzufügen"


# --- The API --------------------------------------------------------------------------------------


def log_in(**fields):
    return client_of().post("/api/v1/auth/login/", LOGIN | fields)


def test_the_api_asks_for_a_code(anna):
    assert log_in().status_code == 200
    with_app(anna)

    refused = log_in()
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    assert "`code`" in refused.json()["detail"]
    wrong = log_in(code=wrong_code())
    assert (wrong.status_code, wrong.json()["code"]) == (400, "wrong_code")
    assert wrong.json()["errors"][0]["field"] == "code"
    code = code_of()
    assert log_in(code=code).status_code == 200
    assert log_in(code=code).status_code == 400


def test_where_a_role_demands_a_factor_the_api_gives_no_rights_without(anna, settings):
    settings.REQUIRE_SECOND_FACTOR = frozenset({"manager"})
    api = client_of(anna)
    movie = {"title": "Alien", "runtime_minutes": 117, "original_language": "en"}

    refused = api.post("/api/v1/movies/", movie)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    assert "/account/second-factor/" in refused.json()["detail"]
    assert api.get("/api/v1/me/").status_code == 200
    with_app(anna)
    assert api.post("/api/v1/movies/", movie).status_code == 201


def test_the_export_names_the_factors_without_their_secrets(anna):
    with_app(anna)
    response = client_of(anna).get("/api/v1/me/export/")

    (factor,) = response.json()["second_factors"]
    assert (factor["kind"], factor["name"]) == ("authenticator", "Phone")
    assert set(factor) == {"kind", "name", "created_at", "last_used_at"}
