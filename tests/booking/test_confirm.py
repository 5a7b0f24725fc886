"""Confirmations. An expired hold behaves the same before and after the worker recorded it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marquee.accounts.errors import AccountClosed
from marquee.booking.errors import HoldExpired, NotHeld, SalesClosed, SeatLimit, ShowCalledOff
from marquee.booking.models import BookingEvent, SeatClaim
from marquee.booking.operations import block, call_off, cancel, close_account, confirm, expire
from marquee.catalog.models import Seat, Show
from tests.factories import all_rows, assert_refused, book_seats, expire_hold


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
        close_account(user=alice)
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
