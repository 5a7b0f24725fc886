"""GET bookings/ and bookings/{reference}/."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from marquee.booking.models import Booking
from marquee.booking.operations import cancel, expire
from marquee.catalog.models import Show
from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import all_rows, book_seats, client_of, expire_hold, make_show

LIST = "/api/v1/bookings/"


def one(reference):
    return f"{LIST}{reference}/"


def listed(client, query=""):
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200, response.content
    check_response("bookings/", "get", response)
    return [booking["reference"] for booking in response.json()["results"]]


def test_my_bookings_are_listed_the_newest_first_and_nobody_elses(show, alice, bob, alice_client):
    mine_made = [book_seats(alice, show, label).reference for label in ("A1", "A2", "A3")]
    book_seats(bob, show, "B1")
    assert listed(alice_client) == mine_made[::-1]


def test_no_bookings_are_an_empty_list(alice_client):
    assert alice_client.get(LIST).json() == {"results": [], "next": None, "previous": None}


def test_the_list_comes_in_pages(show, alice, alice_client):
    made = [book_seats(alice, show, label).reference for label in ("A1", "A2", "A3")]
    first = alice_client.get(f"{LIST}?page_size=2&status=confirmed").json()
    assert [booking["reference"] for booking in first["results"]] == made[:0:-1]
    second = alice_client.get(first["next"]).json()
    assert [booking["reference"] for booking in second["results"]] == made[:1]
    assert second["next"] is None
    assert alice_client.get(second["previous"]).json()["results"] == first["results"]


def test_the_list_is_filtered_by_status_as_the_clock_has_it(show, alice, alice_client):
    held = book_seats(alice, show, "A1", hold=True).reference
    expired = book_seats(alice, show, "A2", hold=True)
    tidied = book_seats(alice, show, "A3", hold=True)
    confirmed = book_seats(alice, show, "A4").reference
    cancelled = book_seats(alice, show, "A5")
    cancel(booking=cancelled)
    expire_hold(expired)
    expire_hold(tidied)
    expire(booking=tidied)
    assert listed(alice_client, "status=held") == [held]
    assert listed(alice_client, "status=expired") == [tidied.reference, expired.reference]
    assert listed(alice_client, "status=confirmed") == [confirmed]
    assert listed(alice_client, "status=cancelled") == [cancelled.reference]


def test_the_list_is_filtered_by_whether_the_show_has_ended(show, alice, alice_client):
    past = book_seats(alice, show, "A1").reference
    to_come = book_seats(alice, make_show(), "A1").reference
    runs = make_show()
    under_way = book_seats(alice, runs, "A1").reference
    began = timezone.now() - timedelta(minutes=1)
    Show.objects.filter(pk=runs.pk).update(starts_at=began, sales_until=began)
    long_ago = show.starts_at - timedelta(days=30)
    Show.objects.filter(pk=show.pk).update(
        starts_at=long_ago, sales_until=long_ago, ends_at=long_ago + timedelta(hours=2)
    )
    assert listed(alice_client, "upcoming=true") == [under_way, to_come]
    assert listed(alice_client, "upcoming=false") == [past]
    assert listed(alice_client) == [under_way, to_come, past]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=lost", "status"),
        ("status=%00", "status"),
        ("status=%ED%A0%80", "status"),
        ("status=" + "9" * 5000, "status"),
        ("upcoming=yes", "upcoming"),
        ("upcoming=%ff", "upcoming"),
        ("page=2", "page"),
        ("cursor=%00", "cursor"),
        ("cursor=", "cursor"),
        ("cursor=" + "9" * 5000, "cursor"),
        ("page_size=101", "page_size"),
        ("page_size=", "page_size"),
        ("page_size=NaN", "page_size"),
    ],
)
def test_an_invalid_query_is_a_400_that_names_the_parameter(alice_client, query, field):
    body = check_problem(alice_client.get(f"{LIST}?{query}"), 400, "invalid", "GET bookings/")
    assert [error["field"] for error in body["errors"]] == [field]


def test_a_booking_is_read_by_its_reference_in_any_case(show, alice, alice_client):
    booking = book_seats(alice, show, "A1", "A2")
    response = alice_client.get(one(booking.reference))
    assert response.status_code == 200
    check_response("bookings/{reference}/", "get", response)
    assert response.json()["reference"] == booking.reference
    assert [ticket["seat"] for ticket in response.json()["tickets"]] == ["A1", "A2"]
    assert alice_client.get(one(booking.reference.lower())).json() == response.json()


def test_letters_that_look_like_digits_are_read_as_digits(show, alice, alice_client):
    booking = book_seats(alice, show, "A1")
    Booking.objects.filter(pk=booking.pk).update(reference="K0Q1MXW1")
    assert alice_client.get(one("koqImxwL")).json()["reference"] == "K0Q1MXW1"


@pytest.mark.parametrize("tidied", [True, False])
def test_a_hold_past_its_time_reads_as_expired(show, alice, alice_client, tidied):
    hold = book_seats(alice, show, "A1", hold=True)
    assert alice_client.get(one(hold.reference)).json()["held_until"] is not None
    expire_hold(hold)
    if tidied:
        expire(booking=hold)
    body = alice_client.get(one(hold.reference)).json()
    assert (body["status"], body["held_until"]) == ("expired", None)


@pytest.mark.parametrize("verb", ["get", "confirm", "cancel"])
def test_another_customers_booking_is_a_404_like_an_unknown_one(show, bob, alice_client, verb):
    references = (book_seats(bob, show, "A1", hold=True).reference, "ZZZZZZZZ")
    before = all_rows()
    if verb == "get":
        responses = [alice_client.get(one(reference)) for reference in references]
    else:
        responses = [alice_client.post(f"{one(reference)}{verb}/") for reference in references]
    check_problem(responses[0], 404, "not_found")
    assert responses[0].content == responses[1].content
    theirs, unknown = (dict(response.headers) for response in responses)
    del theirs["X-Request-ID"], unknown["X-Request-ID"]
    assert theirs == unknown
    assert all_rows() == before


@pytest.mark.parametrize("address", [LIST, one("ZZZZZZZZ")])
def test_nobody_reads_bookings_without_logging_in(db, address):
    check_problem(client_of().get(address), 401, "not_authenticated")


def test_the_number_of_bookings_does_not_change_the_number_of_queries(
    show, alice, alice_client, django_assert_num_queries
):
    book_seats(alice, show, "A1")
    with django_assert_num_queries(2):  # the account; the bookings and all there is to them
        assert len(alice_client.get(LIST).json()["results"]) == 1
    book_seats(alice, make_show(), "A1", "A2")
    last = book_seats(alice, make_show(), "B1")
    listed(alice_client)  # plans stay in memory
    with django_assert_num_queries(2):
        assert len(alice_client.get(LIST).json()["results"]) == 3
    with django_assert_num_queries(3):
        assert len(alice_client.get(LIST, {"status": "confirmed"}).json()["results"]) == 3
    with django_assert_num_queries(3):
        alice_client.get(one(last.reference))


def test_a_booking_and_its_tickets_are_read_at_one_moment(show, alice, alice_client):
    """The proof found a confirmed booking with void tickets: it was cancelled between two reads."""
    booking = book_seats(alice, show, "A1")
    told = []

    def cancel_after_each(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if "ticket" in sql and not told:
            told.append(sql)
            cancel(booking=booking)
        return result

    with connection.execute_wrapper(cancel_after_each):
        before = alice_client.get(one(booking.reference)).json()

    assert told
    assert (before["status"], before["tickets"][0]["status"]) == ("confirmed", "valid")
    after = alice_client.get(one(booking.reference)).json()
    assert (after["status"], after["tickets"][0]["status"]) == ("cancelled", "void")
