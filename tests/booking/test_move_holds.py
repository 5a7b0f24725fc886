"""A visitor who logs in, or signs up, half way takes the held seats along."""

from uuid import uuid4

import pytest

from marquee.accounts.models import User
from marquee.booking.errors import SeatLimit, WheelchairLimit
from marquee.booking.models import Booking, BookingEvent
from marquee.booking.operations import cancel, confirm, expire, move_holds
from tests.booking.visitors import GERDA, hold_as_visitor, provisional, visitor_of
from tests.factories import all_rows, book_seats, expire_hold, make_show, make_staff, usage_of

pytestmark = pytest.mark.django_db


def owners() -> dict[str, int]:
    return {one.reference: one.user_id for one in Booking.objects.all()}


def test_a_live_hold_becomes_the_accounts_with_its_seats_and_its_time(show, alice):
    hold = hold_as_visitor(show, "A1", "A2", key="form")
    before, claims = Booking.objects.values().get(), list(hold.claims.values())
    moved = move_holds(visitor=visitor_of(hold), user=alice)
    assert (moved.moved, moved.refused) == ([hold.reference], {})
    changed = {"user_id": alice.pk, "idempotency_key": None, "request_digest": ""}
    assert Booking.objects.values().get() == before | changed
    assert list(hold.claims.values()) == claims
    event = BookingEvent.objects.latest("pk")
    assert (event.kind, event.by, event.actor) == ("joined", "customer", alice)
    hold.refresh_from_db()
    assert confirm(booking=hold)


def test_what_was_confirmed_or_has_ended_stays_the_guests(show, alice):
    booked = hold_as_visitor(show, "A1")
    visitor = visitor_of(booked)
    confirm(booking=booked, contact=GERDA)
    expired, recorded, given_back = (
        hold_as_visitor(show, seat, visitor=visitor) for seat in ("A2", "A3", "A4")
    )
    expire_hold(expired)
    expire_hold(recorded)
    expire(booking=recorded)
    cancel(booking=given_back)
    before = all_rows()
    assert move_holds(visitor=visitor, user=alice).moved == []
    assert all_rows() == before


def test_holds_of_other_visitors_stay(show, alice):
    hold = hold_as_visitor(show, "A1")
    assert move_holds(visitor=uuid4(), user=alice).moved == ()
    assert owners() == {hold.reference: hold.user_id}


def test_a_hold_beside_a_booking_that_was_confirmed_moves_too(show, alice):
    booked = hold_as_visitor(show, "A1")
    hold = hold_as_visitor(show, "A2", visitor=visitor_of(booked))
    confirm(booking=booked, contact=GERDA)
    assert move_holds(visitor=visitor_of(booked), user=alice).moved == [hold.reference]
    assert owners() == {booked.reference: booked.user_id, hold.reference: alice.pk}


def test_the_limits_of_the_account_count_and_what_it_may_not_have_stays(show, alice, settings):
    settings.SEAT_LIMIT = 2
    book_seats(alice, show, "B1")
    other = make_show()
    hold = hold_as_visitor(show, "A1", "A2")
    elsewhere = hold_as_visitor(other, "A1", visitor=visitor_of(hold))
    moved = move_holds(visitor=visitor_of(hold), user=alice)
    assert moved.moved == [elsewhere.reference]
    refusal = moved.refused[hold.reference]
    assert isinstance(refusal, SeatLimit)
    assert refusal.facts == {"limit": 2, "left": 1}
    assert owners()[hold.reference] == hold.user_id
    assert not BookingEvent.objects.filter(booking=hold, kind="joined").exists()
    assert usage_of(alice, other).customer_seats == 1


def test_seats_of_the_same_address_count_once(show, alice, settings):
    settings.SEAT_LIMIT = settings.UNPAID_SEAT_LIMIT = 2
    hold = hold_as_visitor(show, "A1", "A2")
    User.objects.get(pk=hold.user_id)
    moved = move_holds(visitor=visitor_of(hold), user=alice)
    assert moved.moved == [hold.reference]


def test_wheelchair_spaces_are_limited_likewise(show, alice):
    show.price_card.wheelchair_limit = 1
    show.price_card.save()
    book_seats(alice, show, "C1")
    hold = hold_as_visitor(show, "C2")
    refused = move_holds(visitor=visitor_of(hold), user=alice).refused
    assert isinstance(refused[hold.reference], WheelchairLimit)


def test_staff_who_sell_have_the_seat_limit_alone(show, settings):
    settings.UNPAID_SEAT_LIMIT = 1
    hold = hold_as_visitor(show, "A1")
    staff = make_staff()
    book_seats(staff, show, "B1", "B2")
    assert move_holds(visitor=visitor_of(hold), user=staff).moved == [hold.reference]


def test_a_closed_account_and_a_guest_get_nothing(show, alice):
    hold = hold_as_visitor(show, "A1")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    for user in (alice, provisional()):
        assert move_holds(visitor=visitor_of(hold), user=user).moved == ()
    assert owners() == {hold.reference: hold.user_id}


def test_moving_twice_changes_nothing(show, alice):
    hold = hold_as_visitor(show, "A1")
    move_holds(visitor=visitor_of(hold), user=alice)
    before = all_rows()
    move_holds(visitor=hold.user.visitor, user=alice)
    assert all_rows() == before


def test_a_visitor_without_holds_costs_two_statements(alice, django_assert_num_queries):
    visitor = provisional().visitor
    with django_assert_num_queries(4):  # with the beginning and the end of the transaction
        move_holds(visitor=visitor, user=alice)
