"""POST shows/{id}/counter-bookings/, and cancelling some tickets by POST bookings/{reference}/cancel/."""

import pytest

from marquee.accounts.states import Role
from marquee.booking.models import Booking, CounterSale
from marquee.booking.operations import block
from marquee.catalog.models import Seat
from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import all_rows, book_seats, client_of, make_staff

pytestmark = pytest.mark.django_db

PATH = "shows/{show_id}/counter-bookings/"
OPERATION = f"POST {PATH}"
CANCEL = "bookings/{reference}/cancel/"


@pytest.fixture
def counter():
    return client_of(make_staff(Role.COUNTER))


def sell(client, show, *seats, headers=None, **fields):
    body = {"tickets": [{"seat": seat} for seat in seats], **fields}
    return client.post(f"/api/v1/shows/{show.pk}/counter-bookings/", body, headers=headers)


def test_staff_book_for_a_customer_and_record_what_was_paid(show, counter):
    block(show=show, seats={Seat.objects.get(plan=show.seat_plan, label="A1").pk})
    customer = {"name": "Ada Lovelace", "email": "ada@example.com"}
    paid = {"tender": "cash", "amount": "130.00", "currency": "EUR"}
    seats = [f"A{n}" for n in range(1, 11)] + ["B1"]
    response = sell(counter, show, *seats, customer=customer, **paid)
    assert response.status_code == 201
    check_response(PATH, "post", response)
    body = response.json()
    assert (body["channel"], body["status"], len(body["tickets"])) == ("counter", "confirmed", 11)
    assert body["sale"] == {
        "tender": "cash",
        "paid": {"amount": "130.00", "currency": "EUR"},
        "customer": customer,
    }
    assert counter.get(response["Location"]).json()["channel"] == "counter"


def test_the_same_key_returns_the_same_sale(show, counter):
    headers = {"Idempotency-Key": "k"}
    first = sell(counter, show, "A1", headers=headers, tender="card")
    again = sell(counter, show, "A1", headers=headers, tender="card")
    assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")
    assert again.json() == first.json()
    assert Booking.objects.count() == CounterSale.objects.count() == 1
    other = sell(counter, show, "A1", headers=headers, tender="cash")
    check_problem(other, 422, "key_reused", OPERATION)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"hold": True}, "hold"),
        ({"tender": "shells"}, "tender"),
        ({"amount": "1.00"}, "tender"),
        ({"tender": "cash", "amount": "1.00", "currency": "USD"}, "currency"),
        ({"tender": "cash", "amount": 1}, "amount"),
        ({"tender": "cash", "amount": "-1"}, "amount"),
        ({"customer": {"email": "nobody"}}, "customer.email"),
        ({"customer": {"phone": "1"}}, "customer.phone"),
    ],
)
def test_bad_input_is_named_and_sells_nothing(show, counter, fields, field):
    before = all_rows()
    body = check_problem(sell(counter, show, "A1", **fields), 400, "invalid", OPERATION)
    assert [error["field"] for error in body["errors"]] == [field]
    assert all_rows() == before


def test_customers_and_staff_without_the_right_are_refused(show, alice_client):
    for client in (alice_client, client_of(make_staff(None))):
        check_problem(sell(client, show, "A1"), 403, "not_allowed", OPERATION)
    check_problem(sell(client_of(), show, "A1"), 401, "not_authenticated", OPERATION)
    assert not Booking.objects.exists()


def test_a_taken_seat_and_a_show_that_is_not_there(show, counter, alice):
    book_seats(alice, show, "A1")
    body = check_problem(sell(counter, show, "A1"), 409, "seats_taken", OPERATION)
    assert (body["seats"], body["alternatives"][0]) == (["A1"], ["A2"])
    show.pk = 10**17
    check_problem(sell(counter, show, "A1"), 404, "not_found", OPERATION)


def test_some_tickets_of_a_booking_are_cancelled(show, alice, alice_client):
    booking = book_seats(alice, show, "A1", "A2")
    address = f"/api/v1/bookings/{booking.reference}/cancel/"
    response = alice_client.post(address, {"tickets": ["A2"]})
    assert response.status_code == 200
    check_response(CANCEL, "post", response)
    body = response.json()
    assert (body["status"], body["total"]["amount"]) == ("confirmed", "12.50")
    assert [ticket["status"] for ticket in body["tickets"]] == ["valid", "void"]
    assert alice_client.post(address, {"tickets": ["A2"]}).json() == body
    code = body["tickets"][0]["code"]
    assert alice_client.post(address, {"tickets": [code]}).json()["status"] == "cancelled"


@pytest.mark.parametrize("tickets", [[], ["Z9"], "A1", [1], [None], ["A" * 30]])
def test_tickets_that_make_no_sense_cancel_nothing(show, alice, alice_client, tickets):
    booking = book_seats(alice, show, "A1", "A2")
    before = all_rows()
    response = alice_client.post(
        f"/api/v1/bookings/{booking.reference}/cancel/", {"tickets": tickets}
    )
    check_problem(response, 400, "invalid", f"POST {CANCEL}")
    assert all_rows() == before
