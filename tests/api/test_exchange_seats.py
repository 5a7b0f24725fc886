"""POST bookings/{reference}/exchange/. The rules: tests/booking/test_exchange.py."""

import pytest

from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import all_rows, book_seats, client_of, expire_hold

PATH = "bookings/{reference}/exchange/"
OPERATION = f"POST {PATH}"


def exchange(client, booking, *seats, body=None, **headers):
    url = f"/api/v1/bookings/{booking.reference}/exchange/"
    body = {"tickets": [{"seat": seat} for seat in seats]} if body is None else body
    return client.post(url, body, format="json", headers=headers)


def test_the_booking_is_returned_with_its_new_seats(show, alice, alice_client):
    booking = book_seats(alice, show, "A1", "A2")
    response = exchange(alice_client, booking, "a1", "A3")
    check_response(PATH, "post", response)
    body = response.json()
    assert [(one["seat"], one["status"]) for one in body["tickets"]] == [
        ("A1", "valid"), ("A2", "void"), ("A3", "valid"),
    ]  # fmt: skip
    assert body["total"] == {"amount": "25.00", "currency": "EUR"}
    address = f"/api/v1/bookings/{booking.reference}/"
    assert response["ETag"] == alice_client.get(address)["ETag"]


def test_seats_that_cost_more_are_refused(show, alice, alice_client):
    booking = book_seats(alice, show, "A1")
    body = check_problem(
        exchange(alice_client, booking, "B1"), 409, "exchange_costs_more", OPERATION
    )
    assert body["total"] == {"amount": "15.00", "currency": "EUR"}
    assert body["current_total"] == {"amount": "12.50", "currency": "EUR"}


def test_seats_of_others_are_named_with_alternatives(show, alice, bob, alice_client):
    booking = book_seats(alice, show, "A1")
    book_seats(bob, show, "A2")
    body = check_problem(exchange(alice_client, booking, "A2"), 409, "seats_taken", OPERATION)
    assert body["seats"] == ["A2"]
    for [seat] in body["alternatives"]:
        assert seat not in {"A1", "A2"}
    assert exchange(alice_client, booking, *body["alternatives"][0]).status_code == 200


def test_a_hold_that_ran_out_is_not_held(show, alice, alice_client):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    check_problem(exchange(alice_client, hold, "A2"), 409, "not_held", OPERATION)


def test_somebody_elses_booking_is_a_404(show, alice, bob):
    booking = book_seats(alice, show, "A1")
    before = all_rows()
    check_problem(exchange(client_of(bob), booking, "A2"), 404, "not_found", OPERATION)
    assert all_rows() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tickets": []},
        {"tickets": ["A2"]},
        {"tickets": [{}]},
        {"tickets": [{"seat": None}]},
        {"tickets": [{"seat": "A2", "price": 1}]},
        {"tickets": [{"seat": "A2"}], "hold": True},
        {"tickets": [{"seat": "A2\x00"}]},
        {"tickets": [{"seat": "A2"}, {"seat": "A3"}]},
        {"tickets": [{"seat": "A2", "type": "x" * 5000}]},
    ],
)
def test_a_body_that_names_no_tickets_is_bad_input(show, alice, alice_client, body):
    booking = book_seats(alice, show, "A1")
    before = all_rows()
    assert exchange(alice_client, booking, body=body).status_code == 400
    assert all_rows() == before


def test_a_booking_that_changed_meanwhile_keeps_its_seats(show, alice, alice_client):
    booking = book_seats(alice, show, "A1")
    before = all_rows()
    assert exchange(alice_client, booking, "A2", **{"If-Match": '"old"'}).status_code == 412
    assert all_rows() == before
    etag = alice_client.get(f"/api/v1/bookings/{booking.reference}/")["ETag"]
    assert exchange(alice_client, booking, "A2", **{"If-Match": etag}).status_code == 200
    stale = exchange(alice_client, booking, "A1", **{"If-Match": etag})
    assert stale.status_code == 412
