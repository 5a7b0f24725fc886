"""The pages that links in an account's mails open: GET spends nothing, POST does once."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from marquee.accounts.models import AccountEvent, AccountLink, User
from marquee.accounts.operations import make_link
from marquee.accounts.states import LinkPurpose
from tests.factories import make_user
from tests.web.html import GERMAN, all_tables, heading, text

pytestmark = pytest.mark.django_db

PASSWORD = "a horse that staples"
PAGES = {
    LinkPurpose.VERIFY: "/verify-email/",
    LinkPurpose.RESET: "/password-reset/confirm/",
    LinkPurpose.CHANGE_EMAIL: "/change-email/",
}
FIELDS = {LinkPurpose.RESET: {"password": PASSWORD}}


@pytest.fixture
def user() -> User:
    user = make_user(password="correct horse battery")
    user.pending_email = "new@example.com"
    user.save(update_fields=["pending_email"])
    return user


def link_of(user, purpose):
    email = user.pending_email if purpose == LinkPurpose.CHANGE_EMAIL else user.address
    return make_link(user=user, purpose=purpose, email=email)


def open_link(client, purpose, token):
    """Open the link of a mail as a browser does: follow the redirect."""
    return client.get(PAGES[purpose], {"token": token}, follow=True)


def press(client, purpose, **fields):
    """Press the button of the page, and follow the redirect."""
    return client.post(PAGES[purpose], FIELDS.get(purpose, {}) | fields, follow=True)


# --- GET ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", PAGES)
@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_changes_nothing_in_any_table(client, user, purpose, method):
    token = link_of(user, purpose)
    before = all_tables()

    for _ in range(3):
        getattr(client, method)(PAGES[purpose], {"token": token}, follow=True)
        getattr(Client(), method)(PAGES[purpose], {"token": token})

    assert all_tables() == before


@pytest.mark.parametrize("purpose", PAGES)
def test_a_link_leads_to_its_page_without_the_token(client, user, purpose):
    token = link_of(user, purpose)
    response = client.get(PAGES[purpose], {"token": token, "utm_source": "mail"})

    assert (response.status_code, response["Location"]) == (302, PAGES[purpose])
    assert response["Referrer-Policy"] == "same-origin"
    page = client.get(PAGES[purpose])
    assert page.status_code == 200
    assert token not in page.content.decode()
    assert page.content.decode().count('<button class="button"') == 1


def test_the_cookie_is_short_lived_and_of_its_page_alone(client, user, settings):
    token = link_of(user, LinkPurpose.VERIFY)
    cookie = client.get("/verify-email/", {"token": token}).cookies["link"]

    assert (cookie["path"], cookie["max-age"]) == ("/verify-email/", 3600)
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    settings.SESSION_COOKIE_SECURE = True
    assert client.get("/verify-email/", {"token": token}).cookies["link"]["secure"]


@pytest.mark.parametrize("purpose", PAGES)
def test_a_page_without_its_link_asks_for_it(client, purpose):
    for response in (client.get(PAGES[purpose]), press(client, purpose)):
        assert (response.status_code, heading(response)) == (400, "Open the link in your mail")


# --- POST -----------------------------------------------------------------------------------------


def test_the_button_verifies_the_address(client, user):
    page = open_link(client, LinkPurpose.VERIFY, link_of(user, LinkPurpose.VERIFY))
    assert user.email in text(page)

    response = press(client, LinkPurpose.VERIFY)

    assert (response.status_code, heading(response)) == (200, "Your address is verified")
    user.refresh_from_db()
    assert user.email_verified_at is not None


def test_the_button_changes_the_address(client, user):
    before = user.email
    page = open_link(client, LinkPurpose.CHANGE_EMAIL, link_of(user, LinkPurpose.CHANGE_EMAIL))
    assert before in text(page)
    assert "new@example.com" in text(page)

    response = press(client, LinkPurpose.CHANGE_EMAIL)

    assert heading(response) == "Your address was changed"
    user.refresh_from_db()
    assert user.email == "new@example.com"


def test_the_form_sets_a_new_password(client, user):
    open_link(client, LinkPurpose.RESET, link_of(user, LinkPurpose.RESET))

    response = press(client, LinkPurpose.RESET)

    assert heading(response) == "Your password was changed"
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("purpose", PAGES)
def test_a_reload_of_the_last_page_says_the_same_and_spends_nothing(client, user, purpose):
    open_link(client, purpose, link_of(user, purpose))
    last = press(client, purpose)
    before = all_tables()

    again = client.get(PAGES[purpose])

    assert heading(again) == heading(last)
    assert all_tables() == before


def test_a_form_left_open_in_another_tab_is_not_said_to_be_done(client, user):
    open_link(client, LinkPurpose.RESET, link_of(user, LinkPurpose.RESET))
    press(client, LinkPurpose.RESET)
    again = press(client, LinkPurpose.RESET, password=f"{PASSWORD}, another")
    assert again.status_code == 410
    assert "used already" in again.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("purpose", PAGES)
def test_a_button_without_its_csrf_token_spends_nothing(user, purpose):
    client = Client(enforce_csrf_checks=True)
    open_link(client, purpose, link_of(user, purpose))
    before = all_tables()

    response = press(client, purpose)

    assert (response.status_code, heading(response)) == (403, "This form is out of date")
    assert all_tables() == before


def test_the_button_of_the_page_has_its_csrf_token(user):
    client = Client(enforce_csrf_checks=True)
    open_link(client, LinkPurpose.VERIFY, link_of(user, LinkPurpose.VERIFY))

    response = press(
        client, LinkPurpose.VERIFY, csrfmiddlewaretoken=client.cookies["csrftoken"].value
    )

    assert heading(response) == "Your address is verified"


# --- The new password -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "Type a password."),
        ("short", "at least 8 characters"),
        ("12345678901", "entirely numeric"),
        ("password123", "too common"),
        ("x" * 1001, "at most 1000 characters"),
        ("a horse\x00that staples", "Null characters are not allowed."),
    ],
)
def test_a_password_that_is_refused_is_explained_beside_the_field(client, user, password, says):
    open_link(client, LinkPurpose.RESET, link_of(user, LinkPurpose.RESET))
    before = all_tables()

    response = client.post(PAGES[LinkPurpose.RESET], {"password": password})

    assert response.status_code == 400
    assert says in text(response)
    html = response.content.decode()
    assert 'id="id_password_error"' in html
    assert 'aria-invalid="true"' in html
    assert "id_password_error" in html.partition('<input type="password"')[2]
    assert "<title>Error:" in html
    assert f'value="{password}"' not in html
    assert all_tables() == before
    assert heading(press(client, LinkPurpose.RESET)) == "Your password was changed"


def test_a_password_typed_twice_must_be_the_same(client, user):
    open_link(client, LinkPurpose.RESET, link_of(user, LinkPurpose.RESET))

    refused = client.post(
        PAGES[LinkPurpose.RESET], {"password": PASSWORD, "again": "something else"}
    )
    missing = client.post(PAGES[LinkPurpose.RESET], {"password": PASSWORD, "again": ""})

    assert "The two are not the same" in text(refused)
    assert "The two are not the same" in text(missing)
    assert heading(press(client, LinkPurpose.RESET, again=PASSWORD)) == "Your password was changed"


# --- Links that do not work -----------------------------------------------------------------------


def used(user, purpose, token):
    client = Client()
    open_link(client, purpose, token)
    assert press(client, purpose).status_code == 200


def expire(user, purpose, token):
    AccountLink.objects.update(expires_at=F("created_at") - timedelta(seconds=1))


def deactivate(user, purpose, token):
    User.objects.update(is_active=False)


FAULTS = {
    "This link was used already": used,
    "This link has expired": expire,
    "This link is no longer valid": deactivate,
}


@pytest.mark.parametrize("purpose", PAGES)
@pytest.mark.parametrize("says", FAULTS)
def test_a_link_that_worked_once_is_a_410_that_says_why(client, user, purpose, says):
    token = link_of(user, purpose)
    FAULTS[says](user, purpose, token)
    before = all_tables()

    for response in (open_link(client, purpose, token), press(client, purpose)):
        assert (response.status_code, heading(response)) == (410, says)
    assert all_tables() == before


@pytest.mark.parametrize("purpose", PAGES)
@pytest.mark.parametrize(
    "bad",
    ["", "x", "made-up-but-of-the-right-kind-of-characters", "a" * 5000, "a b", "a\x00b", "a;b=c",
     "a\r\nSet-Cookie: x=y", "<script>", "ß", "\ud7ff"],
)  # fmt: skip
def test_a_link_that_was_cut_off_or_made_up_is_a_400(client, user, purpose, bad):
    before = all_tables()

    for response in (open_link(client, purpose, bad), press(client, purpose)):
        assert response.status_code == 400
        assert "mail" in text(response)
        assert "<script>" not in response.content.decode()
    assert all_tables() == before


@pytest.mark.parametrize("purpose", PAGES)
def test_a_link_for_something_else_does_nothing(client, user, purpose):
    other = next(one for one in PAGES if one != purpose)
    token = link_of(user, other)
    before = all_tables()

    for response in (open_link(client, purpose, token), press(client, purpose)):
        assert (response.status_code, heading(response)) == (400, "This link is not complete")
    assert all_tables() == before


def test_a_cookie_that_somebody_made_up_does_nothing(client, user):
    for bad in ("\x00", "x" * 4000, "a;b", "ß"):
        client.cookies["link"] = bad
        assert press(client, LinkPurpose.VERIFY).status_code == 400


def test_a_new_address_that_was_taken_meanwhile_is_refused(client, user):
    token = link_of(user, LinkPurpose.CHANGE_EMAIL)
    make_user(email="new@example.com")
    open_link(client, LinkPurpose.CHANGE_EMAIL, token)

    response = press(client, LinkPurpose.CHANGE_EMAIL)

    assert (response.status_code, heading(response)) == (400, "This address cannot be used")


def test_a_reset_link_that_does_not_work_leads_to_the_page_that_mails_another(client):
    response = open_link(client, LinkPurpose.RESET, "made-up")

    assert 'href="/password-reset/"' in response.content.decode()


# --- Asking for a new password --------------------------------------------------------------------


def test_asking_is_recorded_and_the_page_is_alike_for_every_address(client, user):
    pages = set()
    for email in (user.email, "nobody@example.com"):
        response = client.post("/password-reset/", {"email": email}, headers=GERMAN)
        assert response.status_code == 200
        pages.add(text(response).replace(email, "ADDRESS"))

    assert len(pages) == 1
    assert list(AccountEvent.objects.values_list("kind", "email", "language", "user")) == [
        ("reset_asked", user.email, "de", None),
        ("reset_asked", "nobody@example.com", "de", None),
    ]


@pytest.mark.parametrize(
    "email",
    ["", "x", "a@b", "a@example.com\r\nBcc: b@example.com", "a@example.com,b@example.com",
     "Name <a@example.com>", "a\x00@example.com", "a" * 300 + "@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_explained_beside_the_field(client, email):
    response = client.post("/password-reset/", {"email": email})

    assert response.status_code == 400
    assert 'id="id_email_error"' in response.content.decode()
    assert not AccountEvent.objects.exists()


def test_too_many_requests_are_a_429_that_says_when_to_try_again(client, settings):
    settings.RESET_LIMIT = 2
    for _ in range(2):
        assert client.post("/password-reset/", {"email": "a@example.com"}).status_code == 200
    before = AccountEvent.objects.count()

    response = client.post("/password-reset/", {"email": "a@example.com"})

    assert (response.status_code, heading(response)) == (429, "Too many attempts")
    assert int(response["Retry-After"]) > 0
    assert "Try again in" in text(response)
    assert AccountEvent.objects.count() == before


# --- German ---------------------------------------------------------------------------------------


def test_the_pages_of_links_speak_german(client, user):
    for purpose, title in {
        LinkPurpose.VERIFY: "Bestätigen Sie Ihre Adresse",
        LinkPurpose.RESET: "Neues Passwort festlegen",
        LinkPurpose.CHANGE_EMAIL: "Adresse ändern",
    }.items():
        client.get(PAGES[purpose], {"token": link_of(user, purpose)})
        response = client.get(PAGES[purpose], headers=GERMAN)
        assert heading(response) == title


def test_a_refused_password_is_explained_in_german(client, user):
    open_link(client, LinkPurpose.RESET, link_of(user, LinkPurpose.RESET))

    response = client.post(PAGES[LinkPurpose.RESET], {"password": "kurz"}, headers=GERMAN)

    assert "Dieses Passwort ist zu kurz" in text(response)
    assert "password" not in text(response)


def test_the_page_asks_whether_one_opened_the_account(client, user):
    """A stranger may have opened it with my address, and would get what I booked as a guest."""
    shown = text(open_link(client, LinkPurpose.VERIFY, link_of(user, LinkPurpose.VERIFY)))
    assert f"Somebody opened an account here with {user.address} . Was it you?" in shown
    assert "bookings that you made with this address become that account's" in shown


def test_the_page_asks_a_guest_whether_it_booked(client):
    guest = User.objects.create(email=None, contact_email="guest@example.com", name="G")
    shown = text(open_link(client, LinkPurpose.VERIFY, link_of(guest, LinkPurpose.VERIFY)))
    assert "Somebody gave guest@example.com here to book. Was it you?" in shown
    assert "account" not in shown
