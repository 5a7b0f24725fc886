"""Limits for one address and one network: unpaid seats, holds, and seats given up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marquee.accounts.models import User
from marquee.booking.errors import (
    CoolingDown,
    HoldLimit,
    SeatLimit,
    SeatsTaken,
    TooManyHolds,
    UnpaidLimit,
)
from marquee.booking.models import Booking
from marquee.booking.operations import cancel, close_account, confirm, expire
from marquee.booking.records import TicketRequest
from tests.factories import (
    assert_refused,
    book_seats,
    book_tickets,
    expire_hold,
    make_show,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db

NETWORK, OTHER = "192.0.2.1", "2001:db8::/48"
BIG = [f"{row}: {'s' * 20}" for row in "ABCDE"]  # 100 seats


def age(booking: Booking, **by: float) -> None:
    """Move the times of a booking this far into the past."""
    ago = timezone.now() - timedelta(**by)
    Booking.objects.filter(pk=booking.pk).update(created_at=ago)
    Booking.objects.filter(pk=booking.pk, released_at__isnull=False).update(released_at=ago)
    Booking.objects.filter(pk=booking.pk, held_until__isnull=False).update(held_until=ago)


def give_up(user, show, *labels: str) -> Booking:
    booking = book_seats(user, show, *labels, hold=True)
    cancel(booking=booking)
    return booking


# --- Unpaid seats ---------------------------------------------------------------------------------


def test_an_address_has_at_most_so_many_unpaid_seats_at_a_show(show, alice, settings):
    settings.UNPAID_SEAT_LIMIT = 3
    book_seats(alice, show, "A1", "A2")
    with assert_refused(UnpaidLimit, limit=3, left=1):
        book_seats(alice, show, "A3", "A4")
    book_seats(alice, show, "A3", hold=True)
    book_seats(alice, make_show(), "A1", "A2", "A3")


def test_what_a_deleted_account_left_counts_for_who_signs_up_with_its_address(show, settings):
    settings.CANCEL_UNTIL_MINUTES = 60 * 24 * 2  # so late that nothing may be cancelled
    email = "alice@example.com"
    first = make_user(email=email)
    book_seats(first, show, "A1", "A2", "A3", "A4", "A5", "A6")
    close_account(user=first, upcoming="cancel")
    again = make_user(email="ALICE@example.com")
    with assert_refused(SeatLimit, limit=10, left=4):
        book_seats(again, show, *[f"B{n}" for n in range(1, 6)])
    book_seats(again, show, "B1", "B2", "B3", "B4")


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("alice@exämple.com", "alice@xn--exmple-cua.com"),
        ("alice@xn--exmple-cua.com", "Alice@EXÄMPLE.com"),
        ("alice@example.com", '"alice"@example.com'),
        ("alice@example.com", '"al\\ice"@example.com'),
    ],
)
def test_one_address_counts_once_however_it_is_spelled(show, one, same):
    """One mailbox has several accounts only from before that was refused."""
    old = make_user(email=one)
    book_seats(old, show, *[f"A{n}" for n in range(1, 9)])
    User.objects.filter(pk=old.pk).update(email_key=None)
    with assert_refused(SeatLimit, left=2):
        book_seats(make_user(email=same), show, "B1", "B2", "B3")


@pytest.mark.parametrize(
    "other",
    ["alice+b@example.com", "al.ice@example.com", '"alice "@example.com', "alice@exämple.com"],
)
def test_another_mailbox_counts_apart(show, other):
    book_seats(make_user(email="alice@example.com"), show, *[f"A{n}" for n in range(1, 11)])
    book_seats(make_user(email=other), show, *[f"B{n}" for n in range(1, 11)])


def test_a_domain_too_long_for_dns_has_a_key_too(show):
    book_seats(make_user(email=f"alice@{'ä' * 70}.com"), show, "A1")


def test_an_address_that_was_changed_counts_with_its_old_one_and_its_new_one(show, alice):
    old = alice.email
    book_seats(alice, show, *[f"A{n}" for n in range(1, 9)])
    alice.email = "new@example.com"
    alice.save()
    with assert_refused(SeatLimit, left=2):
        book_seats(make_user(email=old), show, "B1", "B2", "B3")
    with assert_refused(SeatLimit, left=2):
        book_seats(alice, show, "B1", "B2", "B3")


def test_another_address_has_seats_of_its_own(show, alice, bob):
    book_seats(alice, show, *[f"A{n}" for n in range(1, 11)])
    book_seats(bob, show, *[f"B{n}" for n in range(1, 11)])


def test_a_network_has_at_most_so_many_unpaid_seats_at_a_show(show, alice, bob, settings):
    settings.UNPAID_CLIENT_SEAT_LIMIT = 12
    book_seats(alice, show, *[f"A{n}" for n in range(1, 11)], client=NETWORK)
    with assert_refused(UnpaidLimit, limit=12, left=2):
        book_seats(bob, show, "B1", "B2", "B3", client=NETWORK)
    book_seats(bob, show, "B1", "B2", "B3", client=OTHER)
    book_seats(bob, make_show(), "B1", "B2", "B3", client=NETWORK)


def test_or_a_share_of_the_show_where_that_is_more(alice, bob, settings):
    settings.UNPAID_CLIENT_SEAT_LIMIT, settings.UNPAID_CLIENT_PERCENT = 10, 15
    show = make_show(rows=BIG)
    book_seats(alice, show, *[f"A{n}" for n in range(1, 11)], client=NETWORK)
    with assert_refused(UnpaidLimit, limit=15, left=5):
        book_seats(bob, show, *[f"B{n}" for n in range(1, 7)], client=NETWORK)
    book_seats(bob, show, *[f"B{n}" for n in range(1, 6)], client=NETWORK)


def test_what_ended_counts_no_more(show, alice, bob, settings):
    settings.UNPAID_CLIENT_SEAT_LIMIT = settings.UNPAID_SEAT_LIMIT = 2
    cancel(booking=book_seats(alice, show, "A1", "A2", client=NETWORK))
    expire_hold(book_seats(alice, show, "A3", "A4", hold=True, client=NETWORK))
    book_seats(alice, show, "A5", "A6", client=NETWORK)


def test_staff_may_have_more_unpaid(show, settings):
    settings.UNPAID_SEAT_LIMIT = settings.UNPAID_CLIENT_SEAT_LIMIT = settings.HOLD_LIMIT = 1
    settings.CLIENT_HOLD_LIMIT = settings.COOLING_DOWN_AFTER = 1
    staff = make_staff()
    book_seats(staff, show, "A1", "A2", "A3", client=NETWORK, hold=True)
    give_up(staff, show, "B1")
    book_seats(staff, show, "B1", client=NETWORK, hold=True)


def test_what_staff_sell_leaves_customers_of_their_network_as_much(show, alice, settings):
    settings.UNPAID_CLIENT_SEAT_LIMIT, settings.UNPAID_CLIENT_PERCENT = 2, 0
    settings.CLIENT_HOLD_LIMIT = 1
    staff = make_staff()
    book_seats(staff, show, "A1", "A2", client=NETWORK)
    book_seats(staff, show, "A3", client=NETWORK, hold=True)
    book_seats(alice, show, "B1", "B2", client=NETWORK, hold=True)


def test_an_expired_hold_is_confirmed_only_within_what_may_be_unpaid(show, settings):
    settings.UNPAID_CLIENT_SEAT_LIMIT, settings.UNPAID_CLIENT_PERCENT = 4, 0
    holds = [
        book_seats(make_user(), show, *labels, hold=True, client=NETWORK)
        for labels in (["A1", "A2"], ["A3", "A4"])
    ]
    for hold in holds:
        expire_hold(hold)
    book_seats(make_user(), show, "B1", "B2", client=NETWORK)
    confirm(booking=holds[0])
    with assert_refused(UnpaidLimit, limit=4, left=0):
        confirm(booking=holds[1])


def test_a_limit_of_nothing_is_none(show, alice, settings):
    settings.UNPAID_SEAT_LIMIT = settings.UNPAID_CLIENT_SEAT_LIMIT = settings.HOLD_LIMIT = 0
    settings.CLIENT_HOLD_LIMIT = settings.COOLING_DOWN_AFTER = 0
    settings.LAPSED_SEAT_LIMIT = 0
    for _ in range(4):
        give_up(alice, show, "A1")
    booking = book_seats(alice, show, *[f"A{n}" for n in range(1, 11)], client=NETWORK)
    assert Booking.objects.get(pk=booking.pk).client_key is None


# --- Holds ----------------------------------------------------------------------------------------


def test_a_customer_makes_at_most_so_many_holds_of_a_show_an_hour(show, alice, bob, settings):
    settings.HOLD_LIMIT = 2
    first = book_seats(alice, show, "A1", hold=True)
    expire_hold(book_seats(alice, show, "A2", hold=True))
    with assert_refused(HoldLimit, limit=2):
        book_seats(alice, show, "A3", hold=True)
    book_seats(bob, show, "A3", hold=True)
    book_seats(alice, make_show(), "A3", hold=True)
    confirm(booking=first)
    book_seats(alice, show, "A4")  # is no hold
    age(first, minutes=61)
    book_seats(alice, show, "A5", hold=True)


def test_the_refusal_says_until_when(show, alice, settings):
    settings.HOLD_LIMIT = 1
    age(book_seats(alice, show, "A1", hold=True), minutes=20)
    with pytest.raises(HoldLimit) as caught:
        book_seats(alice, show, "A2", hold=True)
    in_minutes = timezone.datetime.fromisoformat(caught.value.facts["until"]) - timezone.now()
    assert timedelta(minutes=39) < in_minutes < timedelta(minutes=41)


def test_who_lets_many_held_seats_run_out_holds_no_more_for_a_while(show, alice, bob, settings):
    settings.LAPSED_SEAT_LIMIT = 4
    first = book_seats(alice, show, "A1", "A2", hold=True)
    expire_hold(first)
    given_back = book_seats(alice, show, "A3", "A4", hold=True)
    cancel(booking=given_back)  # nobody waited for that to run out
    second = book_seats(alice, show, "A5", "A6", hold=True)
    expire_hold(second)
    expire(booking=second)
    with assert_refused(HoldLimit, limit=4, left=0):
        book_seats(alice, show, "A7", hold=True)
    book_seats(alice, show, "A7")  # is no hold
    book_seats(bob, show, "A8", hold=True)
    book_seats(alice, make_show(), "A1", hold=True)
    confirm(booking=first)
    with assert_refused(HoldLimit, limit=4, left=2):
        book_seats(alice, show, "B1", "B2", "B3", hold=True)
    book_seats(alice, show, "B1", "B2", hold=True)


def test_three_holds_of_ten_seats_in_a_row_that_run_out_are_one_too_many(show, alice):
    rows = [f"A{n}" for n in range(1, 11)], [f"B{n}" for n in range(1, 11)]
    for labels in rows:
        expire_hold(book_seats(alice, show, *labels, hold=True))
    with assert_refused(HoldLimit, limit=20, left=0):
        book_tickets(alice, show, [TicketRequest()] * 10, hold=True)


def test_the_refusal_says_when_as_many_are_allowed_again(show, alice, settings):
    for age_minutes in (50, 40, 10):  # more than the limit, as it may be of cancelled bookings
        booking = book_seats(alice, show, f"A{age_minutes // 10}")
        cancel(booking=booking)
        age(booking, minutes=age_minutes)
    settings.HOLD_LIMIT = 2
    with pytest.raises(HoldLimit) as caught:
        book_seats(alice, show, "B1")
    in_minutes = timezone.datetime.fromisoformat(caught.value.facts["until"]) - timezone.now()
    assert timedelta(minutes=19) < in_minutes < timedelta(minutes=21)


def test_booking_and_cancelling_without_a_hold_is_limited_as_well(show, alice, settings):
    settings.HOLD_LIMIT = 2
    for label in ("A1", "A2"):
        cancel(booking=book_seats(alice, show, label))
    with assert_refused(HoldLimit, limit=2):
        book_seats(alice, show, "A3")


def test_a_new_account_of_the_same_address_gets_no_new_holds(show, settings):
    settings.HOLD_LIMIT = 1
    first = make_user(email="alice@example.com")
    book_seats(first, show, "A1", hold=True)
    close_account(user=first, upcoming="cancel")
    with assert_refused(HoldLimit):
        book_seats(make_user(email="alice@example.com"), show, "A2", hold=True)


def test_a_network_has_at_most_so_many_holds_at_once(show, alice, bob, settings):
    settings.CLIENT_HOLD_LIMIT = 2
    first = book_seats(alice, show, "A1", hold=True, client=NETWORK)
    book_seats(bob, make_show(), "A1", hold=True, client=NETWORK)
    with pytest.raises(TooManyHolds) as caught:
        book_seats(bob, show, "A2", hold=True, client=NETWORK)
    assert 7 * 60 < caught.value.facts["retry_after"] <= 8 * 60
    book_seats(bob, show, "A2", client=NETWORK)  # confirmed at once: no hold
    book_seats(bob, show, "A3", hold=True, client=OTHER)
    confirm(booking=first)
    book_seats(bob, show, "A4", hold=True, client=NETWORK)


# --- Cooling down ---------------------------------------------------------------------------------


def test_a_seat_given_up_twice_within_an_hour_cools_down_for_the_customer(show, alice, bob):
    give_up(alice, show, "A1")
    expire_hold(book_seats(alice, show, "A1", "A2", hold=True))
    with pytest.raises(CoolingDown) as caught:
        book_seats(alice, show, "A1", "A3", hold=True)
    until = timezone.datetime.fromisoformat(caught.value.facts["until"])
    assert caught.value.facts["seats"] == ["A1"]
    assert timedelta(minutes=59) < until - timezone.now() < timedelta(minutes=60)
    book_seats(alice, show, "A2", hold=True)
    book_seats(bob, show, "A1", hold=True)


def test_also_when_it_is_booked_at_once(show, alice):
    for _ in range(2):
        cancel(booking=book_seats(alice, show, "A1"))
    with assert_refused(CoolingDown, seats=["A1"]):
        book_seats(alice, show, "A1")


def test_and_for_a_new_account_of_the_same_address(show):
    for _ in range(2):
        user = make_user(email="alice@example.com")
        book_seats(user, show, "A1", hold=True)
        close_account(user=user, upcoming="cancel")
    with assert_refused(CoolingDown):
        book_seats(make_user(email="alice@example.com"), show, "A1", hold=True)


def test_after_an_hour_it_has_cooled_down(show, alice):
    age(give_up(alice, show, "A1"), minutes=61)
    give_up(alice, show, "A1")
    book_seats(alice, show, "A1", hold=True)


def test_a_hold_recorded_as_expired_gave_its_seat_up_when_it_expired(show, alice):
    for _ in range(2):
        booking = book_seats(alice, show, "A1", hold=True)
        expire_hold(booking, seconds=-61 * 60)
        expire(booking=booking)
    assert Booking.objects.get(pk=booking.pk).released_at < timezone.now() - timedelta(hours=1)
    book_seats(alice, show, "A1", hold=True)


def test_a_cooling_seat_that_somebody_has_is_taken(show, alice, bob):
    give_up(alice, show, "A1")
    give_up(alice, show, "A1")
    book_seats(bob, show, "A1")
    with assert_refused(SeatsTaken, seats=["A1"]):
        book_seats(alice, show, "A1")


def test_the_best_seats_and_alternatives_are_others(alice, bob):
    show = make_show(rows=["A: sss"])
    for _ in range(2):
        give_up(alice, show, "A2")
    (ticket,) = book_tickets(alice, show, [TicketRequest()], hold=True).tickets
    booked = show.seat_plan.seats.get(pk=ticket.seat_id).label
    other = {"A1", "A3"} - {booked}
    book_seats(bob, show, *other)
    with assert_refused(SeatsTaken, alternatives=[]):
        book_seats(alice, show, *other)
    with assert_refused(CoolingDown, seats=["A2"]):
        book_tickets(alice, show, [TicketRequest()])


def test_an_expired_hold_of_cooling_seats_can_be_confirmed(show, alice):
    give_up(alice, show, "A1")
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    confirm(booking=hold)
    assert Booking.objects.get(pk=hold.pk).released_at is None
