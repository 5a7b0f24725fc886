"""POST bookings/{reference}/extend/. Whose booking it is: test_my_bookings.py."""

from datetime import datetime, timedelta

from django.utils import timezone

from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import all_rows, book_seats, client_of, expire_hold

PATH = "bookings/{reference}/extend/"
OPERATION = f"POST {PATH}"


def extend(client, booking, body=None, **headers):
    url = f"/api/v1/bookings/{booking.reference}/extend/"
    return client.post(url, {} if body is None else body, headers=headers)


def test_a_hold_is_kept_for_longer_and_once(settings, show, alice, alice_client):
    settings.HOLD_MINUTES = 8
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold, seconds=60)
    response = extend(alice_client, hold)
    check_response(PATH, "post", response)
    until = datetime.fromisoformat(response.json()["held_until"])
    assert abs(until - timezone.now() - timedelta(minutes=8)) < timedelta(seconds=30)
    before = all_rows()
    body = check_problem(extend(alice_client, hold), 409, "cannot_extend", OPERATION)
    assert datetime.fromisoformat(body["held_until"]).replace(microsecond=0) == until.replace(
        microsecond=0
    )
    assert all_rows() == before


def test_a_confirmed_booking_is_not_held(show, alice, alice_client):
    booking = book_seats(alice, show, "A1")
    check_problem(extend(alice_client, booking), 409, "not_held", OPERATION)


def test_somebody_elses_hold_is_a_404(show, alice, bob):
    hold = book_seats(alice, show, "A1", hold=True)
    before = all_rows()
    check_problem(extend(client_of(bob), hold), 404, "not_found", OPERATION)
    assert all_rows() == before


def test_a_body_is_refused(show, alice, alice_client):
    hold = book_seats(alice, show, "A1", hold=True)
    before = all_rows()
    assert extend(alice_client, hold, {"minutes": 600}).status_code == 400
    assert all_rows() == before


def test_a_hold_that_changed_meanwhile_is_not_extended(show, alice, alice_client):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold, seconds=60)
    before = all_rows()
    assert extend(alice_client, hold, **{"If-Match": '"old"'}).status_code == 412
    assert all_rows() == before
    etag = alice_client.get(f"/api/v1/bookings/{hold.reference}/")["ETag"]
    assert extend(alice_client, hold, **{"If-Match": etag}).status_code == 200
