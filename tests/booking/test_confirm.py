"""Confirmations. An expired hold behaves the same before and after the worker recorded it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from marquee.accounts.errors import AccountClosed
from marquee.booking.errors import (
    HoldExpired,
    NotHeld,
    PriceChanged,
    SalesClosed,
    SeatLimit,
    ShowCalledOff,
)
from marquee.booking.models import BookingEvent, SeatClaim
from marquee.booking.operations import block, call_off, cancel, close_account, confirm, expire
from marquee.booking.records import TicketRequest
from marquee.catalog.models import Seat, Show
from marquee.catalog.operations import PriceLine, change_price_card
from marquee.core.money import Money
from tests.factories import (
    PRICES,
    all_rows,
    assert_refused,
    book_seats,
    book_tickets,
    expire_hold,
    price_lines,
)


@pytest.fixture(params=["recorded", "unrecorded"])
def let_expire(request):
    """Return a function that lets a hold expire; in half of the tests, the worker records it."""

    def let_expire(booking):
        expire_hold(booking)
        if request.param == "recorded":
            expire(booking=booking)

    return let_expire


def stored_status(booking):
    booking.refresh_from_db()
    return booking.status, booking.held_until


def claims_of(booking):
    seats = booking.tickets.values("seat")
    claims = SeatClaim.objects.filter(show=booking.show, seat__in=seats).order_by("seat")
    return list(claims.values_list("seat__label", "state", "booking", "expires_at"))


def test_a_hold_is_confirmed_with_its_seats_sold(show, alice):
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    confirm(booking=hold)
    assert stored_status(hold) == ("confirmed", None)
    assert claims_of(hold) == [("A1", "sold", hold.pk, None), ("A2", "sold", hold.pk, None)]
    assert set(hold.tickets.values_list("status", flat=True)) == {"valid"}


@pytest.mark.parametrize("hold", [True, False])
def test_confirming_twice_changes_nothing(show, alice, hold):
    booking = book_seats(alice, show, "A1", hold=hold)
    confirm(booking=booking)
    before = all_rows()
    confirm(booking=booking)
    assert all_rows() == before


def test_an_expired_hold_is_confirmed_while_its_seats_are_free(show, alice, let_expire):
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    let_expire(hold)
    confirm(booking=hold)
    assert stored_status(hold) == ("confirmed", None)
    assert claims_of(hold) == [("A1", "sold", hold.pk, None), ("A2", "sold", hold.pk, None)]


def reprice(show, factor):
    lines = [PriceLine(*key, Decimal(amount) * factor) for key, amount in PRICES.items()]
    change_price_card(price_card=show.price_card, prices=lines)


def test_an_expired_hold_is_not_confirmed_at_its_old_price_once_that_rose(show, alice, let_expire):
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    let_expire(hold)
    reprice(show, 2)
    dearer = {"amount": "50.00", "currency": "EUR"}
    with assert_refused(PriceChanged, total=dearer) as refused:
        confirm(booking=hold)
    assert "cost 50.00 EUR now, not 25.00 EUR" in str(refused.value)
    for expected in (2500, 4999):
        with assert_refused(PriceChanged, total=dearer):
            confirm(booking=hold, expected_total=Money(expected, "EUR"))
    confirm(booking=hold, expected_total=Money(5000, "EUR"))
    hold.refresh_from_db()
    assert (hold.status, hold.total) == ("confirmed", 5000)
    assert [ticket.price for ticket in hold.tickets.all()] == [2500, 2500]


def test_an_expired_hold_is_confirmed_at_the_lower_price_if_it_fell(show, alice, let_expire):
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    let_expire(hold)
    reprice(show, Decimal("0.5"))
    confirm(booking=hold)
    hold.refresh_from_db()
    assert (hold.status, hold.total) == ("confirmed", 1250)
    assert [ticket.price for ticket in hold.tickets.all()] == [625, 625]


def test_a_live_hold_is_confirmed_at_its_own_price(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    reprice(show, 2)
    with assert_refused(PriceChanged, total={"amount": "12.50", "currency": "EUR"}):
        confirm(booking=hold, expected_total=Money(2500, "EUR"))
    confirm(booking=hold, expected_total=Money(1250, "EUR"))
    before = all_rows()
    confirm(booking=hold, expected_total=Money(1, "EUR"))  # it is confirmed already
    assert all_rows() == before


def test_an_expired_hold_of_tickets_that_are_no_longer_sold_is_refused(show, alice, let_expire):
    hold = book_tickets(alice, show, [TicketRequest("A1", "child")], hold=True).booking
    let_expire(hold)
    without = {key: amount for key, amount in PRICES.items() if key != ("standard", "child")}
    change_price_card(price_card=show.price_card, prices=price_lines(without))
    with assert_refused(HoldExpired, seats=["A1"]) as refused:
        confirm(booking=hold)
    assert "no longer sells A1 as child" in str(refused.value)


def test_the_refusal_says_who_has_the_seats_of_an_expired_hold(show, alice, bob, let_expire):
    hold = book_seats(alice, show, "A1", "A2", "A3", hold=True)
    let_expire(hold)
    own = book_seats(alice, show, "A1")
    block(show=show, seats={Seat.objects.get(plan=show.seat_plan, label="A2").pk})
    book_seats(bob, show, "A3")
    with assert_refused(HoldExpired, seats=["A1", "A2", "A3"]) as refused:
        confirm(booking=hold)
    assert str(refused.value) == (
        f"The hold ran out, and its seats are gone: A1 in booking {own.reference} of the same account; "
        "A2 no longer for sale; A3 taken by somebody else."
    )


def test_an_expired_hold_does_not_get_back_seats_that_others_have(show, alice, bob, let_expire):
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    let_expire(hold)
    book_seats(bob, show, "A1", "A2", "A3")
    with assert_refused(HoldExpired, seats=["A1", "A2"]):
        confirm(booking=hold)


@pytest.mark.parametrize("taken_by", ["hold", "booking", "staff"])
def test_a_hold_that_lost_one_seat_gets_none_of_them_back(show, alice, bob, let_expire, taken_by):
    hold = book_seats(alice, show, "A1", "A2", "A3", hold=True)
    let_expire(hold)
    if taken_by == "staff":
        block(show=show, seats={Seat.objects.get(plan=show.seat_plan, label="A2").pk})
    else:
        book_seats(bob, show, "A2", hold=taken_by == "hold")
    with assert_refused(HoldExpired, seats=["A2"]):
        confirm(booking=hold)


def test_of_two_expired_holds_the_first_to_be_confirmed_wins(show, alice, bob, let_expire):
    first = book_seats(alice, show, "A1", hold=True)
    let_expire(first)
    second = book_seats(bob, show, "A1", hold=True)
    let_expire(second)
    confirm(booking=first)
    with assert_refused(HoldExpired, seats=["A1"]):
        confirm(booking=second)


def test_a_seat_taken_over_and_given_back_is_free_again(show, alice, bob, let_expire):
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    let_expire(hold)
    cancel(booking=book_seats(bob, show, "A2"))
    confirm(booking=hold)
    assert stored_status(hold) == ("confirmed", None)


def test_an_expired_hold_counts_towards_the_limit_like_a_new_booking(
    settings, show, alice, let_expire
):
    settings.SEAT_LIMIT = 3
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    let_expire(hold)
    booking = book_seats(alice, show, "B1", "B2")
    with assert_refused(SeatLimit, limit=3, left=1):
        confirm(booking=hold)
    cancel(booking=booking)
    confirm(booking=hold)
    assert stored_status(hold) == ("confirmed", None)


def test_a_hold_that_expired_is_not_confirmed_after_sales_closed(show, alice, let_expire):
    hold = book_seats(alice, show, "A1", hold=True)
    let_expire(hold)
    Show.objects.filter(pk=show.pk).update(sales_until=timezone.now() - timedelta(milliseconds=2))
    with assert_refused(SalesClosed):
        confirm(booking=hold)


@pytest.mark.parametrize("end", ["deleted", "deactivated"])
def test_an_expired_hold_is_not_confirmed_for_a_closed_account(show, alice, end):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    expire(booking=hold)  # closing the account leaves ended bookings alone
    if end == "deleted":
        close_account(user=alice, upcoming="cancel")
    else:
        alice.is_active = False
        alice.save()
    with assert_refused(AccountClosed):
        confirm(booking=hold)


def test_a_live_hold_is_confirmed_even_after_sales_closed(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    Show.objects.filter(pk=show.pk).update(sales_until=timezone.now() - timedelta(hours=1))
    confirm(booking=hold)
    assert stored_status(hold) == ("confirmed", None)


def test_a_cancelled_hold_cannot_be_confirmed(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    cancel(booking=hold)
    with assert_refused(NotHeld):
        confirm(booking=hold)


def test_a_hold_cannot_be_confirmed_once_the_show_is_called_off(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    call_off(show=show)
    with assert_refused(ShowCalledOff):
        confirm(booking=hold)


def test_an_expired_hold_cannot_be_confirmed_once_the_show_is_called_off(show, alice, let_expire):
    hold = book_seats(alice, show, "A1", hold=True)
    let_expire(hold)
    call_off(show=show)
    with assert_refused(ShowCalledOff):
        confirm(booking=hold)
    assert not BookingEvent.objects.filter(kind="called_off").exists()
