"""The history: one event for each change. `assert_refused` checks that a refusal writes none."""

from datetime import timedelta

from django.utils import timezone

from marquee.booking.models import BookingEvent
from marquee.booking.operations import (
    admit,
    block,
    call_off,
    cancel,
    confirm,
    expire,
    unblock,
)
from marquee.catalog.models import Seat
from tests.factories import book_seats, expire_hold


def kinds(booking):
    return list(booking.events.values_list("kind", flat=True))


def test_a_booking_that_was_held_first(show, alice):
    booking = book_seats(alice, show, "A1", "A2", hold=True)
    assert kinds(booking) == ["held"]
    confirm(booking=booking)
    assert kinds(booking) == ["held", "confirmed"]
    cancel(booking=booking)
    assert kinds(booking) == ["held", "confirmed", "cancelled"]


def test_a_booking_made_at_once_and_used(show, alice):
    booking = book_seats(alice, show, "A1")
    admit(ticket=booking.tickets.get())
    assert kinds(booking) == ["confirmed", "admitted"]


def test_an_expired_hold_that_was_confirmed(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    expire(booking=hold)
    confirm(booking=hold)
    assert kinds(hold) == ["held", "expired", "confirmed"]


def test_a_hold_that_was_taken_over_writes_events_of_its_own_only(show, alice, bob):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    booking = book_seats(bob, show, "A1")
    assert kinds(hold) == ["held"]
    assert kinds(booking) == ["confirmed"]


def test_a_show_called_off_writes_one_event_for_each_booking(show, alice, bob):
    bookings = [book_seats(alice, show, "A1", "A2"), book_seats(bob, show, "B1")]
    call_off(show=show)
    assert [kinds(booking) for booking in bookings] == [["confirmed", "called_off"]] * 2


def test_blocking_is_no_event_of_any_booking(show):
    seats = {Seat.objects.get(plan=show.seat_plan, label="A1").pk}
    block(show=show, seats=seats)
    unblock(show=show, seats=seats)
    assert not BookingEvent.objects.exists()


def test_events_are_dated_by_the_databases_clock(show, alice):
    booking = book_seats(alice, show, "A1")
    made = booking.events.get()
    assert made.at == booking.created_at
    assert abs(made.at - timezone.now()) < timedelta(seconds=30)
