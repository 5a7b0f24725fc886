"""POST bookings/{reference}/confirm/. Whose booking it is: test_my_bookings.py."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from marquee.booking.operations import call_off, cancel
from marquee.catalog.models import Show
from marquee.catalog.operations import PriceLine, change_price_card
from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import PRICES, all_rows, book_seats, client_of, expire_hold

PATH = "bookings/{reference}/confirm/"
OPERATION = f"POST {PATH}"


def confirm(client, booking):
    return client.post(f"/api/v1/bookings/{booking.reference}/confirm/")


def test_confirming_twice_returns_the_same_response(show, alice, alice_client):
    hold = book_seats(alice, show, "A1", hold=True)
    first = confirm(alice_client, hold)
    assert first.status_code == 200
    check_response(PATH, "post", first)
    body = first.json()
    assert (body["status"], body["held_until"], body["reference"]) == (
        "confirmed",
        None,
        hold.reference,
    )
    before = all_rows()
    assert confirm(alice_client, hold).json() == body
    assert all_rows() == before


def test_an_expired_hold_is_confirmed_while_its_seats_are_free(show, alice, alice_client):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    assert confirm(alice_client, hold).json()["status"] == "confirmed"


def test_a_hold_whose_seats_are_gone_is_refused_with_their_names(show, alice, bob, alice_client):
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    expire_hold(hold)
    book_seats(bob, show, "A2")
    before = all_rows()
    body = check_problem(confirm(alice_client, hold), 409, "hold_expired", OPERATION)
    assert body["seats"] == ["A2"]
    assert all_rows() == before


def test_a_cancelled_hold_is_refused(show, alice, alice_client):
    hold = book_seats(alice, show, "A1", hold=True)
    cancel(booking=hold)
    before = all_rows()
    check_problem(confirm(alice_client, hold), 409, "not_held", OPERATION)
    assert all_rows() == before


def test_a_show_called_off_is_refused(show, alice, alice_client):
    hold = book_seats(alice, show, "A1", hold=True)
    call_off(show=show)
    check_problem(confirm(alice_client, hold), 409, "show_called_off", OPERATION)


def moment_ago():
    """Return a time that has passed for SQLite's clock, too, which has no microseconds."""
    return timezone.now() - timedelta(milliseconds=2)


def test_an_expired_hold_is_refused_what_a_new_booking_would_be(
    settings, show, alice, alice_client
):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    settings.SEAT_LIMIT = 1
    book_seats(alice, show, "A2")
    body = check_problem(confirm(alice_client, hold), 409, "seat_limit", OPERATION)
    assert (body["limit"], body["left"]) == (1, 0)
    Show.objects.filter(pk=show.pk).update(sales_until=moment_ago())
    check_problem(confirm(alice_client, hold), 409, "sales_closed", OPERATION)


def test_an_expired_hold_that_costs_more_now_says_so_and_is_confirmed_once_accepted(
    show, alice, alice_client
):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    dearer = [PriceLine(*key, Decimal(amount) * 2) for key, amount in PRICES.items()]
    change_price_card(price_card=show.price_card, prices=dearer)
    path = f"/api/v1/bookings/{hold.reference}/confirm/"
    body = check_problem(alice_client.post(path), 409, "price_changed", OPERATION)
    assert body["total"] == {"amount": "25.00", "currency": "EUR"}
    response = alice_client.post(path, {"expected_total": body["total"]})
    check_response(PATH, "post", response)
    assert response.json()["total"] == body["total"]
    assert response.json()["tickets"][0]["price"] == body["total"]
    check_problem(alice_client.post(path, {"total": 1}), 400, "invalid", OPERATION)


def test_nobody_confirms_without_logging_in(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    before = all_rows()
    check_problem(confirm(client_of(), hold), 401, "not_authenticated", OPERATION)
    assert all_rows() == before


@pytest.mark.parametrize("seats", [["A1"], ["A1", "A2", "A3"]])
def test_confirming_takes_as_many_statements_whatever_the_number_of_seats(
    show, alice, alice_client, django_assert_num_queries, seats
):
    hold = book_seats(alice, show, *seats, hold=True)
    with django_assert_num_queries(9):
        assert confirm(alice_client, hold).status_code == 200
