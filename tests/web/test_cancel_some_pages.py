"""Cancelling some seats on the page of a booking."""

import pytest
from django.utils import timezone

from marquee.booking.models import Ticket
from tests.factories import (
    CARER_PRICES,
    all_rows,
    book_seats,
    make_auditorium,
    make_price_card,
    make_show,
)
from tests.web.html import heading, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(alice, show, client):
    client.force_login(alice)
    return book_seats(alice, show, "A1", "A2", "B1")


def url(booking):
    return f"/bookings/{booking.reference}/cancel/"


def seats_of(booking):
    rows = booking.tickets.filter(status="valid").order_by("seat")
    return list(rows.values_list("seat__label", flat=True))


def test_the_page_says_what_is_given_back_and_what_stays_before_it_asks(client, booking):
    before = all_rows()
    page = text(client.get(url(booking), {"seat": ["A2", "B1"], "some": "1"}))
    assert "These are given back A2, Adult, €12.50 B1, Adult, €15.00" in page
    assert "These stay yours A1, Adult, €12.50" in page
    assert "€12.50 instead of €40.00" in page
    assert "Nothing was paid online" in page
    assert "This cannot be undone." in page
    assert all_rows() == before
    client.post(url(booking), {"seat": ["A2", "B1"]})
    booking.refresh_from_db()
    assert (booking.status, booking.total, seats_of(booking)) == ("confirmed", 1250, ["A1"])


def test_all_of_them_are_the_whole_booking(client, booking):
    page = client.get(url(booking), {"seat": ["A1", "A2", "B1"], "some": "1"})
    assert heading(page) == "Cancel this booking?"
    client.post(url(booking), {"seat": ["A1", "A2", "B1"]})
    booking.refresh_from_db()
    assert booking.status == "cancelled"


@pytest.mark.parametrize("seats", [[], ["Z9"], ["A1", "A\x00"], ["<script>"], ["x"] * 900])
def test_seats_that_the_booking_does_not_have_are_not_cancelled(client, booking, seats):
    before = all_rows()
    page = client.get(url(booking), {"seat": seats, "some": "1"})
    assert page.status_code == 400
    assert "Choose at least one seat to cancel." in text(page)
    assert "<script>" not in page.content.decode()
    if seats:
        assert client.post(url(booking), {"seat": seats}).status_code == 400
    assert all_rows() == before


def test_a_used_ticket_stays_and_the_others_can_be_cancelled(client, booking):
    Ticket.objects.filter(seat__label="A1").update(status="used", used_at=timezone.now())
    page = client.get(url(booking))
    assert 'value="A1"' not in page.content.decode()
    assert "Cancel all seats" not in text(page)
    before = all_rows()
    assert client.post(url(booking), {"seat": ["A1"]}).status_code == 409
    assert all_rows() == before
    client.post(url(booking), {"seat": ["A2", "B1"]})
    assert seats_of(booking) == []
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_a_companion_seat_does_not_stay_without_its_space(client, alice):
    auditorium = make_auditorium(rows=["A: ssss", "B: wcwc"])
    card = make_price_card(auditorium.cinema, CARER_PRICES)
    booking = book_seats(alice, make_show(auditorium, price_card=card), "B1", "B2")
    client.force_login(alice)
    before = all_rows()
    page = client.post(url(booking), {"seat": ["B1"]})
    assert page.status_code == 409
    assert "cannot stay without its wheelchair space" in text(page)
    assert all_rows() == before


def test_a_single_ticket_is_the_whole_booking(client, alice, show):
    client.force_login(alice)
    booking = book_seats(alice, show, "A1")
    page = client.get(url(booking))
    assert "Or only some seats" not in text(page)
