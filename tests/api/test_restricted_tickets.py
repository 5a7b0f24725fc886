"""Tickets that customers cannot book by themselves, as API clients see them."""

import pytest

from marquee.booking.operations import cancel
from marquee.catalog.models import TicketType
from marquee.catalog.operations import change_ticket_type
from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import (
    CARER_PRICES,
    all_rows,
    book_seats,
    client_of,
    expire_hold,
    make_auditorium,
    make_price_card,
    make_show,
    make_staff,
)

BOOK = "POST shows/{show_id}/bookings/"


@pytest.fixture
def show(db):
    auditorium = make_auditorium(rows=["A: ssssssssss", "B: wcwc"])
    card = make_price_card(
        auditorium.cinema,
        CARER_PRICES | {("standard", "senior"): "8.00"},
        counter_only={("standard", "senior")},
    )
    return make_show(auditorium, price_card=card)


def seat(label, type_="adult"):
    return {"seat": label, "type": type_}


NINE = [seat(f"A{n}", "carer") for n in range(1, 10)]
NINE_ANYWHERE = [{"type": "carer"}] * 9
REFUSED = [
    (NINE, "needs_another", {"types": ["carer"], "allowed": 0}),
    (NINE_ANYWHERE, "needs_another", {"needs": {"kind": "wheelchair", "type": None}}),
    ([seat("B2"), seat("B4")], "companion_without_space", {"seats": ["B2", "B4"]}),
    ([seat("B1"), seat("B3")], "wheelchair_limit", {"limit": 1, "left": 1}),
    ([seat("A1", "senior")], "counter_only", {"types": ["senior"]}),
]


@pytest.mark.parametrize("hold", [False, True])
@pytest.mark.parametrize(("tickets", "code", "facts"), REFUSED, ids=lambda value: str(value)[:25])
def test_customers_are_refused_and_staff_are_not(show, alice_client, tickets, code, facts, hold):
    address, body = f"/api/v1/shows/{show.pk}/bookings/", {"tickets": tickets, "hold": hold}
    before = all_rows()
    refusal = check_problem(alice_client.post(address, body), 409, code, BOOK)
    assert refusal | facts == refusal
    assert all_rows() == before
    booked = client_of(make_staff()).post(address, body)
    assert booked.status_code == 201
    assert len(booked.json()["tickets"]) == len(tickets)


def test_a_space_is_booked_with_a_free_carer(show, alice_client):
    body = {"tickets": [seat("B1"), seat("B2", "carer")]}
    booked = alice_client.post(f"/api/v1/shows/{show.pk}/bookings/", body)
    assert booked.status_code == 201
    assert booked.json()["total"] == {"amount": "12.50", "currency": "EUR"}


def test_an_expired_hold_is_refused_what_a_new_booking_would_be(show, alice, alice_client):
    held = book_seats(alice, show, "B1", hold=True)
    expire_hold(held)
    other = book_seats(alice, show, "B3")
    address = f"/api/v1/bookings/{held.reference}/confirm/"
    operation = "POST bookings/{reference}/confirm/"
    check_problem(alice_client.post(address), 409, "wheelchair_limit", operation)
    cancel(booking=other)
    assert alice_client.post(address).json()["status"] == "confirmed"


def test_prices_tell_what_a_type_needs_and_leave_out_what_the_counter_sells(show, anonymous_client):
    for path in ("shows/{id}/", "shows/{show_id}/seats/"):
        address = path.replace("{id}", str(show.pk)).replace("{show_id}", str(show.pk))
        response = anonymous_client.get(f"/api/v1/{address}")
        check_response(path, "get", response)
        lines = {line["type"]: line for line in response.json()["prices"]}
        assert sorted(lines) == ["adult", "carer", "child"]
        assert lines["carer"]["needs"] == {"kind": "wheelchair", "type": None}
        assert "needs" not in lines["adult"]
    assert (
        anonymous_client.get(f"/api/v1/shows/{show.pk}/").json()["price_from"]["amount"] == "12.50"
    )


def test_a_changed_type_is_told_at_once(show, anonymous_client):
    addresses = [f"/api/v1/shows/{show.pk}/", f"/api/v1/shows/{show.pk}/seats/"]
    before = [anonymous_client.get(address).json()["prices"] for address in addresses]
    carer = TicketType.objects.get(code="carer")
    change_ticket_type(ticket_type=carer, needs_kind="", counter_only=True)
    for address, prices in zip(addresses, before, strict=True):
        kept = [line for line in prices if line["type"] != "carer"]
        assert anonymous_client.get(address).json()["prices"] == kept


@pytest.fixture
def anonymous_client():
    return client_of()
