"""`me/export/` has all that is stored about its caller, and nothing of others."""

import pytest
from django.apps import apps
from django.utils import timezone

from marquee.accounts.models import User
from marquee.api.serializers.export import COLUMNS_LEFT_OUT, EXPORTED, LEFT_OUT
from marquee.booking.operations import cancel
from marquee.booking.records import CounterTerms
from marquee.mail import planning
from marquee.mail.models import Message
from tests.accounts.people import EMAIL, PASSWORD
from tests.api.test_accounts import bearer, post
from tests.factories import book_seats, client_of, make_show, make_staff, make_user

pytestmark = pytest.mark.django_db
EXPORT = "/api/v1/me/export/"


def signed_up():
    body = {"email": EMAIL, "name": "Alice Liddell", "password": PASSWORD}
    token = post(client_of(), "auth/signup/", body, headers={"User-Agent": "Numbat/1.0"}).json()
    return User.objects.get(email=EMAIL), bearer(token["access"])


def test_the_export_has_profile_logins_history_bookings_and_mails():
    alice, client = signed_up()
    booking = book_seats(alice, make_show(), "A1", "A2")
    cancel(booking=booking)
    planning.plan_everything()
    Message.objects.filter(kind="booked").update(state="sent", sent_at=booking.created_at)
    response = client.get(EXPORT)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in response.headers["Cache-Control"]
    data = response.json()
    assert data["profile"]["email"] == EMAIL
    assert [one["user_agent"] for one in data["sessions"]] == ["Numbat/1.0"]
    assert [(one["kind"], one["email"]) for one in data["events"]] == [("signed_up", EMAIL)]
    [booked] = data["bookings"]
    assert (booked["reference"], booked["status"]) == (booking.reference, "cancelled")
    assert [one["seat"] for one in booked["tickets"]] == ["A1", "A2"]
    assert [one["kind"] for one in booked["events"]] == ["confirmed", "cancelled"]
    assert [one["kind"] for one in data["mails"]] == ["booked"]


def test_nothing_of_others_is_exported():
    show, (_, client) = make_show(), signed_up()
    theirs = book_seats(make_user("Bob", email="bob@example.com"), show, "A1")
    data = client.get(EXPORT)
    assert data.json()["bookings"] == []
    assert theirs.reference not in data.content.decode()
    assert "bob@" not in data.content.decode()


@pytest.mark.parametrize("address", ["bob@example.com", "nobody@example.com"])
def test_the_mails_do_not_say_whether_an_account_has_an_address(address):
    make_user("Bob", email="bob@example.com")
    _, client = signed_up()
    client.patch("/api/v1/me/", {"email": address, "password": PASSWORD}, format="json")
    planning.plan_everything()
    now = timezone.now()
    assert (
        Message.objects.update(state="sent", sent_at=now) == 2
    )  # the other verifies Alice's address
    assert [one["kind"] for one in client.get(EXPORT).json()["mails"]] == ["verify"]


def test_what_staff_sold_at_the_counter_is_no_data_of_theirs():
    staff = make_staff()
    terms = CounterTerms(customer_name="Carol", customer_email="carol@example.com")
    book_seats(staff, make_show(), "A1", counter=terms)
    own = book_seats(staff, make_show(), "A1")
    data = client_of(staff).get(EXPORT)
    assert [one["reference"] for one in data.json()["bookings"]] == [own.reference]
    assert "carol" not in data.content.decode()


def test_a_guest_exports_its_data():
    body = {"email": EMAIL, "name": "Guest"}
    token = post(client_of(), "auth/guest/", body).json()["access"]
    data = bearer(token).get(EXPORT).json()
    assert (data["profile"]["email"], data["profile"]["is_guest"]) == (EMAIL, True)


def test_nobody_exports_without_a_token():
    assert client_of().get(EXPORT).status_code == 401


def test_exports_are_limited(settings):
    settings.PROFILE_LIMIT = 1
    client = client_of(make_user())
    assert client.get(EXPORT).status_code == 200
    assert client.get(EXPORT).status_code == 429


def test_many_bookings_take_no_more_statements_than_one(django_assert_num_queries, settings):
    settings.SEAT_LIMIT = settings.UNPAID_SEAT_LIMIT = 99
    show, alice = make_show(), make_user()
    book_seats(alice, show, "A1")
    client = client_of(alice)
    client.get(EXPORT)
    with django_assert_num_queries(9):
        client.get(EXPORT)
    for seat in ("A2", "A3", "A4", "A5"):
        book_seats(alice, show, seat)
    with django_assert_num_queries(9):
        assert len(client.get(EXPORT).json()["bookings"]) == 5


def columns_about_users() -> set[str]:
    """Return each column of each table, also of those between two models, that refers to a user."""
    return {
        f"{model._meta.db_table}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is User
    }


def test_each_column_about_a_user_is_exported_or_left_out_with_a_reason():
    assert EXPORTED | LEFT_OUT.keys() == columns_about_users()
    assert EXPORTED.isdisjoint(LEFT_OUT)
    assert all(LEFT_OUT.values())


def test_each_column_of_the_account_is_exported_or_left_out_with_a_reason():
    exported = client_of(make_user()).get(EXPORT).json()["profile"].keys()
    columns = {field.name for field in User._meta.concrete_fields}
    assert columns - exported == COLUMNS_LEFT_OUT.keys()
    assert all(COLUMNS_LEFT_OUT.values())
