"""Guests over HTTP: they book like any other customer, and reach nothing else."""

import pytest

from marquee.accounts.models import AccountEvent, AddressKey, User
from marquee.accounts.operations import make_link
from marquee.accounts.states import LinkPurpose
from marquee.booking.models import Booking
from tests.accounts.people import EMAIL, PASSWORD, make_user
from tests.api.test_accounts import anonymous_client, bearer, check_problem, post  # noqa: F401
from tests.factories import client_of, make_show

pytestmark = pytest.mark.django_db
GUEST = {"email": EMAIL, "name": "Alice Liddell"}


@pytest.fixture
def show():
    return make_show()


def begin(**fields):
    """Return the body of the response, and a client with its access token."""
    response = post(client_of(), "auth/guest/", GUEST | fields)
    assert response.status_code == 201, response.content
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
    return body, bearer(body["access"])


def book(client, show, *seats, **fields):
    body = {"tickets": [{"seat": seat} for seat in seats]} | fields
    return post(client, f"shows/{show.pk}/bookings/", body)


def test_a_guest_books_holds_confirms_cancels_and_lists_like_any_other(show):
    body, client = begin()
    assert (body["user"]["email"], body["user"]["is_guest"]) == (EMAIL, True)
    booked = book(client, show, "A1").json()["reference"]
    held = book(client, show, "A2", hold=True).json()["reference"]
    assert post(client, f"bookings/{held}/confirm/").status_code == 200
    assert post(client, f"bookings/{booked}/cancel/").status_code == 200
    listed = client.get("/api/v1/bookings/").json()["results"]
    assert {row["reference"]: row["status"] for row in listed} == {
        held: "confirmed",
        booked: "cancelled",
    }
    refreshed = post(client_of(), "auth/refresh/", {"refresh": body["refresh"]}).json()
    assert bearer(refreshed["access"]).get(f"/api/v1/bookings/{held}/").status_code == 200


def test_a_guest_never_gets_an_account_or_an_earlier_booking(show):
    alice = make_user()
    _, earlier = begin()
    reference = book(earlier, show, "A1").json()["reference"]
    body, client = begin()
    assert body["user"]["id"] != alice.pk
    assert client.get("/api/v1/bookings/").json()["results"] == []
    assert client.get(f"/api/v1/bookings/{reference}/").status_code == 404
    assert post(client, f"bookings/{reference}/cancel/").status_code == 404
    alice.refresh_from_db()
    assert (alice.email, alice.name, alice.token_epoch) == (EMAIL, "Alice Liddell", 0)


def test_the_response_is_alike_for_a_known_and_an_unknown_address(django_assert_num_queries):
    def alike(body):
        return {**body["user"], "id": 0, "created_at": 0, "email": 0}

    with django_assert_num_queries(7):
        unknown, _ = begin(email="nobody@example.com")
    make_user()
    begin()
    with django_assert_num_queries(7):
        known, _ = begin()
    assert alike(known) == alike(unknown)
    assert known.keys() == unknown.keys()


def test_the_history_begins_with_the_guest():
    body, _ = begin()
    event = AccountEvent.objects.get()
    assert (event.user_id, event.kind, event.email) == (body["user"]["id"], "guest", EMAIL)


def test_seat_limits_count_by_the_address_of_guests_and_accounts_in_any_spelling(show, settings):
    settings.SEAT_LIMIT = settings.UNPAID_SEAT_LIMIT = 3
    settings.UNPAID_CLIENT_SEAT_LIMIT = 0
    alice = make_user()
    assert book(client_of(alice), show, "A1").status_code == 201
    _, first = begin(email="ALICE@example.com")
    assert book(first, show, "A2", "A3").status_code == 201
    _, second = begin()
    problem = check_problem(book(second, show, "A4"), 409, "seat_limit")
    assert problem["left"] == 0
    assert AddressKey.objects.values("key").distinct().count() == 1
    _, other = begin(email="bob@example.com")
    assert book(other, show, "A4").status_code == 201


@pytest.mark.parametrize(
    ("path", "method", "body"),
    [
        ("me/password/", "post", {"old_password": PASSWORD, "new_password": f"{PASSWORD} 2"}),
        ("me/", "patch", {"email": "bob@example.com", "password": PASSWORD}),
    ],
)
def test_a_guest_is_told_that_it_has_no_password(path, method, body):
    _, client = begin()
    response = getattr(client, method)(f"/api/v1/{path}", body)
    check_problem(response, 409, "guest_account")
    assert User.objects.get().contact_email == EMAIL


def test_nobody_logs_in_as_a_guest():
    begin()
    response = post(client_of(), "auth/login/", {"email": EMAIL, "password": PASSWORD})
    check_problem(response, 401, "bad_credentials")


def test_a_guest_reads_its_profile_and_changes_its_name():
    body, client = begin()
    assert client.get("/api/v1/me/").json() == body["user"]
    changed = client.patch("/api/v1/me/", {"name": "Alice Hargreaves"})
    assert (changed.status_code, changed.json()["name"]) == (200, "Alice Hargreaves")
    guest = User.objects.get()
    assert (guest.email, guest.email_key, guest.contact_email) == (None, None, EMAIL)
    assert "hargreaves" in guest.search_text
    assert EMAIL in guest.search_text


def test_guests_do_not_take_an_address_from_those_who_sign_up():
    begin()
    fields = GUEST | {"password": PASSWORD}
    assert post(client_of(), "auth/signup/", fields).status_code == 201
    begin()


def test_new_guests_are_limited_by_client(settings):
    settings.GUEST_LIMIT = 1
    begin()
    response = post(client_of(), "auth/guest/", GUEST | {"email": "bob@example.com"})
    check_problem(response, 429, "too_many_attempts")
    assert int(response.headers["Retry-After"]) > 0
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a@example.com,b@example.com"}, "email"),
        ({"email": "a@example.com\nBcc: b@example.com"}, "email"),
        ({"name": "Alice\r\nBcc: b@example.com"}, "name"),
        ({"name": " "}, "name"),
        ({"name": "A" * 151}, "name"),
        ({"password": PASSWORD}, "password"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_made(fields, field):
    response = post(client_of(), "auth/guest/", GUEST | fields)
    check_problem(response, 400, "invalid", field)
    assert not User.objects.exists()


# --- Where addresses must be verified first -------------------------------------------------------


def test_one_may_book_before_verifying_the_address(show):
    _, client = begin()
    assert book(client, show, "A1").status_code == 201


def test_where_addresses_must_be_verified_nobody_books_or_holds_before(show, settings):
    settings.BOOK_BEFORE_VERIFYING = False
    _, client = begin()
    for customer in (client, client_of(make_user())):
        for hold in (True, False):
            refused = check_problem(
                book(customer, show, "A1", hold=hold), 409, "email_not_verified"
            )
            assert "link in the mail" in refused["detail"]
    assert not Booking.objects.exists()
    User.objects.update(email_verified_at="2026-01-01T00:00Z")
    assert book(client, show, "A1").status_code == 201


def test_where_guests_get_a_mail_at_once_one_address_gets_few(settings):
    settings.BOOK_BEFORE_VERIFYING, settings.VERIFY_LIMIT = False, 1
    begin()
    response = post(client_of(), "auth/guest/", GUEST | {"email": EMAIL.upper()})
    check_problem(response, 429, "too_many_attempts")
    begin(email="bob@example.com")
    assert User.objects.count() == 2


def test_a_guest_books_after_it_used_the_link_in_its_mail(show, settings):
    settings.BOOK_BEFORE_VERIFYING = False
    _, client = begin()
    guest = User.objects.get()
    token = make_link(user=guest, purpose=LinkPurpose.VERIFY, email=guest.address)
    assert post(client_of(), "auth/verify-email/", {"token": token}).status_code == 204
    assert book(client, show, "A1").status_code == 201


# --- Links that prove the address of an account ---------------------------------------------------


@pytest.mark.parametrize(
    ("purpose", "path", "fields"),
    [
        (LinkPurpose.VERIFY, "auth/verify-email/", {}),
        (LinkPurpose.RESET, "auth/password-reset/confirm/", {"password": "staple wagon meadow"}),
        (LinkPurpose.CHANGE_EMAIL, "auth/change-email/confirm/", {}),
    ],
)
def test_bookings_join_the_account_whose_address_a_link_proves(show, purpose, path, fields):
    alice, (_, client) = make_user("old@example.com"), begin()
    if purpose == LinkPurpose.CHANGE_EMAIL:
        User.objects.filter(pk=alice.pk).update(pending_email=EMAIL)
    else:
        User.objects.filter(pk=alice.pk).update(email=EMAIL, email_key=EMAIL)
    alice.refresh_from_db()
    reference = book(client, show, "A1").json()["reference"]
    token = make_link(user=alice, purpose=purpose, email=EMAIL)
    bad = post(client_of(), path, {"token": f"{token}x"} | fields)
    check_problem(bad, 400, "bad_link", "token")
    assert Booking.objects.get().user.is_guest
    assert post(client_of(), path, {"token": token} | fields).status_code == 204
    assert Booking.objects.get().user == alice
    assert client.get(f"/api/v1/bookings/{reference}/").status_code == 401
    alice.refresh_from_db()
    assert client_of(alice).get(f"/api/v1/bookings/{reference}/").status_code == 200


# --- A guest deletes its data ---------------------------------------------------------------------


def test_a_guest_deletes_its_data_by_a_link_that_works_once(show):
    _, client = begin()
    guest, booked = User.objects.get(), book(client, show, "A1").json()["reference"]
    assert post(client, "me/delete/", {}).status_code == 202
    assert AccountEvent.objects.latest("pk").kind == "close_asked"
    guest.refresh_from_db()
    assert guest.contact_email == EMAIL
    token = make_link(user=guest, purpose=LinkPurpose.CLOSE, email=EMAIL)
    unsaid = post(client_of(), "auth/delete/confirm/", {"token": token})
    assert check_problem(unsaid, 409, "upcoming_bookings")["bookings"] == [booked]
    body = {"token": token, "bookings": "cancel"}
    assert post(client_of(), "auth/delete/confirm/", body).status_code == 204
    assert Booking.objects.get().status == "cancelled"
    assert client.get("/api/v1/me/").status_code == 401
    check_problem(post(client_of(), "auth/delete/confirm/", body), 400, "bad_link", "token")
    guest.refresh_from_db()
    assert (guest.name, guest.contact_email) == ("", "")


def test_a_guest_that_sends_a_password_learns_that_it_has_none():
    _, client = begin()
    check_problem(post(client, "me/delete/", {"password": PASSWORD}), 409, "guest_account")
    assert User.objects.get().contact_email == EMAIL


def test_an_account_still_needs_its_password():
    alice = make_user()
    check_problem(post(client_of(alice), "me/delete/", {}), 400, "password_required", "password")


def test_mails_that_delete_a_guest_are_limited(settings):
    settings.VERIFY_LIMIT = 1
    _, client = begin()
    assert post(client, "me/delete/", {}).status_code == 202
    check_problem(post(client, "me/delete/", {}), 429, "too_many_attempts")


def test_a_link_for_something_else_deletes_nothing():
    begin()
    guest = User.objects.get()
    token = make_link(user=guest, purpose=LinkPurpose.VERIFY, email=EMAIL)
    response = post(client_of(), "auth/delete/confirm/", {"token": token})
    check_problem(response, 400, "bad_link", "token")
    guest.refresh_from_db()
    assert guest.contact_email == EMAIL
