"""The pages of one's own account: profile, address, password, devices, data, deletion."""

import json
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from marquee.accounts import operations
from marquee.accounts.errors import BadCredentials
from marquee.accounts.login_sessions import Device, device_of
from marquee.accounts.models import AccountEvent, LoginSession, RefreshToken, User
from marquee.booking.models import Booking
from tests.factories import book_seats, make_show, make_user
from tests.web.html import all_tables, heading, text

pytestmark = pytest.mark.django_db

EMAIL, PASSWORD, NEW = "anna@example.com", "correct horse battery", "staple wagon meadow"
PAGES = [
    "/account/",
    "/account/email/",
    "/account/verify/",
    "/account/password/",
    "/account/sessions/",
    "/account/export/",
    "/account/delete/",
]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def anna():
    return make_user("Anna Bauer", email=EMAIL, password=PASSWORD, language="en")


@pytest.fixture
def browser(anna):
    client = Client(headers={"User-Agent": FIREFOX})
    client.post("/log-in/", {"email": EMAIL, "password": PASSWORD})
    return client


def is_logged_in(client):
    return client.get("/account/").status_code == 200


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_not_logged_in_logs_in_first(client, anna, path, method):
    before = all_tables()
    response = getattr(client, method)(path)

    assert response["Location"] == f"/log-in/?next={quote(path, safe='')}"
    assert response["Cache-Control"] == "private, no-store"
    assert all_tables() == before


@pytest.mark.parametrize("path", PAGES)
def test_a_form_without_its_token_changes_nothing(anna, path):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(anna)
    fields = {"password": PASSWORD, "old_password": PASSWORD, "name": "B", "bookings": "cancel"}
    strict.get("/account/")  # notes the login
    before = all_tables()

    assert strict.post(path, fields | {"email": "b@example.com"}).status_code == 403
    assert all_tables() == before


# --- Profile --------------------------------------------------------------------------------------


def test_the_profile_is_changed_and_said_so_in_the_new_language(browser, anna):
    response = browser.post("/account/", {"name": "Anna Berger", "language": "de"}, follow=True)

    anna.refresh_from_db()
    assert (anna.name, anna.language) == ("Anna Berger", "de")
    assert heading(response) == "Konto"
    assert "Ihre Änderungen sind gespeichert." in text(response)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "language": "en"},
        {"name": "A\x00", "language": "en"},
        {"name": "A" * 151, "language": "en"},
        {"name": "A", "language": "fr"},
        {"name": "A"},
    ],
)
def test_a_bad_profile_is_shown_again_and_not_stored(browser, anna, fields):
    response = browser.post("/account/", fields)

    assert response.status_code == 400
    assert 'class="summary"' in response.content.decode()
    anna.refresh_from_db()
    assert (anna.name, anna.language) == ("Anna Bauer", "en")


@pytest.mark.parametrize(
    ("language", "says"), [("en", "Write the name in letters"), ("de", "Schreiben Sie den Namen")]
)
def test_a_name_that_nobody_can_read_is_refused_in_the_readers_language(client, language, says):
    page = client.post("/sign-up/", {"name": "\u202eA"}, headers={"Accept-Language": language})
    assert says in text(page)


def test_another_address_needs_the_password_and_waits_for_its_link(browser, anna):
    wrong = browser.post("/account/email/", {"email": "b@example.com", "password": "wrong"})
    assert wrong.status_code == 400
    assert "This is not your password." in text(wrong)

    fields = {"email": "b@example.com", "password": PASSWORD}
    page = browser.post("/account/email/", fields, follow=True)

    anna.refresh_from_db()
    assert (anna.email, anna.pending_email) == (EMAIL, "b@example.com")
    assert "A link is on its way to b@example.com." in text(page)


def test_the_page_mails_the_link_again_until_the_address_is_verified(browser, anna):
    page = browser.post("/account/verify/", follow=True)
    assert "A mail is on its way to anna@example.com" in text(page)
    assert AccountEvent.objects.filter(kind=AccountEvent.Kind.VERIFICATION_ASKED).count() == 1
    operations.mark_verified(anna)

    assert "Mail the link again" not in text(browser.get("/account/"))


def test_a_login_that_leads_back_to_that_button_ends_at_the_account(browser):
    assert browser.get("/account/verify/")["Location"] == "/account/"


def test_too_many_verification_mails_are_refused_with_the_time(browser, anna, settings):
    settings.VERIFY_LIMIT = 1
    browser.post("/account/verify/")
    response = browser.post("/account/verify/")

    assert (response.status_code, heading(response)) == (429, "Too many attempts")
    assert "Retry-After" in response


# --- Password and devices -------------------------------------------------------------------------


def test_a_new_password_logs_out_everywhere_else(browser, anna):
    other = Client()
    other.post("/log-in/", {"email": EMAIL, "password": PASSWORD})
    pair = operations.log_in(email=EMAIL, password=PASSWORD, networks=["192.0.2.1"])
    key = browser.cookies["sessionid"].value

    fields = {"old_password": PASSWORD, "password": NEW}
    page = browser.post("/account/password/", fields, follow=True)

    assert "Your password is changed." in text(page)
    assert browser.cookies["sessionid"].value != key
    assert is_logged_in(browser)
    assert not is_logged_in(other)
    with pytest.raises(BadCredentials):
        operations.refresh(token=pair.refresh, networks=["192.0.2.1"])
    assert [one.user_agent for one in LoginSession.objects.filter(token_epoch=1)] == [FIREFOX]
    anna.refresh_from_db()
    assert anna.check_password(NEW)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"old_password": "wrong", "password": NEW}, "This is not your password."),
        ({"old_password": PASSWORD, "password": "short"}, "too short"),
        ({"old_password": PASSWORD, "password": NEW, "again": "x"}, "not the same"),
        ({"old_password": PASSWORD, "password": "annabauer"}, "too similar"),
        ({"password": NEW}, "Type your password."),
    ],
)
def test_a_bad_change_of_password_is_refused_beside_its_field(browser, anna, fields, says):
    response = browser.post("/account/password/", fields)

    assert response.status_code == 400
    assert says in text(response)
    assert NEW not in response.content.decode()
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)
    assert is_logged_in(browser)


def test_the_devices_are_named_and_this_one_comes_first(browser, anna):
    device = Device(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        "Europe/Vienna",
    )
    operations.log_in(email=EMAIL, password=PASSWORD, networks=["192.0.2.1"], device=device)
    operations.log_in(
        email=EMAIL,
        password=PASSWORD,
        networks=["192.0.2.1"],
        device=device_of({"HTTP_USER_AGENT": "<b>\x00x"}),
    )
    page = browser.get("/account/sessions/")

    names = re.findall("<li>\\s*<strong>(.*?)</strong>", page.content.decode())
    assert names[0] == "Firefox on Linux"
    assert set(names[1:]) == {"Mobile Safari on iOS", "An unknown device"}
    assert text(page).count("This one") == 1
    assert "Europe/Vienna" in text(page)


def test_logging_out_everywhere_else_keeps_this_browser(browser, anna):
    other = Client()
    other.post("/log-in/", {"email": EMAIL, "password": PASSWORD})

    page = browser.post("/account/sessions/", follow=True)

    assert "You are logged out everywhere else." in text(page)
    assert (is_logged_in(browser), is_logged_in(other)) == (True, False)
    assert not RefreshToken.objects.exists()
    assert text(browser.get("/account/sessions/")).count("Firefox on Linux") == 1


# --- Data and deletion ----------------------------------------------------------------------------


def test_the_export_is_the_file_of_the_api(browser, anna):
    response = browser.get("/account/export/")

    assert response["Content-Disposition"] == 'attachment; filename="marquee.json"'
    assert response["Cache-Control"] == "private, no-store"
    data = json.loads(response.content)
    assert data["profile"]["email"] == EMAIL
    assert set(data) == {"profile", "sessions", "second_factors", "events", "bookings", "mails"}


def test_too_many_exports_are_refused_with_a_page(browser, anna, settings):
    settings.PROFILE_LIMIT = 1
    browser.get("/account/export/")

    assert heading(browser.get("/account/export/")) == "Too many attempts"


def test_an_account_is_deleted_by_its_password(browser, anna):
    wrong = browser.post("/account/delete/", {"password": "wrong"})
    assert wrong.status_code == 400
    assert is_logged_in(browser)

    response = browser.post("/account/delete/", {"password": PASSWORD})

    assert response["Location"] == "/"
    anna.refresh_from_db()
    assert anna.is_closed
    assert not is_logged_in(browser)
    assert not LoginSession.objects.exists()
    assert "Your account is deleted" in text(browser.get("/log-in/"))


@pytest.mark.parametrize(
    ("choice", "statuses"), [("cancel", ["cancelled"]), ("keep", ["confirmed"])]
)
def test_the_page_says_what_becomes_of_each_booking_and_does_it(browser, anna, choice, statuses):
    booking = book_seats(anna, make_show(), "A1", "A2")
    page = browser.get("/account/delete/")
    assert booking.reference in text(page)
    assert "A1 A2" in text(page)
    assert "Can be cancelled until" in text(page)

    missing = browser.post("/account/delete/", {"password": PASSWORD})
    assert missing.status_code == 400
    assert "Choose one of the two." in text(missing)
    browser.post("/account/delete/", {"password": PASSWORD, "bookings": choice})

    assert [one.status for one in Booking.objects.all()] == statuses
    assert User.objects.get(pk=anna.pk).is_closed


def test_what_is_too_late_to_cancel_is_said_to_stay(browser, anna):
    booking = book_seats(anna, make_show(), "A1")
    Booking.objects.update(cancel_until=timezone.now() - timedelta(minutes=1))

    page = browser.get("/account/delete/")

    assert "It is too late to cancel: the tickets stay valid." in text(page)
    assert 'type="radio"' not in page.content.decode()
    browser.post("/account/delete/", {"password": PASSWORD, "bookings": "keep"})
    booking.refresh_from_db()
    assert booking.status == "confirmed"


@pytest.mark.parametrize("choice", ["sell", "\x00", "KEEP", "x" * 5000])
def test_a_choice_that_does_not_exist_deletes_nothing(browser, anna, choice):
    book_seats(anna, make_show(), "A1")
    response = browser.post("/account/delete/", {"password": PASSWORD, "bookings": choice})

    assert response.status_code == 400
    assert is_logged_in(browser)


def test_the_last_superuser_is_not_deleted(browser, anna):
    User.objects.update(is_superuser=True, is_staff=True)
    response = browser.post("/account/delete/", {"password": PASSWORD})

    assert (response.status_code, heading(response)) == (409, "This account stays")
    assert is_logged_in(browser)
