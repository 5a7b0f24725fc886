"""POST bookings/{reference}/cancel/. Whose booking it is: test_my_bookings.py."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marquee.booking.models import Booking
from marquee.booking.operations import admit
from marquee.core.zones import isoformat_in
from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import EARLY, all_rows, book_seats, client_of, expire_hold

PATH = "bookings/{reference}/cancel/"
OPERATION = f"POST {PATH}"


def cancel(client, booking):
    return client.post(f"/api/v1/bookings/{booking.reference}/cancel/")


@pytest.mark.parametrize("hold", [True, False])
def test_cancelling_twice_returns_the_same_response(show, alice, alice_client, hold):
    booking = book_seats(alice, show, "A1", "A2", hold=hold)
    first = cancel(alice_client, booking)
    assert first.status_code == 200
    check_response(PATH, "post", first)
    body = first.json()
    assert (body["status"], body["held_until"]) == ("cancelled", None)
    assert [ticket["status"] for ticket in body["tickets"]] == ["void", "void"]
    before = all_rows()
    again = cancel(alice_client, booking)
    assert (again.status_code, again.json()) == (200, body)
    assert all_rows() == before


def test_cancelling_after_cancel_until_is_refused(show, alice, alice_client):
    booking = book_seats(alice, show, "A1")
    told = alice_client.get(f"/api/v1/bookings/{booking.reference}/").json()["cancel_until"]
    starts_at = timezone.now() + timedelta(minutes=10)
    zone = show.auditorium.cinema.tzinfo
    until = (show.starts_at - timedelta(minutes=30)).astimezone(zone)
    assert told == isoformat_in(until, "Europe/Vienna")
    until = starts_at - timedelta(minutes=30)
    Booking.objects.update(cancel_until=until)
    before = all_rows()
    body = check_problem(cancel(alice_client, booking), 409, "too_late_to_cancel", OPERATION)
    assert body["cancel_until"] == isoformat_in(until, "Europe/Vienna")
    assert all_rows() == before


def test_a_used_ticket_keeps_its_booking(show, alice, alice_client):
    booking = book_seats(alice, show, "A1", "A2")
    admit(ticket=booking.tickets.first(), reason=EARLY)
    before = all_rows()
    body = check_problem(cancel(alice_client, booking), 409, "already_used", OPERATION)
    assert body["used_at"]
    assert all_rows() == before


def test_an_expired_hold_is_not_held(show, alice, alice_client):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    before = all_rows()
    check_problem(cancel(alice_client, hold), 409, "not_held", OPERATION)
    assert all_rows() == before


def test_nobody_cancels_without_logging_in(show, alice):
    booking = book_seats(alice, show, "A1")
    before = all_rows()
    check_problem(cancel(client_of(), booking), 401, "not_authenticated", OPERATION)
    assert all_rows() == before


@pytest.mark.parametrize("seats", [["A1"], ["A1", "A2", "A3"]])
def test_cancelling_takes_as_many_statements_whatever_the_number_of_seats(
    show, alice, alice_client, django_assert_num_queries, seats
):
    booking = book_seats(alice, show, *seats)
    with django_assert_num_queries(10):
        assert cancel(alice_client, booking).status_code == 200
