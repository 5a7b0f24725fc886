"""Links over HTTP: asking for them and using them, with the same response for every address."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from marquee.accounts.models import AccountEvent, AttemptCount, User
from marquee.accounts.states import LinkPurpose
from tests.accounts.people import (
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    ask_for_address,
    log_in,
    make_token,
    make_user,
)
from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import book_seats, make_show

pytestmark = pytest.mark.django_db
NEW_EMAIL = "liddell@example.com"
PATHS = {
    LinkPurpose.VERIFY: "auth/verify-email/",
    LinkPurpose.RESET: "auth/password-reset/confirm/",
    LinkPurpose.CHANGE_EMAIL: "auth/change-email/confirm/",
}
# They follow the address in the body; each request has an id of its own.
VARYING = {"ETag", "Content-Length", "X-Request-ID"}


@pytest.fixture
def alice():
    return make_user()


@pytest.fixture
def alice_client(alice):
    return APIClient(headers={"Authorization": f"Bearer {log_in().access}"})


def post(path, body=None, client=None, **options):
    return (client or APIClient()).post(f"/api/v1/{path}", body, format="json", **options)


def profile(client):
    return client.get("/api/v1/me/").json()


def test_verifying_is_204_once_and_shows_in_the_profile(alice, alice_client):
    assert profile(alice_client)["email_verified"] is False
    body = {"token": make_token(alice, LinkPurpose.VERIFY)}
    response = post("auth/verify-email/", body)
    assert (response.status_code, response.content) == (204, b"")
    assert profile(alice_client)["email_verified"] is True
    again = post("auth/verify-email/", body)
    problem = check_problem(again, 400, "bad_link")
    assert (problem["reason"], problem["errors"][0]["field"]) == ("used", "token")
    check_response("auth/verify-email/", "post", again)


@pytest.mark.parametrize("purpose", list(PATHS))
def test_a_proved_address_gets_the_bookings_of_its_guests(alice, purpose):
    address = NEW_EMAIL if purpose == LinkPurpose.CHANGE_EMAIL else EMAIL
    ask_for_address(alice, NEW_EMAIL)
    guest = User.objects.create(email=None, contact_email=address, name="A")
    booking = book_seats(guest, make_show(), "A1")
    fields = {"password": NEW_PASSWORD} if purpose == LinkPurpose.RESET else {}
    token = make_token(alice, purpose)
    assert post(PATHS[purpose], {"token": token} | fields).status_code == 204
    booking.refresh_from_db()
    assert booking.user == alice


def test_the_language_of_the_request_is_for_the_mail(alice, alice_client):
    german = {"headers": {"Accept-Language": "de-AT"}}
    post("auth/password-reset/", {"email": EMAIL}, **german)
    post("me/verify-email/", client=alice_client, **german)
    change = {"email": NEW_EMAIL, "password": PASSWORD}
    alice_client.patch("/api/v1/me/", change, format="json", **german)
    token = make_token(alice, LinkPurpose.CHANGE_EMAIL)
    post("auth/change-email/confirm/", {"token": token}, **german)
    new = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    post("me/password/", new, alice_client, **german)
    assert set(AccountEvent.objects.values_list("language", flat=True)) == {"de"}


def test_a_verification_is_mailed_again_up_to_the_limit(alice, alice_client, settings):
    settings.VERIFY_LIMIT = 2
    answers = [post("me/verify-email/", client=alice_client) for _ in range(3)]
    assert [(one.status_code, one.content) for one in answers[:2]] == [(202, b"")] * 2
    problem = check_problem(answers[2], 429, "too_many_attempts")
    assert int(answers[2].headers["Retry-After"]) == problem["retry_after"]
    assert AccountEvent.objects.count() == 2


def test_asking_for_a_verification_takes_no_fields(alice_client):
    check_problem(post("me/verify-email/", {"email": NEW_EMAIL}, alice_client), 400, "invalid")
    assert not AccountEvent.objects.exists()


def test_a_reset_by_link_ends_every_token(alice, alice_client):
    assert post("auth/password-reset/", {"email": EMAIL}).status_code == 202
    body = {"token": make_token(alice, LinkPurpose.RESET), "password": NEW_PASSWORD}
    response = post("auth/password-reset/confirm/", body)
    assert (response.status_code, response.content) == (204, b"")
    check_problem(alice_client.get("/api/v1/me/"), 401, "not_authenticated")
    assert post("auth/login/", {"email": EMAIL, "password": NEW_PASSWORD}).status_code == 200


def test_a_weak_password_is_named_and_the_link_still_works(alice):
    body = {"token": make_token(alice, LinkPurpose.RESET), "password": "12345678"}
    response = post("auth/password-reset/confirm/", body)
    assert check_problem(response, 400, "weak_password")["errors"][0]["field"] == "password"
    body["password"] = NEW_PASSWORD
    assert post("auth/password-reset/confirm/", body).status_code == 204


def test_another_address_is_the_login_once_its_link_was_used(alice, alice_client):
    asked = alice_client.patch("/api/v1/me/", {"email": NEW_EMAIL, "password": PASSWORD})
    assert (asked.json()["email"], asked.json()["pending_email"]) == (EMAIL, NEW_EMAIL)
    check_response("me/", "patch", asked)
    body = {"token": make_token(alice, LinkPurpose.CHANGE_EMAIL)}
    assert post("auth/change-email/confirm/", body).status_code == 204
    now = profile(alice_client)
    assert (now["email"], now["pending_email"], now["email_verified"]) == (NEW_EMAIL, None, True)


ODD_ADDRESSES = {
    "line break": "alice@example.com\nBcc: bob@example.com",
    "carriage return": "alice@example.com\r\nX: y",
    "two addresses": "alice@example.com,bob@example.com",
    "two addresses, a semicolon": "alice@example.com;bob@example.com",
    "two addresses, a space": "alice@example.com bob@example.com",
    "a name before": "Bob <bob@example.com>",
    "angle brackets": "<bob@example.com>",
    "a second address in quotes, without a blank": '"bob@example.com,x"@example.com',
    "angle brackets in quotes": '"<bob@example.com>"@example.com',
    "the address of a mail server": "alice@[127.0.0.1]",
    "a second address in quotes": '"bob@example.com, x"@example.com',
    "a line break in quotes": '"a\nb"@example.com',
    "a control character in quotes": '"a\x01b"@example.com',
    "a line separator": "alice@example.com\u2028bob@example.com",
    "a comment": "alice(bob@example.com)@example.com",
    "a NUL": "alice\0@example.com",
    "a route": "@example.org:alice@example.com",
    "a letter that folds to one of ASCII": "bo\u017fs@example.com",
    "a domain that is nobody's": "alice@deleted.invalid",
    "a domain too long for DNS": f"alice@{'ü.' * 110}example.com",
}


@pytest.mark.parametrize("email", ODD_ADDRESSES.values(), ids=ODD_ADDRESSES.keys())
@pytest.mark.parametrize("door", ["auth/password-reset/", "auth/signup/", "me/", "auth/login/"])
def test_an_address_that_is_not_exactly_one_is_refused(alice, alice_client, door, email):
    body = {"email": email}
    if door != "auth/password-reset/":
        body["password"] = PASSWORD
    if door == "auth/signup/":
        body["name"] = "Mallory"
    if door == "me/":
        response = alice_client.patch("/api/v1/me/", body, format="json")
    else:
        response = post(door, body)
    problem = check_problem(response, 400, "invalid")
    assert {error["field"] for error in problem["errors"]} == {"email"}
    assert not AccountEvent.objects.exists()
    assert list(User.objects.values_list("email", "pending_email")) == [(EMAIL, "")]


# --- Who has an account: text, status, headers and statements are the same -----------------------


def shape(response, statements):
    """Return all that a client could compare: the response, and the work that it took."""
    headers = {name: value for name, value in response.headers.items() if name not in VARYING}
    return (
        response.status_code,
        response.content,
        headers,
        [re.sub(r"s\d+_x\d+|'[^']*'", "?", one["sql"])[:200] for one in statements],
    )


def observe(request):
    with CaptureQueriesContext(connection) as statements:
        response = request()
    return shape(response, statements)


@pytest.fixture
def everybody():
    """Make accounts of all kinds, and return an address of each kind, and of nobody."""
    make_user("bob@example.com")
    make_user("off@example.com", is_active=False)
    User.objects.create_user("none@example.com", None, name="None")
    User.objects.create(email=None, contact_email="guest@example.com", name="G")
    return ["bob@example.com", "off@example.com", "none@example.com", "guest@example.com"]


def replaced(seen, email):
    status, content, headers, statements = seen
    return status, content.replace(email.encode(), b"?"), headers, statements


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("auth/password-reset/", {}),
        ("auth/login/", {"password": "wrong"}),
    ],
)
def test_no_door_says_whether_an_address_has_an_account(everybody, path, body, settings):
    settings.LOGIN_LIMIT = settings.RESET_LIMIT = 9
    seen = []
    for number, email in enumerate([*everybody, "nobody@example.com"]):
        client = {"REMOTE_ADDR": f"192.0.2.{number}"}
        seen.append(observe(lambda e=email, c=client: post(path, body | {"email": e}, **c)))
    assert seen == [seen[0]] * len(seen)


@pytest.mark.parametrize("path", ["auth/password-reset/", "auth/login/"])
def test_a_limit_says_as_little(everybody, path, settings):
    settings.RESET_LIMIT = settings.LOGIN_LIMIT = 1
    body = {"password": "wrong"} if "login" in path else {}
    seen = []
    for number, email in enumerate([*everybody, "nobody@example.com"]):
        client = {"REMOTE_ADDR": f"192.0.2.{number}"}
        AttemptCount.objects.all().delete()
        post(path, body | {"email": email}, **client)
        seen.append(observe(lambda e=email, c=client: post(path, body | {"email": e}, **c)))
    assert [one[0] for one in seen] == [429] * 5
    assert len({str(one[3]) for one in seen}) == 1
    assert {one[1].split(b"Try again")[0] for one in seen} == {seen[0][1].split(b"Try again")[0]}


def test_asking_for_another_address_says_not_whether_it_has_an_account(
    everybody, alice_client, settings
):
    settings.EMAIL_CHANGE_LIMIT = 9
    seen = []
    for email in [*everybody, "nobody@example.com"]:
        body = {"email": email, "password": PASSWORD}
        one = observe(lambda b=body: alice_client.patch("/api/v1/me/", b, format="json"))
        seen.append(replaced(one, email))
    assert seen == [seen[0]] * len(seen)


@pytest.mark.parametrize("path", ["auth/verify-email/", "auth/change-email/confirm/"])
def test_made_up_tokens_get_one_response_after_one_look(everybody, path, alice):
    used = make_token(alice, LinkPurpose.RESET)  # of another purpose
    seen = [observe(lambda t=token: post(path, {"token": t})) for token in ("x" * 43, used)]
    assert seen[0] == seen[1]
    assert check_problem(post(path, {"token": "x" * 43}), 400, "bad_link")["reason"] == "unknown"
