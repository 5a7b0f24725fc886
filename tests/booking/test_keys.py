"""Idempotency keys: the same request twice makes one booking."""

import hashlib
import json

import pytest

from marquee.accounts.errors import AccountClosed
from marquee.booking.errors import KeyReused, SeatsTaken
from marquee.booking.models import Booking
from marquee.booking.operations import call_off, cancel
from marquee.booking.records import SeatChoice, TicketRequest
from marquee.core.money import Money
from tests.factories import all_rows, assert_refused, book_tickets, make_show

KEY = "0b7f2c52-6a39-4b5c-9d5f-6f1a0d3c2e11"
A1 = [TicketRequest("A1", "adult")]


def test_the_same_key_and_tickets_return_the_booking_made_before(show, alice):
    first = book_tickets(alice, show, [TicketRequest("A1"), TicketRequest("A2", "child")], key=KEY)
    before = all_rows()
    again = book_tickets(alice, show, [TicketRequest("A1"), TicketRequest("A2", "child")], key=KEY)
    assert (first.is_replay, again.is_replay) == (False, True)
    assert again.booking == first.booking
    assert all_rows() == before


def test_a_replay_of_the_best_seats_is_the_same_seats(show, alice):
    first = book_tickets(alice, show, [TicketRequest(), TicketRequest()], key=KEY)
    again = book_tickets(alice, show, [TicketRequest(), TicketRequest()], key=KEY)
    assert again.booking == first.booking


@pytest.mark.parametrize(
    ("tickets", "hold"),
    [
        ([TicketRequest("A2", "adult")], False),
        ([TicketRequest("A1", "child")], False),
        ([TicketRequest("A1", "adult"), TicketRequest("A2")], False),
        ([TicketRequest()], False),
        (A1, True),
    ],
)
def test_the_same_key_with_other_tickets_is_refused(show, alice, tickets, hold):
    book_tickets(alice, show, A1, key=KEY)
    with assert_refused(KeyReused):
        book_tickets(alice, show, tickets, hold=hold, key=KEY)


@pytest.mark.parametrize(
    "other",
    [
        {"choice": SeatChoice(category="premium")},
        {"choice": SeatChoice(wheelchairs=1)},
        {"expected_total": Money(1250, "EUR")},
    ],
)
def test_the_same_key_with_another_choice_or_price_is_refused(show, alice, other):
    book_tickets(alice, show, [TicketRequest()], key=KEY)
    with assert_refused(KeyReused):
        book_tickets(alice, show, [TicketRequest()], key=KEY, **other)


def test_keys_stored_before_there_were_choices_and_prices_stay_good(show, alice):
    booking = book_tickets(alice, show, [TicketRequest("A1", "adult")], key=KEY).booking
    content = json.dumps([show.pk, False, [["A1", "adult"]]])
    assert booking.request_digest == hashlib.sha256(content.encode()).hexdigest()


def test_the_same_key_for_another_show_is_refused(show, alice):
    book_tickets(alice, show, A1, key=KEY)
    with assert_refused(KeyReused):
        book_tickets(alice, make_show(), A1, key=KEY)


def test_another_key_is_another_request(show, alice):
    book_tickets(alice, show, A1, key=KEY)
    with assert_refused(SeatsTaken):
        book_tickets(alice, show, A1, key="another")


def test_keys_belong_to_their_users(show, alice, bob):
    book_tickets(alice, show, A1, key=KEY)
    made = book_tickets(bob, show, [TicketRequest("A2")], key=KEY)
    assert not made.is_replay
    assert made.booking.user == bob


def test_bookings_without_a_key_do_not_get_in_each_others_way(show, alice):
    book_tickets(alice, show, A1)
    book_tickets(alice, show, [TicketRequest("A2")])
    assert (
        list(Booking.objects.values_list("idempotency_key", "request_digest")) == [(None, "")] * 2
    )


def test_a_refused_attempt_stores_no_key_so_it_can_be_tried_again(show, alice, bob):
    rival = book_tickets(bob, show, A1).booking
    with assert_refused(SeatsTaken):
        book_tickets(alice, show, A1, key=KEY)
    with assert_refused(SeatsTaken):
        book_tickets(alice, show, [*A1, TicketRequest("A2")], key=KEY)
    cancel(booking=rival)
    assert not book_tickets(alice, show, A1, key=KEY).is_replay


def test_a_replay_after_cancelling_returns_the_cancelled_booking(show, alice, bob):
    first = book_tickets(alice, show, A1, key=KEY).booking
    cancel(booking=first)
    book_tickets(bob, show, A1)
    before = all_rows()
    again = book_tickets(alice, show, A1, key=KEY)
    assert again.is_replay
    assert (again.booking, again.booking.status) == (first, "cancelled")
    assert all_rows() == before


def test_a_replay_succeeds_where_a_new_booking_would_be_refused(settings, show, alice):
    settings.SEAT_LIMIT = 1
    first = book_tickets(alice, show, A1, key=KEY).booking
    assert book_tickets(alice, show, A1, key=KEY).booking == first
    call_off(show=show)
    assert book_tickets(alice, show, A1, key=KEY).booking == first


def test_a_replay_needs_an_active_account_too(show, alice):
    book_tickets(alice, show, A1, key=KEY)
    alice.token_epoch += 1
    with assert_refused(AccountClosed):
        book_tickets(alice, show, A1, key=KEY)
