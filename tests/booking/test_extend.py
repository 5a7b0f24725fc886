"""Keeping a hold for longer: once, and within a cap on its whole life."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from marquee.accounts.errors import AccountClosed
from marquee.booking.errors import CannotExtend, HoldExpired, NotHeld, SeatsTaken
from marquee.booking.models import Booking, BookingEvent, SeatClaim
from marquee.booking.operations import cancel, confirm, expire, extend
from marquee.booking.queries import availability_version
from marquee.booking.records import Actor
from tests.factories import all_rows, assert_refused, book_seats, expire_hold

MINUTE = timedelta(minutes=1)


@pytest.fixture
def hold(show, alice):
    """Return a hold of two seats that ends in a minute."""
    held = book_seats(alice, show, "A1", "A2", hold=True)
    expire_hold(held, seconds=60)
    return held


def ends(hold):
    """Return when a hold ends, which its claims must say alike."""
    hold.refresh_from_db()
    claims = set(SeatClaim.objects.filter(booking=hold).values_list("expires_at", flat=True))
    assert claims == {hold.held_until}
    return hold.held_until


def test_a_hold_is_kept_for_the_usual_time_from_now_on(settings, hold):
    settings.HOLD_MINUTES = 8
    extend(booking=hold)
    assert abs(ends(hold) - (timezone.now() + 8 * MINUTE)) < timedelta(seconds=30)
    kinds = BookingEvent.objects.filter(booking=hold).values_list("kind", "by", "actor")
    assert list(kinds) == [
        ("held", "customer", hold.user_id),
        ("extended", "customer", hold.user_id),
    ]


def test_a_hold_is_extended_once(hold):
    extend(booking=hold)
    ends(hold)
    with assert_refused(CannotExtend) as caught:
        extend(booking=hold)
    assert caught.value.facts.keys() == {"held_until"}
    assert "once" in caught.value.detail


def test_a_hold_never_lasts_longer_than_the_cap(settings, show, alice):
    settings.HOLD_MINUTES, settings.HOLD_MAX_MINUTES = 8, 10
    hold = book_seats(alice, show, "A1", hold=True)
    hold.refresh_from_db()
    expire_hold(hold, seconds=30)
    Booking.objects.filter(pk=hold.pk).update(held_at_most_until=timezone.now() + 2 * MINUTE)
    hold.refresh_from_db()
    extend(booking=hold)
    assert ends(hold) == hold.held_at_most_until


def test_a_hold_at_its_cap_is_refused(settings, show, alice):
    settings.HOLD_MINUTES, settings.HOLD_MAX_MINUTES = 8, 8
    hold = book_seats(alice, show, "A1", hold=True)
    with assert_refused(CannotExtend) as caught:
        extend(booking=hold)
    assert "as long as a hold may be" in caught.value.detail


def test_a_setting_of_a_longer_hold_than_the_cap_is_no_error(settings, show, alice):
    settings.HOLD_MINUTES, settings.HOLD_MAX_MINUTES = 60, 30
    hold = book_seats(alice, show, "A1", hold=True)
    hold.refresh_from_db()
    assert hold.held_at_most_until == hold.held_until == hold.created_at + 60 * MINUTE


def test_the_database_refuses_a_hold_beyond_its_cap(hold):
    hold.refresh_from_db()
    rows = Booking.objects.filter(pk=hold.pk)
    for columns in (
        {"held_until": hold.held_at_most_until + timedelta(seconds=1)},
        {"held_at_most_until": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**columns)


@pytest.mark.parametrize("recorded", [False, True])
def test_a_hold_that_ran_out_is_not_extended(hold, recorded):
    expire_hold(hold)
    if recorded:
        expire(booking=hold)
    with assert_refused(NotHeld) as caught:
        extend(booking=hold)
    assert "ran out" in caught.value.detail


@pytest.mark.parametrize("end", [confirm, cancel])
def test_what_is_not_held_is_not_extended(hold, end):
    end(booking=hold)
    with assert_refused(NotHeld):
        extend(booking=hold)


def test_a_hold_that_is_somebody_elses_by_now_is_not_extended(hold, bob):
    Booking.objects.filter(pk=hold.pk).update(user=bob)
    before = all_rows()
    with assert_refused(AccountClosed):
        extend(booking=hold, actor=Actor.customer(hold.user_id))
    assert all_rows() == before


def test_a_hold_whose_claim_ran_out_at_this_moment_gets_nothing(hold, bob):
    """The claim's own clock decides, as it does for those who take the seat over."""
    SeatClaim.objects.filter(booking=hold).update(expires_at=timezone.now() - MINUTE)
    book_seats(bob, hold.show, "A2")
    with assert_refused(HoldExpired, seats=["A1", "A2"]):
        extend(booking=hold)


def test_extended_seats_stay_refused_to_others_and_can_be_confirmed(hold, bob):
    before = availability_version(hold.show_id).number
    extend(booking=hold)
    assert availability_version(hold.show_id).number > before
    with assert_refused(SeatsTaken, seats=["A1"]):
        book_seats(bob, hold.show, "A1")
    confirm(booking=hold)
    hold.refresh_from_db()
    assert (hold.status, hold.held_until) == ("confirmed", None)


def test_a_lapsed_hold_that_was_extended_is_confirmed_like_any_other(hold):
    extend(booking=hold)
    expire_hold(hold)
    confirm(booking=hold)
    hold.refresh_from_db()
    assert hold.status == "confirmed"


def test_an_extension_changes_nothing_else(hold):
    before = all_rows()
    extend(booking=hold)
    after = all_rows()
    assert after["Ticket"] == before["Ticket"]
    changed = {
        column
        for row, was in zip(after["Booking"], before["Booking"], strict=True)
        for column in row
        if row[column] != was[column]
    }
    assert changed == {"held_until", "extended_at"}
