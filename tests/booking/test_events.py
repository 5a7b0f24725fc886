"""The history: one event for each change. `assert_refused` checks that a refusal writes none."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from marquee.booking.models import BookingEvent
from marquee.booking.operations import (
    admit,
    block,
    call_off,
    cancel,
    close_account,
    confirm,
    expire,
    unblock,
)
from marquee.booking.records import Actor
from marquee.catalog.models import Seat
from tests.factories import EARLY, book_seats, expire_hold, make_staff


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
    admit(ticket=booking.tickets.get(), reason=EARLY)
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


def who(booking):
    return list(booking.events.values_list("kind", "by", "actor", "reason"))


def test_an_event_says_that_the_customer_did_it(show, alice):
    booking = book_seats(alice, show, "A1", hold=True)
    confirm(booking=booking, actor=Actor.customer(alice.pk))
    cancel(booking=booking)
    assert who(booking) == [
        ("held", "customer", alice.pk, ""),
        ("confirmed", "customer", alice.pk, ""),
        ("cancelled", "customer", alice.pk, ""),
    ]


def test_an_event_says_which_member_of_staff_did_it_and_why(show, alice):
    staff = make_staff()
    actor = Actor.staff(staff.pk)
    cancelled = book_seats(alice, show, "A1", hold=True, actor=actor)
    confirm(booking=cancelled, actor=actor)
    cancel(booking=cancelled, actor=actor, reason="Ill")
    called_off = book_seats(alice, show, "A2")
    admit(ticket=called_off.tickets.get(), actor=actor, reason="A rehearsal")
    call_off(show=show, actor=actor, reason="The projector is broken.")
    assert who(cancelled) == [
        ("held", "staff", staff.pk, ""),
        ("confirmed", "staff", staff.pk, ""),
        ("cancelled", "staff", staff.pk, "Ill"),
    ]
    assert who(called_off) == [
        ("confirmed", "customer", alice.pk, ""),
        ("admitted", "staff", staff.pk, "A rehearsal"),
        ("called_off", "staff", staff.pk, "The projector is broken."),
    ]


def test_an_event_says_that_the_worker_did_it(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    expire(booking=hold)
    assert who(hold)[1:] == [("expired", "worker", None, "")]


def test_an_account_closed_by_staff_says_so_in_its_bookings(show, alice):
    booking, staff = book_seats(alice, show, "A1"), make_staff()
    close_account(user=alice, upcoming="cancel", actor=Actor.staff(staff.pk))
    assert who(booking)[1:] == [("cancelled", "staff", staff.pk, "")]


@pytest.mark.parametrize(("by", "has_actor"), [("somebody", False), ("worker", True), ("", True)])
def test_the_database_refuses_an_unknown_actor(show, alice, by, has_actor):
    booking = book_seats(alice, show, "A1")
    actor = alice if has_actor else None
    with pytest.raises(IntegrityError), transaction.atomic():
        booking.events.update(by=by, actor=actor)


def test_events_are_dated_by_the_databases_clock(show, alice):
    booking = book_seats(alice, show, "A1")
    made = booking.events.get()
    assert made.at == booking.created_at
    assert abs(made.at - timezone.now()) < timedelta(seconds=30)


@pytest.mark.parametrize("by", ["customer", "staff"])
def test_the_database_refuses_an_event_of_a_person_without_that_person(show, alice, by):
    booking = book_seats(alice, show, "A1")
    with pytest.raises(IntegrityError), transaction.atomic():
        booking.events.update(by=by, actor=None)


def test_the_database_refuses_an_undone_admission_without_a_reason(show, alice):
    booking = book_seats(alice, show, "A1")
    booking.events.update(kind="undone", reason="A rehearsal")
    with pytest.raises(IntegrityError), transaction.atomic():
        booking.events.update(reason="")
