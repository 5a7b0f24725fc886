from datetime import timedelta

import pytest
from django.utils import timezone

from marquee.booking.errors import AlreadyUsed, NotHeld, TooLateToCancel
from marquee.booking.models import Booking, SeatClaim, Ticket
from marquee.booking.operations import admit, call_off, cancel, confirm, expire
from marquee.booking.records import TicketRequest
from marquee.catalog.models import Show
from marquee.core.zones import isoformat_in
from tests.factories import (
    EARLY,
    all_rows,
    assert_refused,
    book_seats,
    book_tickets,
    expire_hold,
    make_auditorium,
    make_cinema,
    make_show,
)


def starts_in(show, *, closes=30, **time):
    """Let a show, and what its bookings bought, start in a while, as if the clock had moved."""
    start = timezone.now() + timedelta(**time)
    Show.objects.filter(pk=show.pk).update(starts_at=start)
    Booking.objects.filter(show=show).update(
        sold_starts_at=start, cancel_until=start - timedelta(minutes=closes)
    )


@pytest.mark.parametrize("hold", [True, False])
def test_cancelling_frees_the_seats_and_voids_the_tickets(show, alice, hold):
    booking = book_seats(alice, show, "A1", "A2", hold=hold)
    others = book_seats(alice, show, "A3")
    cancel(booking=booking)
    booking.refresh_from_db()
    assert (booking.status, booking.held_until, booking.total) == ("cancelled", None, 2500)
    assert set(booking.tickets.values_list("status", flat=True)) == {"void"}
    claims = SeatClaim.objects.order_by("seat")
    assert list(claims.values_list("state", "booking", "expires_at")) == [
        ("free", None, None),
        ("free", None, None),
        ("sold", others.pk, None),
    ]
    assert others.tickets.get().status == "valid"


@pytest.mark.parametrize("hold", [True, False])
def test_a_cancelled_seat_can_be_booked_again(show, alice, bob, hold):
    cancel(booking=book_seats(alice, show, "C7", hold=hold))
    again = book_seats(bob, show, "C7")
    assert SeatClaim.objects.get().booking == again


def test_cancelling_twice_changes_nothing(show, alice, bob):
    booking = book_seats(alice, show, "A1", "A2")
    cancel(booking=booking)
    book_seats(bob, show, "A1")
    before = all_rows()
    cancel(booking=booking)
    assert all_rows() == before


def test_cancelling_closes_half_an_hour_before_the_show(show, alice):
    in_time, late = book_seats(alice, show, "A1"), book_seats(alice, show, "A2")
    starts_in(show, minutes=31)
    cancel(booking=in_time)
    starts_in(show, minutes=29)
    with assert_refused(TooLateToCancel):
        cancel(booking=late)


def test_cancelling_closes_when_the_cinema_says(alice):
    auditorium = make_auditorium(make_cinema(cancel_until_minutes=120))
    show = make_show(auditorium)
    booking = book_seats(alice, show, "A1")
    assert booking.cancel_until == show.starts_at - timedelta(minutes=120)
    starts_in(show, minutes=119, closes=120)
    until = Show.objects.get(pk=show.pk).starts_at - timedelta(minutes=120)
    with assert_refused(TooLateToCancel, cancel_until=isoformat_in(until, "Europe/Vienna")):
        cancel(booking=booking)
    starts_in(show, minutes=121, closes=120)
    cancel(booking=booking)
    booking.refresh_from_db()
    assert booking.status == "cancelled"


def test_a_hold_can_be_given_back_at_any_time(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    starts_in(show, minutes=-5)
    cancel(booking=hold)
    assert SeatClaim.objects.get().state == "free"


def test_a_cancelled_booking_is_cancelled_however_late_it_is_asked(show, alice):
    booking = book_seats(alice, show, "A1")
    cancel(booking=booking)
    starts_in(show, minutes=5)
    before = all_rows()
    cancel(booking=booking)
    assert all_rows() == before


def test_a_booking_of_which_a_ticket_was_used_stays(show, alice):
    made = book_tickets(alice, show, [TicketRequest("A1"), TicketRequest("A2")])
    second = made.booking.tickets.last()
    admit(ticket=second, reason=EARLY)
    used_at = Ticket.objects.get(pk=second.pk).used_at
    with assert_refused(AlreadyUsed, used_at=isoformat_in(used_at, "Europe/Vienna")):
        cancel(booking=made.booking)


@pytest.mark.parametrize("recorded", [True, False])
def test_an_expired_hold_has_nothing_to_give_back(show, alice, bob, recorded):
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    expire_hold(hold)
    if recorded:
        expire(booking=hold)
    book_seats(bob, show, "A1")
    with assert_refused(NotHeld):
        cancel(booking=hold)


def test_a_hold_that_was_confirmed_late_can_be_cancelled(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    confirm(booking=hold)
    cancel(booking=hold)
    assert SeatClaim.objects.get().state == "free"


def test_a_booking_called_off_with_its_show_is_cancelled_already(show, alice):
    booking = book_seats(alice, show, "A1")
    call_off(show=show)
    before = all_rows()
    cancel(booking=booking)
    assert all_rows() == before
