"""Log in, sign up and log out on pages: by the rules of the API, and never to another site."""

import re
from urllib.parse import quote

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client

from marquee.accounts import hashers, operations
from marquee.accounts.models import AccountEvent, LoginSession, RefreshToken, User
from marquee.core.errors import Busy
from marquee.web import visitors
from marquee.web.visitors import new_visitor
from tests.booking.visitors import hold_as_visitor
from tests.factories import make_show, make_user
from tests.web.html import GERMAN, all_tables, heading, text

pytestmark = pytest.mark.django_db

EMAIL, PASSWORD = "anna@example.com", "correct horse battery"
LOGIN = {"email": EMAIL, "password": PASSWORD}
SIGNUP = LOGIN | {"name": "Anna Bauer"}
FOREIGN = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://testserver//evil.example/",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "\x00/account/",
    "http://[",
    "account/",
    "/" + "a" * 5000,
]


@pytest.fixture
def anna():
    return make_user("Anna Bauer", email=EMAIL, password=PASSWORD)


def is_logged_in(client):
    return client.get("/account/").status_code == 200


def summary(response):
    """Return the lines of the list of errors, which has the focus."""
    found = re.search(
        r'class="summary" role="alert" tabindex="-1" autofocus>(.*?)</div>',
        response.content.decode(),
        re.DOTALL,
    )
    return [re.sub("<.*?>", "", line) for line in re.findall("<li>(.*?)</li>", found[1])]


# --- Log in ---------------------------------------------------------------------------------------


def test_a_login_leads_to_the_page_that_it_began_on_with_what_was_chosen(client, anna):
    response = client.post(f"/log-in/?next={quote('/shows/7/?seat=C7&seat=C8')}", LOGIN)

    assert (response.status_code, response["Location"]) == (302, "/shows/7/?seat=C7&seat=C8")
    assert is_logged_in(client)


def test_a_login_without_a_page_to_return_to_leads_to_what_is_on(client, anna):
    assert client.post("/log-in/", LOGIN)["Location"] == "/"


@pytest.mark.parametrize("path", ["/log-in/", "/sign-up/", "/log-out/", "/account/delete/"])
def test_a_login_never_leads_back_to_a_page_that_is_done(client, anna, path):
    assert client.post(f"/log-in/?next={path}", LOGIN)["Location"] == "/"


@pytest.mark.parametrize("elsewhere", FOREIGN)
def test_a_login_never_leads_to_another_site(client, anna, elsewhere):
    assert client.post(f"/log-in/?next={quote(elsewhere)}", LOGIN)["Location"] == "/"
    assert client.get(f"/log-in/?next={quote(elsewhere)}")["Location"] == "/"


def test_whoever_is_logged_in_already_is_led_on(client, anna):
    client.force_login(anna)

    for page in ("/log-in/", "/sign-up/"):
        assert client.get(f"{page}?next=/bookings/")["Location"] == "/bookings/"


def test_a_choice_that_a_script_wrote_into_the_url_is_kept(client, anna):
    page = "http://testserver/shows/7/?seat=C7"
    response = client.get("/log-in/?next=/shows/7/", headers={"Referer": page})
    assert response["Location"] == "/log-in/?next=%2Fshows%2F7%2F%3Fseat%3DC7"

    response = client.get(response["Location"], headers={"Referer": page})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "other", ["http://testserver/shows/8/?seat=C7", "http://evil.example/shows/7/?seat=C7", "x"]
)
def test_no_other_page_chooses_where_a_login_leads(client, other):
    response = client.get("/log-in/?next=/shows/7/", headers={"Referer": other})

    assert response.status_code == 200


def test_a_login_begins_a_session_under_a_new_key(client, anna):
    session = client.session
    session["seen"] = True
    session.save()
    before = client.cookies["sessionid"].value

    client.post("/log-in/", LOGIN)

    assert client.cookies["sessionid"].value != before
    assert not Session.objects.filter(pk=before).exists()


def test_the_session_of_another_user_ends_at_a_login(client, anna):
    client.force_login(make_user())
    before = client.cookies["sessionid"].value

    client.post("/log-in/", LOGIN)

    assert not Session.objects.filter(pk=before).exists()
    assert EMAIL in text(client.get("/account/"))


def test_a_login_has_no_tokens_and_is_in_the_list_of_logins(client, anna):
    client.post("/log-in/", LOGIN)

    assert not RefreshToken.objects.exists()
    assert LoginSession.objects.get().user == anna


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_are_refused_alike(client, anna, email):
    response = client.post("/log-in/", {"email": email, "password": "wrong"})

    assert response.status_code == 400
    assert summary(response) == ["The address and the password do not belong together."]
    assert f'value="{email}"' in response.content.decode()
    assert "wrong" not in response.content.decode()
    assert not is_logged_in(client)


def test_an_unknown_address_takes_one_hash_like_a_wrong_password(client, anna, monkeypatch):
    hashes = []
    for name in ("encode", "verify"):
        real = getattr(hashers.Argon2, name)

        def counted(self, *values, real=real, **named):
            hashes.append(1)
            return real(self, *values, **named)

        monkeypatch.setattr(hashers.Argon2, name, counted)
    costs = []
    for email in (EMAIL, "nobody@example.com"):
        hashes.clear()
        client.post("/log-in/", {"email": email, "password": "wrong"})
        costs.append(len(hashes))

    assert costs[0] == costs[1] >= 1


def test_a_deactivated_account_does_not_log_in(client, anna):
    User.objects.update(is_active=False)

    assert client.post("/log-in/", LOGIN).status_code == 400


def test_too_many_attempts_are_told_with_the_time_and_keep_what_was_typed(client, anna, settings):
    settings.LOGIN_LIMIT = 2
    for _ in range(2):
        client.post("/log-in/", {"email": EMAIL, "password": "wrong"})

    response = client.post("/log-in/?next=/bookings/", LOGIN)

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    (line,) = summary(response)
    assert re.fullmatch(
        r"This was tried very often in a short time\. Try again in \d+ seconds?\.", line
    )
    assert EMAIL in response.content.decode()
    assert not is_logged_in(client)


def test_when_too_many_passwords_are_checked_the_page_says_so(client, anna, monkeypatch):
    def busy(**_):
        raise Busy("Many people are logging in.", retry_after=2)

    monkeypatch.setattr("marquee.web.storefront.logging_in.authenticate", busy)
    response = client.post("/log-in/", LOGIN)

    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert heading(response) == "Busy for a moment"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"email": "x", "password": "y"},
        {"email": EMAIL},
        {"email": f"{EMAIL}\x00", "password": PASSWORD},
        {"email": EMAIL, "password": f"{PASSWORD}\x00"},
        {"email": EMAIL, "password": "a" * 1001},
        {"email": "a" * 300 + "@example.com", "password": PASSWORD},
        {"email": "a@" + "ß" * 200 + ".example", "password": PASSWORD},
        {"email": "<script>@example.com", "password": "x"},
    ],
)
def test_a_bad_login_form_is_shown_again_and_nothing_is_changed(client, anna, fields):
    before = all_tables()
    response = client.post("/log-in/", fields)

    assert (response.status_code, heading(response)) == (400, "Log in")
    assert summary(response)
    assert response.content.decode().count("autofocus") == 1
    assert "<script>@" not in response.content.decode()
    assert all_tables() == before


@pytest.mark.parametrize("path", ["/log-in/", "/sign-up/", "/log-out/"])
def test_a_form_without_its_token_changes_nothing_and_keeps_where_it_leads(path, anna):
    before = all_tables()
    response = Client(enforce_csrf_checks=True).post(f"{path}?next=/bookings/", SIGNUP)

    assert (response.status_code, heading(response)) == (403, "This form is out of date")
    assert f'href="{path}?next=/bookings/"' in response.content.decode()
    assert all_tables() == before


def test_the_page_offers_to_sign_up_and_a_new_password(client):
    html = client.get("/log-in/?next=/shows/7/%3Fseat%3DC7").content.decode()

    assert 'href="/sign-up/?next=/shows/7/%3Fseat%3DC7"' in html
    assert 'href="/password-reset/"' in html
    assert re.search('name="email"[^>]*autocomplete="username"', html)
    assert re.search('name="password"[^>]*autocomplete="current-password"', html)
    assert "show_password." in html


# --- Sign up --------------------------------------------------------------------------------------


def test_signing_up_opens_the_account_logs_in_and_leads_on(client):
    response = client.post("/sign-up/?next=/shows/7/%3Fseat%3DC7", SIGNUP, headers=GERMAN)

    assert (response.status_code, response["Location"]) == (302, "/shows/7/?seat=C7")
    user = User.objects.get()
    assert (user.email, user.name, user.language) == (EMAIL, "Anna Bauer", "de")
    assert user.check_password(PASSWORD)
    assert is_logged_in(client)
    assert [event.kind for event in AccountEvent.objects.all()] == ["signed_up"]
    assert not RefreshToken.objects.exists()


def test_signing_up_says_once_that_a_mail_is_on_its_way(client):
    client.post("/sign-up/", SIGNUP)

    page = client.get("/account/")
    assert "A mail is on its way to anna@example.com" in text(page)
    assert "A mail is on its way" not in text(client.get("/account/"))


def test_a_page_without_messages_sets_no_cookie_for_them(client):
    assert "messages" not in client.get("/log-in/").cookies


def test_an_address_with_an_account_is_refused_beside_its_field(client, anna):
    before = all_tables()
    response = client.post("/sign-up/", SIGNUP | {"email": "ANNA@example.com"})

    assert response.status_code == 400
    (line,) = summary(response)
    assert line.startswith("E-mail address: There is an account with this address already.")
    assert {k: v for k, v in all_tables().items() if k != "attempt_count"} == {
        k: v for k, v in before.items() if k != "attempt_count"
    }
    assert not is_logged_in(client)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "   "},
        {"name": "a\x00b"},
        {"name": "a\u202eb"},
        {"name": "a" * 151},
        {"name": "\u0958" * 100},  # twice as long in its normal form
        {"password": "short"},
        {"password": "password123"},
        {"password": "a" * 1001},
        {"again": "another horse battery"},
        {"email": "anna"},
    ],
)
def test_a_bad_sign_up_is_shown_again_and_makes_no_account(client, changes):
    response = client.post("/sign-up/", SIGNUP | changes)

    assert (response.status_code, heading(response)) == (400, "Sign up")
    assert len(summary(response)) == 1
    assert not User.objects.exists()


def test_a_hostile_name_is_shown_as_text(client):
    client.post("/sign-up/", SIGNUP | {"name": "<img src=x onerror=alert(1)>{{ 7 }}"})

    html = client.get("/account/").content.decode()
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;{{ 7 }}" in html


def test_too_many_sign_ups_are_refused_with_the_time(client, settings):
    settings.SIGNUP_LIMIT = 1
    client.post("/sign-up/", SIGNUP)
    client.cookies.clear()

    response = client.post("/sign-up/", SIGNUP | {"email": "b@example.com"})

    assert response.status_code == 429
    assert "Retry-After" in response
    assert User.objects.count() == 1


def test_an_account_of_the_page_is_an_account_of_the_api(client):
    client.post("/sign-up/", SIGNUP)

    assert operations.log_in(email=EMAIL, password=PASSWORD, networks=["192.0.2.1"])


# --- Log out --------------------------------------------------------------------------------------


def test_logging_out_ends_the_session_and_says_so(client, anna):
    client.post("/log-in/", LOGIN)
    key = client.cookies["sessionid"].value

    response = client.post("/log-out/")

    assert response["Location"] == "/"
    assert not is_logged_in(client)
    assert not Session.objects.filter(pk=key).exists()
    assert not LoginSession.objects.exists()
    assert "You are logged out." in text(client.get("/log-in/"))


def test_opening_the_page_logs_nobody_out(client, anna):
    assert client.get("/log-out/")["Location"] == "/"
    client.force_login(anna)

    assert heading(client.get("/log-out/")) == "Log out"
    assert is_logged_in(client)


def test_logging_out_leads_to_the_page_of_next_on_this_site_alone(client, anna):
    for path, leads in (("/checkout/AAAAAAAA/", "/checkout/AAAAAAAA/"), (FOREIGN[0], "/")):
        client.force_login(anna)
        assert client.post(f"/log-out/?next={quote(path)}")["Location"] == leads


def test_logging_out_twice_is_no_error(client):
    assert client.post("/log-out/").status_code == 302


def test_a_login_page_costs_few_statements(client, anna, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/log-in/?next=/bookings/")
    client.force_login(anna)
    client.get("/account/")
    with django_assert_num_queries(2):
        client.get("/account/")


# --- What the browser holds -----------------------------------------------------------------------


def holding(*labels):
    """Return a browser that holds seats without an account, and its booking."""
    show, visitor, browser = make_show(), new_visitor(), Client()
    response = HttpResponse()
    visitors.keep(response, visitor)
    browser.cookies.update(response.cookies)
    return browser, hold_as_visitor(show, *labels, visitor=visitor)


@pytest.mark.parametrize(("path", "fields"), [("/log-in/", LOGIN), ("/sign-up/", SIGNUP)])
def test_seats_that_a_browser_holds_are_the_accounts_after_a_login(path, fields):
    if path == "/log-in/":
        make_user("Anna Bauer", email=EMAIL, password=PASSWORD)
    browser, booking = holding("A1", "A2")

    browser.post(path, fields)

    booking.refresh_from_db()
    assert (booking.status, booking.user.email) == ("held", EMAIL)


def test_holds_beyond_a_limit_stay_with_the_browser_and_the_next_page_says_so(anna, settings):
    browser, booking = holding("A1", "A2")
    settings.SEAT_LIMIT = 1

    browser.post("/log-in/", LOGIN)

    booking.refresh_from_db()
    assert booking.user.is_guest
    assert f"The seats of {booking.reference} stay held" in text(browser.get("/account/"))
