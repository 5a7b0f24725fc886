"""Moving a show carries its bookings along. The terms that were sold do not get worse."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from marquee.booking.errors import (
    BookingsNotConfirmed,
    NeedsShortNotice,
    TooLateToCancel,
)
from marquee.booking.models import Booking
from marquee.booking.operations import (
    call_off,
    cancel,
    close_account,
    confirm,
    expire,
    keep_local_times,
    move_show,
)
from marquee.booking.records import Actor
from marquee.booking.states import UpcomingBookings
from marquee.catalog.errors import ShowOverlaps
from marquee.catalog.models import Cinema, Show
from marquee.catalog.operations import change_cinema
from marquee.core.errors import BadInput
from tests.factories import (
    assert_refused,
    book_seats,
    expire_hold,
    make_auditorium,
    make_cinema,
    make_show,
    make_staff,
    make_user,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def now() -> datetime:
    return timezone.now().replace(microsecond=0)


def terms(booking: Booking) -> tuple[datetime, datetime]:
    """Return when the show was to start when it was sold, and until when it may be cancelled."""
    row = Booking.objects.get(pk=booking.pk)
    return row.sold_starts_at, row.cancel_until


def move(show: Show, by: timedelta, **options) -> Show:
    """Move a show, with the consent of staff unless it is given."""
    usual = {"confirm_bookings": Booking.objects.filter(show=show).count(), "short_notice": True}
    start = Show.objects.get(pk=show.pk).starts_at
    return move_show(show=show, starts_at=start + by, **usual | options)


# --- The terms that were sold -------------------------------------------------------------------


@pytest.mark.parametrize("hold", [True, False])
def test_terms_are_copied_when_seats_are_held(show, alice, hold):
    booking = book_seats(alice, show, "A1", hold=hold)
    assert terms(booking) == (show.starts_at, show.starts_at - 30 * MINUTE)


@pytest.mark.parametrize("minutes", [525_600, None, 0])
def test_another_policy_of_the_cinema_leaves_what_was_sold(alice, minutes):
    show = make_show(make_auditorium(make_cinema(cancel_until_minutes=60)))
    booking, hold = book_seats(alice, show, "A1"), book_seats(alice, show, "A2", hold=True)
    before = terms(booking)
    change_cinema(cinema=show.auditorium.cinema, cancel_until_minutes=minutes)
    confirm(booking=hold)
    assert terms(booking) == terms(hold) == before
    cancel(booking=booking)
    cancel(booking=hold)


def test_another_setting_leaves_what_was_sold(show, alice, settings):
    booking = book_seats(alice, show, "A1")
    settings.CANCEL_UNTIL_MINUTES = 525_600
    cancel(booking=booking)
    with_new_terms = book_seats(make_user(), show, "A2")
    with assert_refused(TooLateToCancel):
        cancel(booking=with_new_terms)


def test_closing_the_account_cancels_by_the_terms_that_were_sold(show, alice):
    booking = book_seats(alice, show, "A1")
    Cinema.objects.update(cancel_until_minutes=525_600)
    close_account(user=alice, upcoming=UpcomingBookings.CANCEL)
    assert Booking.objects.get(pk=booking.pk).status == "cancelled"


@pytest.mark.parametrize(("minutes", "expected"), [(525_600, 30), (5, 5)])
@pytest.mark.parametrize("recorded", [True, False])
def test_an_expired_hold_is_confirmed_by_the_better_terms(
    show, alice, settings, minutes, expected, recorded
):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    if recorded:
        expire(booking=hold)
    settings.CANCEL_UNTIL_MINUTES = minutes
    confirm(booking=hold)
    assert terms(hold)[1] == show.starts_at - expected * MINUTE


def test_an_expired_hold_of_a_show_that_moved_may_be_cancelled_until_its_start(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    moved = move_show(show=show, starts_at=show.starts_at + HOUR)  # nobody has it: no consent
    confirm(booking=hold)
    assert terms(hold) == (show.starts_at, moved.starts_at)


# --- A show that moves --------------------------------------------------------------------------


@pytest.mark.parametrize("by", [3 * HOUR, -3 * HOUR, 16 * MINUTE, -16 * MINUTE, 400 * DAY])
@pytest.mark.parametrize("hold", [True, False])
def test_customers_of_a_moved_show_may_cancel_until_its_new_start(show, alice, by, hold):
    booking = book_seats(alice, show, "A1", "A2", hold=hold)
    moved = move(show, by)
    assert terms(booking) == (show.starts_at, moved.starts_at)
    assert Booking.objects.get(pk=booking.pk).status == ("held" if hold else "confirmed")


def test_they_may_even_if_cancelling_was_over(show, alice):
    Cinema.objects.update(cancel_until_minutes=525_600)
    booking = book_seats(alice, show, "A1")
    with assert_refused(TooLateToCancel):
        cancel(booking=booking)
    move(show, HOUR)
    cancel(booking=booking)


@pytest.mark.parametrize("by", [15 * MINUTE, -15 * MINUTE, MINUTE])
def test_a_move_of_up_to_fifteen_minutes_changes_no_terms(show, alice, by):
    booking = book_seats(alice, show, "A1")
    before = terms(booking)
    move(show, by)
    assert terms(booking) == before


def test_many_small_moves_add_up_to_what_was_sold(show, alice):
    booking = book_seats(alice, show, "A1")
    before = terms(booking)
    move(show, 10 * MINUTE)
    later = book_seats(make_user(), show, "A2")  # bought ten minutes later
    assert terms(booking) == before
    moved = move(show, 10 * MINUTE)
    assert terms(booking) == (show.starts_at, moved.starts_at)
    assert terms(later)[1] == show.starts_at + 10 * MINUTE - 30 * MINUTE


def test_a_show_that_moved_back_may_still_be_cancelled_until_its_start(show, alice):
    booking = book_seats(alice, show, "A1")
    move(show, 3 * HOUR)
    move(show, -3 * HOUR)
    assert terms(booking) == (show.starts_at, show.starts_at)


@pytest.mark.parametrize("by", [5 * MINUTE, -5 * MINUTE])
def test_who_could_cancel_until_the_start_keeps_that_in_a_small_move(alice, by):
    show = make_show(make_auditorium(make_cinema(cancel_until_minutes=0)))
    booking = book_seats(alice, show, "A1")
    move(show, by)
    assert terms(booking)[1] == show.starts_at


def test_each_live_booking_has_an_event_that_says_who_moved_its_show(show, alice, bob):
    staff = make_staff()
    booked = book_seats(alice, show, "A1", "A2")
    held = book_seats(bob, show, "A3", hold=True)
    ended = book_seats(alice, show, "A4")
    cancel(booking=ended)
    move(show, HOUR, confirm_bookings=2, actor=Actor.staff(staff.pk), reason="The print is late.")
    expected = ("moved", "staff", staff.pk, "The print is late.")
    for booking in (booked, held):
        last = booking.events.last()
        assert (last.kind, last.by, last.actor_id, last.reason) == expected
    assert ended.events.last().kind == "cancelled"


def test_moving_a_show_that_nobody_booked_needs_nothing_and_its_ended_bookings_stay(show, alice):
    ended, expired = book_seats(alice, show, "A1"), book_seats(alice, show, "A2", hold=True)
    cancel(booking=ended)
    expire_hold(expired)
    before = terms(ended), terms(expired)
    moved = move_show(show=show, starts_at=show.starts_at + DAY)
    assert moved.starts_at == show.starts_at + DAY
    assert (terms(ended), terms(expired)) == before


# --- What staff must say ------------------------------------------------------------------------


@pytest.mark.parametrize("confirmed", [None, 0, 1, 3])
def test_a_show_with_bookings_moves_only_with_their_number(show, alice, bob, confirmed):
    book_seats(alice, show, "A1", "A2")
    book_seats(bob, show, "A3", hold=True)
    start = show.starts_at + HOUR
    with assert_refused(BookingsNotConfirmed, live_bookings=2, short_notice=False):
        move_show(show=show, starts_at=start, confirm_bookings=confirmed)
    assert Show.objects.get().starts_at == show.starts_at
    assert move_show(show=show, starts_at=start, confirm_bookings=2).starts_at == start


@pytest.mark.parametrize(
    "change",
    [{"format": "3D"}, {"language": "fr"}, {"subtitles": "de"}, {"captions": True}],
    ids=str,
)
def test_so_does_one_whose_format_or_language_changes(show, alice, change):
    booking = book_seats(alice, show, "A1")
    with assert_refused(BookingsNotConfirmed, live_bookings=1):
        move_show(show=show, **change)
    move_show(show=show, confirm_bookings=1, **change)
    assert terms(booking) == (show.starts_at, show.starts_at)
    assert booking.events.last().kind == "changed"


def test_what_was_not_sold_changes_without_a_word(show, alice):
    booking = book_seats(alice, show, "A1")
    before = terms(booking)
    move_show(
        show=show, ends_at=show.ends_at + HOUR, sales_until=show.starts_at - HOUR, format="2D"
    )
    assert terms(booking) == before
    assert booking.events.count() == 1


def test_a_move_to_less_than_two_hours_from_now_needs_to_be_meant(show):
    soon = now() + 2 * HOUR - MINUTE
    with assert_refused(NeedsShortNotice):
        move_show(show=show, starts_at=soon)
    assert move_show(show=show, starts_at=soon, short_notice=True).starts_at == soon
    assert move_show(show=show, starts_at=soon + 2 * MINUTE).starts_at == soon + 2 * MINUTE


def test_a_refusal_says_all_that_is_needed(show, alice):
    book_seats(alice, show, "A1")
    soon = now() + 20 * MINUTE
    with assert_refused(BookingsNotConfirmed, live_bookings=1, short_notice=True):
        move_show(show=show, starts_at=soon)
    with assert_refused(NeedsShortNotice):
        move_show(show=show, starts_at=soon, confirm_bookings=1)
    booking = Booking.objects.get()
    move_show(show=show, starts_at=soon, confirm_bookings=1, short_notice=True)
    assert terms(booking)[1] == soon
    cancel(booking=booking)


@pytest.mark.parametrize("start", [datetime(2020, 1, 1, 20, 15, tzinfo=UTC), None])
@pytest.mark.parametrize("booked", [True, False])
def test_no_show_moves_into_the_past(show, alice, start, booked):
    if booked:
        book_seats(alice, show, "A1")
    with assert_refused(BadInput):
        move_show(
            show=show,
            starts_at=start or now() - MINUTE,
            confirm_bookings=int(booked),
            short_notice=True,
        )
    assert Show.objects.get().starts_at == show.starts_at


@pytest.mark.django_db
def test_a_past_show_keeps_its_start_and_may_change_otherwise():
    show = make_show(starts_in=-DAY)
    assert move_show(show=show, starts_at=show.starts_at, language="fr").language == "fr"


def test_a_refused_move_changes_no_booking(show, alice):
    other = make_show(show.auditorium, starts_at=show.starts_at + DAY)
    book_seats(alice, show, "A1")
    with assert_refused(ShowOverlaps):
        move_show(show=show, starts_at=other.starts_at, confirm_bookings=1)


def test_a_show_called_off_has_no_bookings_to_confirm(show, alice):
    book_seats(alice, show, "A1")
    call_off(show=show)
    move_show(show=show, starts_at=show.starts_at + DAY)


# --- The rules of a zone change -----------------------------------------------------------------


def test_terms_move_with_a_show_that_keeps_its_local_time(alice):
    """By the clock nothing changes: neither what was sold, nor until when it may be cancelled."""
    show = make_show(starts_at=now().replace(hour=12) + DAY)  # in no hour that comes twice
    booking = book_seats(alice, show, "A1")
    before = terms(booking)
    Show.objects.filter(pk=show.pk).update(utc_offset=show.utc_offset + 60)
    assert [one.pk for one in keep_local_times().moved] == [show.pk]
    assert terms(booking) == (before[0] + HOUR, before[1] + HOUR)
