"""Accounts over HTTP: the responses, and that no request breaks them."""

import time

import pytest
from rest_framework.test import APIClient

from marquee.accounts.models import RefreshToken, User
from tests.accounts.people import (
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    forge,
    live_tokens,
    log_in,
    make_user,
)

pytestmark = pytest.mark.django_db
SIGN_UP = {"email": EMAIL, "password": PASSWORD, "name": "Alice Liddell"}
LOG_IN = {"email": EMAIL, "password": PASSWORD}
WRONG = LOG_IN | {"password": "wrong"}


@pytest.fixture
def anonymous_client():
    return APIClient()


@pytest.fixture
def alice():
    return make_user()


@pytest.fixture
def alice_client(alice):
    return bearer(log_in().access)


def bearer(token):
    return APIClient(headers={"Authorization": f"Bearer {token}"})


def post(client, path, body=None, **options):
    return client.post(f"/api/v1/{path}", body, **options)


def check_problem(response, status, code, field=None):
    """Check that a response is this problem, in the form of RFC 9457."""
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (response.status_code, body["status"], body["code"]) == (status, status, code)
    if field is not None:
        assert field in [error["field"] for error in body["errors"]]
    return body


def test_signing_up_returns_the_profile_and_tokens(anonymous_client):
    response = post(anonymous_client, "auth/signup/", SIGN_UP | {"email": "Alice@Example.com"})
    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
    assert set(body) == {"user", "access", "refresh"}
    user = body["user"]
    assert user.pop("created_at").endswith("Z")
    usual = {
        "email": EMAIL,
        "email_verified": False,
        "pending_email": None,
        "name": "Alice Liddell",
        "language": "",
        "is_guest": False,
        "is_staff": False,
        "roles": [],
    }
    assert user == {"id": User.objects.get().pk} | usual
    assert bearer(body["access"]).get("/api/v1/me/").json()["email"] == EMAIL


def test_signing_up_with_a_taken_address_names_the_field(anonymous_client, alice):
    response = post(anonymous_client, "auth/signup/", SIGN_UP | {"email": EMAIL.upper()})
    body = check_problem(response, 400, "email_taken", field="email")
    assert body["errors"][0]["code"] == "email_taken"
    assert User.objects.count() == 1


def test_signing_up_with_a_weak_password_names_the_field(anonymous_client):
    response = post(anonymous_client, "auth/signup/", SIGN_UP | {"password": "alice"})
    check_problem(response, 400, "weak_password", field="password")


def test_logging_in_returns_tokens_that_no_cache_stores(anonymous_client, alice):
    response = post(anonymous_client, "auth/login/", LOG_IN)
    assert (response.status_code, set(response.json())) == (200, {"access", "refresh"})
    assert response.headers["Cache-Control"] == "no-store"


def test_an_unknown_email_address_and_a_wrong_password_get_the_same_response(
    anonymous_client, alice
):
    wrong = post(anonymous_client, "auth/login/", LOG_IN | {"password": "wrong"})
    unknown = post(anonymous_client, "auth/login/", LOG_IN | {"email": "nobody@example.com"})
    check_problem(wrong, 401, "bad_credentials")
    assert wrong.content == unknown.content
    assert wrong.headers["WWW-Authenticate"] == "Bearer"


def test_spaces_around_a_password_are_part_of_it(anonymous_client):
    make_user(password=f" {PASSWORD} ")
    assert post(anonymous_client, "auth/login/", LOG_IN).status_code == 401
    response = post(anonymous_client, "auth/login/", LOG_IN | {"password": f" {PASSWORD} "})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "setting"),
    [("auth/login/", WRONG, "LOGIN_LIMIT"), ("auth/signup/", SIGN_UP, "SIGNUP_LIMIT")],
)
def test_over_the_limit_the_response_has_a_retry_after(
    anonymous_client, settings, path, body, setting
):
    setattr(settings, setting, 1)
    post(anonymous_client, path, body)
    response = post(anonymous_client, path, body)
    body = check_problem(response, 429, "too_many_attempts")
    assert 1 <= int(response.headers["Retry-After"]) == body["retry_after"] <= 60


def test_a_forged_forwarded_header_gives_no_more_attempts(anonymous_client, alice, settings):
    settings.LOGIN_LIMIT = 1
    codes = [
        post(anonymous_client, "auth/login/", WRONG, headers={"X-Forwarded-For": hop}).status_code
        for hop in ("192.0.2.7", "192.0.2.8")
    ]
    assert codes == [401, 429]


def test_refreshing_returns_the_next_pair_and_repeats_it_until_that_is_used(
    anonymous_client, alice
):
    token = {"refresh": log_in().refresh}
    first = post(anonymous_client, "auth/refresh/", token)
    assert (first.status_code, set(first.json())) == (200, {"access", "refresh"})
    assert first.headers["Cache-Control"] == "no-store"
    again = post(anonymous_client, "auth/refresh/", token)
    assert (again.status_code, again.json()) == (200, first.json())
    assert bearer(again.json()["access"]).get("/api/v1/me/").status_code == 200
    second = post(anonymous_client, "auth/refresh/", {"refresh": first.json()["refresh"]})
    assert second.status_code == 200
    check_problem(post(anonymous_client, "auth/refresh/", token), 401, "bad_credentials")
    third = post(anonymous_client, "auth/refresh/", {"refresh": second.json()["refresh"]})
    assert third.status_code == 200


@pytest.mark.parametrize("gone", ["deleted", "deactivated"])
def test_refreshing_for_an_account_that_is_gone_is_401(anonymous_client, alice, gone):
    token = {"refresh": log_in().refresh}
    if gone == "deleted":
        alice.delete()
    else:
        alice.is_active = False
        alice.save()
    check_problem(post(anonymous_client, "auth/refresh/", token), 401, "bad_credentials")


def test_logging_out_is_204_as_often_as_asked(anonymous_client, alice):
    token = {"refresh": log_in().refresh}
    for _ in range(2):
        response = post(anonymous_client, "auth/logout/", token)
        assert (response.status_code, response.content) == (204, b"")
    check_problem(post(anonymous_client, "auth/refresh/", token), 401, "bad_credentials")


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(anonymous_client, alice):
    pair = log_in()
    for path in ("auth/refresh/", "auth/logout/"):
        check_problem(
            post(anonymous_client, path, {"refresh": pair.access}), 401, "bad_credentials"
        )
    check_problem(bearer(pair.refresh).get("/api/v1/me/"), 401, "not_authenticated")


def test_an_expired_access_token_does_not_prevent_logging_in(alice):
    assert post(bearer("stale"), "auth/login/", LOG_IN).status_code == 200


def test_the_profile_is_changed_in_part(alice_client):
    response = alice_client.patch("/api/v1/me/", {"name": "Alice Hargreaves"})
    assert (response.status_code, response.json()["name"]) == (200, "Alice Hargreaves")
    assert alice_client.get("/api/v1/me/").json() == response.json()
    assert response.json()["email"] == EMAIL


def test_changing_nothing_is_no_mistake(alice_client):
    assert alice_client.patch("/api/v1/me/", {}).json() == alice_client.get("/api/v1/me/").json()


def test_another_email_address_is_pending_and_part_of_the_etag(alice_client):
    before = alice_client.get("/api/v1/me/")
    body = {"email": "Liddell@Example.com", "password": PASSWORD}
    response = alice_client.patch("/api/v1/me/", body, headers={"If-Match": before.headers["ETag"]})
    assert response.status_code == 200
    assert response.json() == before.json() | {"pending_email": "liddell@example.com"}
    assert response.headers["ETag"] != before.headers["ETag"]
    late = alice_client.patch("/api/v1/me/", body, headers={"If-Match": before.headers["ETag"]})
    check_problem(late, 412, "precondition_failed")


def test_refreshing_over_the_limit_spends_nothing(anonymous_client, alice, settings):
    settings.REFRESH_LIMIT = 1
    first = post(anonymous_client, "auth/refresh/", {"refresh": log_in().refresh})
    response = post(anonymous_client, "auth/refresh/", {"refresh": first.json()["refresh"]})
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    check_problem(response, 429, "too_many_attempts")
    settings.REFRESH_LIMIT = 0
    assert (
        post(anonymous_client, "auth/refresh/", {"refresh": first.json()["refresh"]}).status_code
        == 200
    )


def test_mails_to_strangers_by_changing_ones_own_address_are_limited(alice_client, settings):
    settings.EMAIL_CHANGE_LIMIT = 2
    make_user("bob@example.com")
    body = {"email": "bob@example.com", "password": PASSWORD}
    codes = [alice_client.patch("/api/v1/me/", body).status_code for _ in range(4)]
    assert codes == [200, 200, 429, 429]
    body = {"email": "free@example.com", "name": "Mallory", "password": PASSWORD}
    response = alice_client.patch("/api/v1/me/", body)
    assert (
        int(response.headers["Retry-After"])
        == check_problem(response, 429, "too_many_attempts")["retry_after"]
    )
    assert alice_client.get("/api/v1/me/").json()["email"] == EMAIL
    assert alice_client.get("/api/v1/me/").json()["name"] == "Alice Liddell"
    assert alice_client.patch("/api/v1/me/", {"email": EMAIL, "name": "Al"}).status_code == 200


@pytest.mark.parametrize("field", ["is_staff", "is_superuser", "id", "password", "token_epoch"])
def test_nobody_gives_themselves_rights(alice_client, field):
    check_problem(alice_client.patch("/api/v1/me/", {field: 1}), 400, "invalid", field=field)
    assert not User.objects.get().is_staff


def test_a_new_password_revokes_every_other_token(anonymous_client, alice_client):
    old = log_in()
    body = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    response = post(alice_client, "me/password/", body)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    check_problem(alice_client.get("/api/v1/me/"), 401, "not_authenticated")
    check_problem(
        post(anonymous_client, "auth/refresh/", {"refresh": old.refresh}), 401, "bad_credentials"
    )
    fresh = response.json()
    assert bearer(fresh["access"]).get("/api/v1/me/").status_code == 200
    assert post(anonymous_client, "auth/refresh/", {"refresh": fresh["refresh"]}).status_code == 200


def test_a_wrong_old_password_is_bad_input_and_logs_nobody_out(alice_client):
    body = {"old_password": "wrong", "new_password": NEW_PASSWORD}
    check_problem(
        post(alice_client, "me/password/", body), 400, "wrong_password", field="old_password"
    )
    assert alice_client.get("/api/v1/me/").status_code == 200


def test_a_deleted_account_is_gone_at_once(anonymous_client, alice_client):
    refresh = log_in().refresh
    response = post(alice_client, "me/delete/", {"password": PASSWORD})
    assert (response.status_code, response.content) == (204, b"")
    check_problem(alice_client.get("/api/v1/me/"), 401, "not_authenticated")
    check_problem(
        post(anonymous_client, "auth/refresh/", {"refresh": refresh}), 401, "bad_credentials"
    )
    check_problem(post(anonymous_client, "auth/login/", LOG_IN), 401, "bad_credentials")
    assert post(anonymous_client, "auth/signup/", SIGN_UP).status_code == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "me/"),
        ("patch", "me/"),
        ("post", "me/delete/"),
        ("post", "me/password/"),
        ("post", "me/verify-email/"),
    ],
)
def test_ones_own_things_need_a_token(anonymous_client, method, path):
    response = getattr(anonymous_client, method)(f"/api/v1/{path}")
    check_problem(response, 401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


# --- Bad input: always a 4xx in the form of RFC 9457, and nothing changed -------------------------

BODIES = {
    "auth/signup/": SIGN_UP,
    "auth/login/": LOG_IN,
    "auth/refresh/": {"refresh": "x"},
    "auth/logout/": {"refresh": "x"},
    "me/password/": {"old_password": PASSWORD, "new_password": NEW_PASSWORD},
    "auth/verify-email/": {"token": "x"},
    "auth/password-reset/": {"email": EMAIL},
    "auth/password-reset/confirm/": {"token": "x", "password": NEW_PASSWORD},
    "auth/change-email/confirm/": {"token": "x"},
}
FIELDS = [(path, field) for path, body in BODIES.items() for field in body]
ODD_VALUES = {
    "null": None,
    "true": True,
    "a list": ["x"],
    "an object": {"x": "y"},
    "empty": "",
    "NUL": "alice\0@example.com",
    "very long": "a" * 5000 + "@example.com",
}


@pytest.fixture
def anybody(anonymous_client, alice_client):
    """Return the client that may use a path."""
    return lambda path: alice_client if path.startswith("me/") else anonymous_client


@pytest.mark.parametrize(("path", "field"), FIELDS)
@pytest.mark.parametrize("odd", ODD_VALUES.values(), ids=ODD_VALUES.keys())
def test_an_odd_value_is_named(anybody, path, field, odd):
    response = post(anybody(path), path, BODIES[path] | {field: odd})
    check_problem(response, 400, "invalid", field=field)
    assert (User.objects.count(), live_tokens()) == (1, 1)


@pytest.mark.parametrize(("path", "field"), FIELDS)
def test_a_missing_field_is_named(anybody, path, field):
    body = {name: value for name, value in BODIES[path].items() if name != field}
    check_problem(post(anybody(path), path, body), 400, "invalid", field=field)


@pytest.mark.parametrize("path", BODIES)
def test_an_unknown_field_is_named(anybody, path):
    body = BODIES[path] | {"is_staff": True}
    check_problem(post(anybody(path), path, body), 400, "invalid", field="is_staff")
    assert User.objects.count() == 1


RAW = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "a number": b"7",
    "NaN": b'{"email": NaN}',
    "an infinity": b'{"email": 1e999}',
    "5,000 digits": b'{"email": ' + b"9" * 5000 + b"}",
    "lone surrogate": rb'{"email": "\ud800@example.com", "refresh": "\ud800"}',
    "bad UTF-8": b'{"email": "\xff"}',
    "deep": b"[" * 100_000,
    "deep in a field": b'{"email": ' + b"[" * 5000 + b"]" * 5000 + b"}",
}


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("raw", RAW.values(), ids=RAW.keys())
def test_an_odd_body_is_refused(anybody, path, raw):
    response = post(anybody(path), path, raw, content_type="application/json")
    check_problem(response, 400, "invalid")


@pytest.mark.parametrize("path", BODIES)
def test_a_megabyte_is_too_large(anybody, path):
    raw = b'{"email": "' + b"a" * 1_000_000 + b'"}'
    check_problem(post(anybody(path), path, raw, content_type="application/json"), 413, "too_large")


@pytest.mark.parametrize("path", BODIES)
def test_a_form_is_no_json(anybody, path):
    response = post(
        anybody(path), path, b"email=x", content_type="application/x-www-form-urlencoded"
    )
    check_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("path", [*BODIES, "me/"])
def test_other_methods_are_not_done_here(anybody, path):
    check_problem(anybody(path).put(f"/api/v1/{path}", {}), 405, "method_not_allowed")


def test_an_address_that_grows_in_lower_case_is_too_long(anonymous_client):
    # In lower case the Turkish capital I with a dot is two characters.
    email = "a@" + ".".join(["İ" * 60] * 4) + ".example"
    assert len(email) <= 254 < len(email.lower())
    response = post(anonymous_client, "auth/signup/", SIGN_UP | {"email": email})
    check_problem(response, 400, "invalid", field="email")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"exp": None}, id="never expires"),
        pytest.param({"token_type": "refresh"}, id="other type"),
        pytest.param({"iss": "somebody"}, id="other issuer"),
        pytest.param({"aud": "somebody"}, id="other audience"),
        pytest.param({"key": "k" * 40}, id="other key"),
        pytest.param({"algorithm": "none"}, id="no signature"),
        pytest.param({"user_id": None}, id="no user"),
        pytest.param({"user_id": "x"}, id="odd user"),
        pytest.param({"user_id": "4000000000"}, id="unknown user"),
        pytest.param({"epoch": None}, id="no epoch"),
        pytest.param({"epoch": 1}, id="other epoch"),
    ],
)
def test_an_access_token_with_other_claims_is_refused(alice, changes):
    token = log_in().access
    assert bearer(forge(token)).get("/api/v1/me/").status_code == 200
    response = bearer(forge(token, **changes)).get("/api/v1/me/")
    expected = "token_expired" if changes == {"exp": 1} else "not_authenticated"
    check_problem(response, 401, expected)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer a b",
        "Bearer \u00e9.\u00e9.\u00e9",
        "Bearer \0",
        "Basic YWxpY2U6eA==",
        "x",
        "Bearer " + "." * 10_000,
        "Bearer " + "W1tb" * 5_000 + ".e30.AAAA",
    ],
)
def test_an_odd_authorization_header_is_refused(anonymous_client, header):
    response = anonymous_client.get("/api/v1/me/", headers={"Authorization": header})
    check_problem(response, 401, "not_authenticated")


def test_a_refused_refresh_stores_nothing(anonymous_client, alice):
    for token in ("x", "a.b.c", "W1tb" * 400 + ".e30.AAAA"):
        check_problem(
            post(anonymous_client, "auth/refresh/", {"refresh": token}), 401, "bad_credentials"
        )
    assert not RefreshToken.objects.exists()


def test_a_token_of_a_host_whose_clock_is_a_little_ahead_is_good(alice):
    token = forge(log_in().access, iat=int(time.time()) + 10)
    assert bearer(token).get("/api/v1/me/").status_code == 200
