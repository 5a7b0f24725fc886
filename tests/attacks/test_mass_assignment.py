"""Fields that nobody offered: each is refused by its name, or ignored, and no row has what it asked for."""

import pytest
from django.test import Client

from marquee.accounts.models import User
from marquee.booking.models import Booking
from tests.api.problems import check_problem
from tests.factories import all_rows, client_of, make_staff

ACCOUNT = {
    "is_staff": True,
    "is_superuser": True,
    "is_active": False,
    "id": 1,
    "role": "manager",
    "roles": [{"role": "manager", "cinema": None}],
    "groups": [1],
    "user_permissions": [1],
    "email_verified": True,
    "email_verified_at": "2020-01-01T00:00:00Z",
    "token_epoch": 99,
    "contact_email": "victim@example.com",
    "date_joined": "2020-01-01T00:00:00Z",
    "last_login": "2020-01-01T00:00:00Z",
    "__proto__": {"is_staff": True},
    "constructor": {"prototype": {"is_staff": True}},
}
SIGN_UP = {"email": "new@example.com", "password": "correct horse battery"}


@pytest.mark.parametrize("field", ACCOUNT)
def test_nobody_adds_a_field_to_their_account(mallory, field):
    before = all_rows()
    body = {field: ACCOUNT[field]}
    for response in (
        client_of(mallory).patch("/api/v1/me/", {"name": "M"} | body),
        client_of().post("/api/v1/auth/signup/", SIGN_UP | body),
        client_of().post("/api/v1/auth/guest/", {"email": "g@example.com"} | body),
    ):
        problem = check_problem(response, 400, "invalid")
        assert field in {error["field"].split(".")[0] for error in problem["errors"]}
    assert all_rows() == before


BOOKING = {
    "user": 1,
    "user_id": 1,
    "total": "0.00",
    "price": "0.00",
    "amount": 0,
    "currency": "XXX",
    "status": "confirmed",
    "reference": "AAAAAAAA",
    "hold_until": "2099-01-01T00:00:00Z",
    "channel": "counter",
    "show": 1,
    "client": "127.0.0.1",
    "tender": "cash",
    "customer": {"email": "victim@example.com"},
    "seat_limit": 1000,
    "language": "de",
}


@pytest.mark.parametrize("field", BOOKING)
def test_nobody_adds_a_field_to_a_booking(mallory, show, field):
    before = all_rows()
    body = {"tickets": [{"seat": "A1"}], field: BOOKING[field]}
    response = client_of(mallory).post(f"/api/v1/shows/{show.pk}/bookings/", body)
    assert [error["field"] for error in check_problem(response, 400, "invalid")["errors"]] == [
        field
    ]
    assert all_rows() == before


TICKET = {
    "price": "0.00",
    "status": "used",
    "label": "A9",
    "code": "x",
    "category": "recliner",
    "id": 1,
}


@pytest.mark.parametrize("field", TICKET)
def test_nobody_adds_a_field_to_a_ticket(mallory, show, field):
    before = all_rows()
    body = {"tickets": [{"seat": "A1", field: TICKET[field]}]}
    response = client_of(mallory).post(f"/api/v1/shows/{show.pk}/bookings/", body)
    check_problem(response, 400, "invalid")
    assert all_rows() == before


SHOW = {
    "status": "called_off",
    "state": "on_sale",
    "seats_left": 0,
    "seat_plan": 1,
    "version": 1,
    "pk": 1,
}


@pytest.mark.parametrize("field", SHOW)
def test_not_even_staff_write_what_a_show_computes(show, field):
    client = client_of(make_staff())
    before = all_rows()
    response = client.patch(f"/api/v1/shows/{show.pk}/", {field: SHOW[field]})
    check_problem(response, 400, "invalid")
    assert all_rows() == before


def test_forms_of_pages_ignore_fields_that_they_do_not_have(db):
    form = {"email": "new@example.com", "name": "N", "password": "correct horse battery"}
    rights = {
        "is_staff": "1",
        "is_superuser": "on",
        "role": "manager",
        "email_verified_at": "2020-01-01",
    }
    assert Client().post("/sign-up/", form | rights).status_code == 302
    user = User.objects.get(email="new@example.com")
    assert not user.is_staff
    assert not user.is_superuser
    browser = Client()
    browser.force_login(user)
    browser.post("/account/", {"name": "N", "language": "en"} | rights)
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_the_form_of_a_checkout_takes_no_price(mallory, show):
    browser = Client()
    browser.force_login(mallory)
    form = {"seat": "A1", "total": "0.00", "price": "0", "status": "confirmed", "user": "1"}
    browser.post(f"/shows/{show.pk}/", form)
    for booking in Booking.objects.all():
        assert booking.user == mallory
        assert booking.total > 0
        assert booking.status == "held"
