"""POST shows/{id}/bookings/."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from marquee.accounts.models import User
from marquee.api.serializers.bookings import MAX_TICKETS, parse_fast, parse_with_serializer
from marquee.booking.models import Booking
from marquee.booking.operations import call_off
from marquee.core.errors import BadInput
from marquee.core.zones import isoformat_in
from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import (
    all_rows,
    assert_refused,
    book_seats,
    client_of,
    make_auditorium,
    make_cinema,
    make_price_card,
    make_show,
)

PATH = "shows/{show_id}/bookings/"
OPERATION = f"POST {PATH}"


def address(show):
    return f"/api/v1/shows/{show.pk}/bookings/"


def book(client, show, *tickets, **options):
    """Request seats by their labels, or tickets as the body has them."""
    hold = options.pop("hold", False)
    asked = [{"seat": one} if isinstance(one, str) else one for one in tickets]
    return client.post(address(show), {"tickets": asked, "hold": hold}, **options)


def ask(client, show, *seats, **fields):
    """Request seats by their labels, or any by None, with further fields of the body."""
    tickets = [{} if seat is None else {"seat": seat} for seat in seats]
    return client.post(address(show), {"tickets": tickets, **fields})


def test_seats_are_booked_at_once(show, alice_client):
    response = book(
        alice_client, show, {"seat": "A1", "type": "adult"}, {"seat": "A2", "type": "child"}
    )
    assert response.status_code == 201
    check_response(PATH, "post", response)
    body = response.json()
    booking = Booking.objects.get()
    assert response["Location"] == f"http://testserver/api/v1/bookings/{booking.reference}/"
    assert (body["reference"], body["status"], body["held_until"]) == (
        booking.reference,
        "confirmed",
        None,
    )
    euros = {"currency": "EUR"}
    assert [(t["seat"], t["type"], t["price"], t["status"]) for t in body["tickets"]] == [
        ("A1", "adult", euros | {"amount": "12.50"}, "valid"),
        ("A2", "child", euros | {"amount": "9.00"}, "valid"),
    ]
    assert body["total"] == euros | {"amount": "21.50"}
    assert body["show"]["id"] == show.pk
    assert "Idempotent-Replayed" not in response


def test_a_hold_says_until_when(settings, show, alice_client):
    settings.HOLD_MINUTES = 8
    response = book(alice_client, show, "A1", hold=True)
    assert response.status_code == 201
    check_response(PATH, "post", response)
    booking = Booking.objects.get()
    assert response.json()["status"] == "held"
    zone = show.auditorium.cinema.tzinfo
    held_until = booking.held_until.astimezone(zone).isoformat(timespec="seconds")
    assert response.json()["held_until"] == held_until


def test_without_seats_the_best_are_picked(show, alice_client):
    response = book(alice_client, show, {}, {"seat": None, "type": None})
    assert [ticket["type"] for ticket in response.json()["tickets"]] == ["adult", "adult"]
    assert len({ticket["seat"] for ticket in response.json()["tickets"]}) == 2


def test_labels_are_read_in_lower_case_and_with_blanks_around(show, alice_client):
    response = book(alice_client, show, " a1 ", "b10")
    assert [ticket["seat"] for ticket in response.json()["tickets"]] == ["A1", "B10"]


def test_times_are_those_of_the_cinema(alice_client):
    show = make_show(make_auditorium(make_cinema(timezone="Asia/Kathmandu")))
    body = book(alice_client, show, "A1").json()
    times = [body["created_at"], body["cancel_until"], body["show"]["starts_at"]]
    assert [time[-6:] for time in times] == ["+05:45"] * 3


def test_an_account_is_checked_even_though_its_token_is_believed(show, alice, alice_client):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    before = all_rows()
    body = check_problem(book(alice_client, show, "A1"), 401, "not_authenticated", OPERATION)
    assert body["detail"] == "The account of this token is closed."
    assert all_rows() == before


def test_an_expected_total_books_at_that_price_only(show, alice_client):
    wrong = {"expected_total": {"amount": "12.00", "currency": "EUR"}}
    before = all_rows()
    response = ask(alice_client, show, "A1", "A2", **wrong)
    body = check_problem(response, 409, "price_changed", OPERATION)
    assert body["total"] == {"amount": "25.00", "currency": "EUR"}
    assert all_rows() == before
    assert ask(alice_client, show, "A1", "A2", expected_total=body["total"]).status_code == 201


def test_the_total_of_the_dearest_tickets_can_be_expected(alice_client):
    hall = make_auditorium(rows=["A: sss"])
    card = make_price_card(hall.cinema, {("standard", "adult"): "21474836.47"})
    show = make_show(hall, price_card=card)
    total = {"amount": "64424509.41", "currency": "EUR"}
    response = ask(alice_client, show, "A1", "A2", "A3", expected_total=total)
    assert (response.status_code, response.json()["total"]) == (201, total)
    with assert_refused(BadInput):
        make_price_card(hall.cinema, {("standard", "adult"): "21474836.48"})


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"expected_total": "25.00"}, "expected_total"),
        ({"expected_total": {"amount": 25, "currency": "EUR"}}, "expected_total.amount"),
        ({"expected_total": {"amount": "2.505", "currency": "EUR"}}, "expected_total"),
        ({"expected_total": {"amount": "25.00", "currency": "QQQ"}}, "expected_total"),
        ({"category": "royal"}, "category"),
        ({"category": "recliner", "accessible": {"wheelchairs": -1}}, "accessible.wheelchairs"),
        ({"accessible": {"sofas": 1}}, "accessible.sofas"),
        ({"accessible": {"wheelchairs": 3}}, "accessible"),
    ],
)
def test_a_choice_or_a_price_that_makes_no_sense_is_bad_input(show, alice_client, more, field):
    before = all_rows()
    response = ask(alice_client, show, None, None, **more)
    body = check_problem(response, 400, "invalid", OPERATION)
    assert [error["field"] for error in body["errors"]] == [field]
    assert all_rows() == before


def test_the_best_seats_of_a_category_and_for_a_wheelchair(show, alice_client):
    made = ask(alice_client, show, None, None, category="premium").json()
    assert [ticket["seat"][0] for ticket in made["tickets"]] == ["B", "B"]
    accessible = {"wheelchairs": 1}
    made = ask(alice_client, show, None, None, accessible=accessible, category=None).json()
    assert [ticket["seat"][0] for ticket in made["tickets"]] == ["A", "C"]


def test_ones_own_hold_is_named_in_the_refusal(show, alice_client):
    reference = book(alice_client, show, "A1", "A2", hold=True).json()["reference"]
    body = check_problem(book(alice_client, show, "A1", "A2"), 409, "seats_taken", OPERATION)
    assert body["own_bookings"] == [reference]
    assert body["detail"].startswith("You hold A1, A2 already, until")


def test_the_token_of_an_account_that_is_gone_is_a_401(show, alice, alice_client):
    alice.delete()
    check_problem(book(alice_client, show, "A1"), 401, "not_authenticated", OPERATION)
    assert not Booking.objects.exists()


def test_nobody_books_without_logging_in(show):
    response = book(client_of(), show, "A1")
    check_problem(response, 401, "not_authenticated", OPERATION)
    assert response["WWW-Authenticate"] == "Bearer"
    assert not Booking.objects.exists()


def test_taken_seats_are_named_and_others_offered(show, alice_client, bob):
    book_seats(bob, show, "A1", "A2")
    before = all_rows()
    body = check_problem(book(alice_client, show, "A2", "A3"), 409, "seats_taken", OPERATION)
    assert body["seats"] == ["A2"]
    assert body["alternatives"][0] == ["A6", "A7"]
    assert all_rows() == before


def test_eleven_seats_are_beyond_the_limit(show, alice_client):
    body = check_problem(book(alice_client, show, *[{}] * 11), 409, "seat_limit", OPERATION)
    assert (body["limit"], body["left"]) == (10, 10)
    assert not Booking.objects.exists()


def test_ten_seats_are_not(show, alice_client):
    assert len(book(alice_client, show, *[{}] * 10).json()["tickets"]) == 10


def test_a_sold_out_show_says_how_many_seats_are_left(alice_client):
    show = make_show(rows=["A: s"])
    body = check_problem(book(alice_client, show, {}, {}), 409, "sold_out", OPERATION)
    assert body["left"] == 1


def test_a_past_show_is_not_sold(alice_client):
    show = make_show(starts_in=timedelta(hours=-5))
    body = check_problem(book(alice_client, show, "A1"), 409, "sales_closed", OPERATION)
    assert body["sales_until"] == isoformat_in(show.sales_until, "Europe/Vienna")
    assert not Booking.objects.exists()


def test_a_show_called_off_is_not_sold(show, alice_client):
    call_off(show=show)
    check_problem(book(alice_client, show, "A1"), 409, "show_called_off", OPERATION)
    assert not Booking.objects.exists()


def test_a_show_that_is_not_there_is_a_404(show, alice_client):
    show.pk = 10**17
    check_problem(book(alice_client, show, "A1"), 404, "not_found", OPERATION)


@pytest.mark.parametrize("seat", ["Z1", "A0", "A01", "1A", "Ä1"])
def test_an_unknown_seat_is_named(show, alice_client, seat):
    make_auditorium(rows=["Z: ss"])
    body = check_problem(book(alice_client, show, "A1", seat), 400, "unknown_seat", OPERATION)
    assert body["seats"] == [seat.upper()]
    assert [error["field"] for error in body["errors"]] == ["tickets"]
    assert not Booking.objects.exists()


def test_an_unknown_ticket_type_is_told_with_those_that_are_sold(show, alice_client):
    response = book(alice_client, show, {"seat": "C8", "type": "child"})
    body = check_problem(response, 400, "unknown_ticket_type", OPERATION)
    assert (body["types"], body["known"]) == (["child"], ["adult"])
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    "tickets", [["A1", "A1"], ["A1", " a1"], ["A1", {}], []], ids=["twice", "alike", "part", "none"]
)
def test_impossible_tickets_are_refused_with_their_field(show, alice_client, tickets):
    body = check_problem(book(alice_client, show, *tickets), 400, "invalid", OPERATION)
    assert [error["field"] for error in body["errors"]] == ["tickets"]
    assert not Booking.objects.exists()


def test_the_same_key_and_body_is_answered_with_the_same_booking(show, alice_client):
    key = {"HTTP_IDEMPOTENCY_KEY": str(uuid4())}
    first = book(alice_client, show, "A1", **key)
    before = all_rows()
    again = book(alice_client, show, "a1", **key)
    assert (first.status_code, again.status_code) == (201, 201)
    check_response(PATH, "post", again)
    assert again.json() == first.json()
    assert (again["Idempotent-Replayed"], again["Location"]) == ("true", first["Location"])
    assert all_rows() == before


def test_a_replay_tells_how_the_booking_stands_now(show, alice_client):
    key = {"HTTP_IDEMPOTENCY_KEY": "k"}
    first = book(alice_client, show, "A1", **key).json()
    alice_client.post(f"/api/v1/bookings/{first['reference']}/cancel/")
    again = book(alice_client, show, "A1", **key).json()
    assert (again["reference"], again["status"]) == (first["reference"], "cancelled")


def test_the_same_key_with_another_body_is_a_422(show, alice_client):
    key = {"HTTP_IDEMPOTENCY_KEY": str(uuid4())}
    book(alice_client, show, "A1", **key)
    before = all_rows()
    check_problem(book(alice_client, show, "A2", **key), 422, "key_reused", OPERATION)
    check_problem(book(alice_client, show, "A1", hold=True, **key), 422, "key_reused", OPERATION)
    check_problem(book(alice_client, make_show(), "A1", **key), 422, "key_reused", OPERATION)
    assert all_rows() == before


def test_a_refused_attempt_uses_up_no_key(show, alice_client, bob):
    book_seats(bob, show, "A1")
    key = {"HTTP_IDEMPOTENCY_KEY": "k"}
    check_problem(book(alice_client, show, "A1", **key), 409, "seats_taken")
    response = book(alice_client, show, "A2", **key)
    assert response.status_code == 201
    assert "Idempotent-Replayed" not in response


@pytest.mark.parametrize("key", ["!", "~" * 255, "{}\"'<>;--"])
def test_a_key_is_any_visible_ascii_up_to_255_characters(show, alice_client, key):
    assert book(alice_client, show, "A1", HTTP_IDEMPOTENCY_KEY=key).status_code == 201
    assert Booking.objects.get().idempotency_key == key


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 300, "schlüssel", "\x00", "k\n", "k\t"])
def test_any_other_key_is_bad_input(show, alice_client, key):
    body = check_problem(
        book(alice_client, show, "A1", HTTP_IDEMPOTENCY_KEY=key), 400, "invalid", OPERATION
    )
    assert [error["field"] for error in body["errors"]] == ["Idempotency-Key"]
    assert not Booking.objects.exists()


def queries_for(client, show, count, django_assert_num_queries, tickets, **options):
    with django_assert_num_queries(count):
        assert book(client, show, *tickets, **options).status_code == 201


def test_one_seat_and_three_take_the_same_few_statements(
    show, alice_client, django_assert_num_queries
):
    book(alice_client, show, "B1")  # plans and prices stay in memory
    # A savepoint and its release, the locks; then one statement, or the limit and one per table.
    usual = 2 + 1 + (1 if connection.vendor == "postgresql" else 5)
    queries_for(alice_client, show, usual, django_assert_num_queries, ["A1"])
    queries_for(alice_client, show, usual, django_assert_num_queries, ["A2", "A3", "A4"])
    # The taken seats, and the seats that are cooling down for the customer.
    queries_for(alice_client, show, usual + 2, django_assert_num_queries, [{}, {}])
    key = {"HTTP_IDEMPOTENCY_KEY": "k"}
    queries_for(alice_client, show, usual, django_assert_num_queries, ["A5"], **key)
    # A replay: the key's constraint refuses, the savepoint is rolled back and released; then the key and the booking are read.
    again = 2 + (1 if connection.vendor == "postgresql" else 2) + 2 + 2
    queries_for(alice_client, show, again, django_assert_num_queries, ["A5"], **key)


SOME = st.none() | st.booleans() | st.integers() | st.text(max_size=14)
LABELS = st.from_regex(r"[0-9A-Za-z]{1,13}", fullmatch=True)
TICKETS = st.fixed_dictionaries({}, optional={"seat": LABELS | SOME, "type": LABELS | SOME})
BODIES = st.fixed_dictionaries(
    {"tickets": st.lists(TICKETS | SOME, max_size=3) | SOME},
    optional={"hold": st.booleans() | SOME, "other": SOME},
)


@given(BODIES | SOME)
def test_a_plain_body_is_read_as_the_careful_way_would(body):
    plain = parse_fast(body)
    assert plain is None or plain == parse_with_serializer(body)


def test_the_usual_bodies_are_plain():
    for tickets in ([{"seat": "C7", "type": "adult"}], [{}, {}], [{"seat": "c7"}] * MAX_TICKETS):
        assert parse_fast({"tickets": tickets}) is not None
        assert parse_fast({"tickets": tickets, "hold": True}) is not None
