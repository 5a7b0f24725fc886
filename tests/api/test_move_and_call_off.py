"""PUT and PATCH `shows/{id}/` of shows with bookings; `sales_from`; a reason for calling off."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marquee.accounts.models import User
from marquee.catalog.models import Show
from tests.api.catalog_checks import fields_of
from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import (
    book_seats,
    client_of,
    make_auditorium,
    make_movie,
    make_price_card,
    make_show,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db

SHOWS = "/api/v1/shows/"


@pytest.fixture
def staff():
    return client_of(make_staff())


@pytest.fixture
def body():
    auditorium = make_auditorium(rows=["A: ss_s", "B: pp"])
    return {
        "movie": make_movie().pk,
        "auditorium": auditorium.pk,
        "starts_at": "2049-03-01T20:15:00+01:00",
        "price_card": make_price_card(auditorium.cinema).pk,
    }


@pytest.mark.parametrize("method", ["patch", "put"])
def test_a_show_with_bookings_moves_only_with_their_number(staff, body, method):
    address = f"{SHOWS}{staff.post(SHOWS, body).json()['id']}/"
    booking = book_seats(make_user(), Show.objects.get(), "A1")
    moved = {"starts_at": "2049-03-02T20:15:00+01:00"}
    send = getattr(staff, method)
    sent = moved if method == "patch" else body | moved
    refused = check_problem(send(address, sent), 409, "confirm_bookings")
    assert (refused["live_bookings"], refused["short_notice"]) == (1, False)
    assert '"confirm_bookings": 1' in refused["detail"]
    check_response("shows/{id}/", method, send(address, sent))
    response = send(address, sent | {"confirm_bookings": 1})
    assert response.json()["starts_at"] == moved["starts_at"]
    check_response("shows/{id}/", method, response)
    told = client_of(booking.user).get(f"/api/v1/bookings/{booking.reference}/").json()
    assert told["cancel_until"] == told["show"]["starts_at"] == moved["starts_at"]
    assert booking.events.last().actor == User.objects.get(name="Staff")


def test_a_show_moves_to_within_two_hours_only_if_that_is_meant_and_never_into_the_past(staff):
    show = make_show()
    address = f"{SHOWS}{show.pk}/"
    soon = {"starts_at": (timezone.now() + timedelta(minutes=20)).isoformat()}
    response = staff.patch(address, soon)
    assert check_problem(response, 409, "short_notice")["starts_at"]
    check_response("shows/{id}/", "patch", response)
    assert staff.patch(address, soon | {"short_notice": True}).status_code == 200
    past = staff.patch(address, {"starts_at": "2020-01-01T20:15", "short_notice": True})
    assert fields_of(past) == ["starts_at"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("confirm_bookings", "1"),
        ("confirm_bookings", -1),
        ("confirm_bookings", True),
        ("confirm_bookings", 10**30),
        ("short_notice", 1),
        ("short_notice", None),
    ],
)
def test_a_consent_of_another_type_is_a_400(staff, name, value):
    show = make_show()
    assert fields_of(staff.patch(f"{SHOWS}{show.pk}/", {name: value})) == [name]


def test_a_new_show_takes_no_consent(staff, body):
    assert fields_of(staff.post(SHOWS, body | {"confirm_bookings": 0})) == ["confirm_bookings"]


def test_a_show_says_from_when_it_is_sold(staff, body):
    opens = {"sales_from": "2049-02-20T10:00"}
    shown = staff.post(SHOWS, body | opens).json()
    assert shown["sales_from"] == "2049-02-20T10:00:00+01:00"
    address = f"{SHOWS}{shown['id']}/"
    moved = staff.patch(address, {"starts_at": "2049-03-02T20:15"}).json()
    assert moved["sales_from"] == "2049-02-21T10:00:00+01:00"
    assert staff.patch(address, {"sales_from": None}).json()["sales_from"] is None
    assert fields_of(staff.patch(address, {"sales_from": "2049-03-03T10:00"})) == ["sales_from"]
    assert staff.put(address, body | opens).json()["sales_from"] == shown["sales_from"]
    assert staff.put(address, body).json()["sales_from"] is None


def test_a_show_is_called_off_with_a_reason_that_customers_see(staff):
    show = make_show()
    booking = book_seats(make_user(), show, "A1")
    address = f"{SHOWS}{show.pk}/call-off/"
    reason = "The projector is broken. Your money comes back."
    response = staff.post(address, {"reason": reason})
    assert (response.status_code, response.json()["call_off_reason"]) == (200, reason)
    check_response("shows/{id}/call-off/", "post", response)
    assert client_of().get(f"{SHOWS}{show.pk}/").json()["call_off_reason"] == reason
    told = client_of(booking.user).get(f"/api/v1/bookings/{booking.reference}/").json()
    assert told["show"]["call_off_reason"] == reason
    assert booking.events.last().reason == reason
    again = staff.post(address, {"reason": "Another one"})
    assert again.json()["call_off_reason"] == reason


@pytest.mark.parametrize("body", [{}, {"reason": ""}])
def test_a_reason_may_be_left_out_and_given_later(staff, body):
    show = make_show()
    address = f"{SHOWS}{show.pk}/call-off/"
    assert staff.post(address, body).json()["call_off_reason"] == ""
    assert staff.post(address, {"reason": "Storm"}).json()["call_off_reason"] == "Storm"


@pytest.mark.parametrize("reason", [None, 5, ["x"], "x" * 501, "\0", "\u200b"])
def test_a_reason_that_is_no_text_is_a_400(staff, reason):
    show = make_show()
    assert fields_of(staff.post(f"{SHOWS}{show.pk}/call-off/", {"reason": reason})) == ["reason"]
    assert Show.objects.get().state == "scheduled"
