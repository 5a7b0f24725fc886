"""An account is deleted by its password, and with a word about the bookings to come."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marquee.accounts.models import RefreshToken, User
from marquee.catalog.models import Show
from tests.accounts.people import PASSWORD
from tests.api.problems import check_problem
from tests.factories import all_rows, book_seats, client_of, make_show, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/me/delete/"
OPERATION = "POST me/delete/"


@pytest.fixture
def carol(db):
    return make_user("Carol", password=PASSWORD)


@pytest.fixture
def client(carol):
    return client_of(carol)


def delete(client, **fields):
    return client.post(URL, {"password": PASSWORD} | fields)


def exists(user):
    return User.objects.filter(pk=user.pk, is_active=True, email=user.email).exists()


def test_an_access_token_alone_deletes_nothing(client, carol):
    check_problem(client.post(URL, {}), 400, "password_required", OPERATION)
    check_problem(delete(client, password=""), 400, "invalid", OPERATION)
    problem = check_problem(delete(client, password="guess"), 400, "wrong_password", OPERATION)
    assert [error["field"] for error in problem["errors"]] == ["password"]
    assert exists(carol)


def test_guessing_the_password_is_limited(client, carol, settings):
    settings.LOGIN_LIMIT = 2
    codes = [delete(client, password="guess").status_code for _ in range(4)]
    assert codes == [400, 400, 429, 429]
    assert delete(client).status_code == 429
    assert exists(carol)


def test_delete_on_me_names_what_deletes_an_account(client, carol):
    response = client.delete("/api/v1/me/")
    problem = check_problem(response, 405, "method_not_allowed")
    assert "`POST me/delete/`" in problem["detail"]
    assert response["Allow"] == "GET, PATCH, HEAD"
    assert exists(carol)


def test_bookings_to_come_are_named_before_anything_is_deleted(client, carol, show):
    several = book_seats(carol, show, "A1", "A2")
    single = book_seats(carol, make_show(starts_in=timedelta(days=2)), "A1")
    hold = book_seats(carol, show, "A3", hold=True)
    before = all_rows()
    problem = check_problem(delete(client), 409, "upcoming_bookings", OPERATION)
    assert problem["bookings"] == [several.reference, single.reference]
    assert problem["tickets"] == 3
    assert several.reference in problem["detail"]
    assert hold.reference not in problem["detail"]
    assert "`cancel`" in problem["detail"]
    assert "`keep`" in problem["detail"]
    assert all_rows() == before
    assert exists(carol)


def test_the_wrong_password_names_no_bookings(client, carol, show):
    book_seats(carol, show, "A1")
    assert "bookings" not in delete(client, password="guess").json()


@pytest.mark.parametrize(
    ("choice", "status", "ticket"),
    [("cancel", "cancelled", "void"), ("keep", "confirmed", "valid")],
)
def test_they_are_cancelled_or_kept_as_their_owner_chooses(
    client, carol, show, choice, status, ticket
):
    booking, hold = book_seats(carol, show, "A1"), book_seats(carol, show, "A2", hold=True)
    response = delete(client, bookings=choice)
    assert (response.status_code, response.content) == (204, b"")
    booking.refresh_from_db()
    hold.refresh_from_db()
    assert (booking.status, booking.tickets.get().status) == (status, ticket)
    assert hold.status == "cancelled"
    assert not exists(carol)
    assert not RefreshToken.objects.filter(user=carol).exists()
    check_problem(client.get("/api/v1/me/"), 401, "not_authenticated")


@pytest.mark.parametrize("choice", ["", "both", None, True, "CANCEL"])
def test_another_choice_is_bad_input(client, carol, show, choice):
    book_seats(carol, show, "A1")
    problem = check_problem(delete(client, bookings=choice), 400, "invalid", OPERATION)
    assert [error["field"] for error in problem["errors"]] == ["bookings"]
    assert exists(carol)


@pytest.mark.parametrize("choice", [{}, {"bookings": "keep"}, {"bookings": "cancel"}])
def test_without_bookings_to_come_nothing_need_be_chosen(client, carol, show, choice):
    book_seats(carol, show, "A1")
    ended = timezone.now() - timedelta(minutes=1)
    Show.objects.filter(pk=show.pk).update(
        starts_at=ended - timedelta(hours=2), sales_until=ended - timedelta(hours=2), ends_at=ended
    )
    assert delete(client, **choice).status_code == 204
    assert not exists(carol)


def test_what_is_too_late_to_cancel_is_named_too_and_kept(client, carol, show, settings):
    settings.CANCEL_UNTIL_MINUTES = 60 * 48
    booking = book_seats(carol, show, "A1")
    assert delete(client).status_code == 409
    assert delete(client, bookings="cancel").status_code == 204
    booking.refresh_from_db()
    assert booking.status == "confirmed"
