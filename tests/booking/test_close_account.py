"""Closing an account cancels what may be cancelled, and keeps the other bookings."""

import pytest

from marquee.accounts import operations as accounts
from marquee.accounts.models import AccountEvent, AddressKey, User
from marquee.booking.errors import HasUpcomingBookings
from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.operations import admit, call_off, cancel, close_account, expire
from marquee.booking.operations.join_guests import prove_and_join
from marquee.booking.records import Actor
from tests.accounts.people import CLIENT
from tests.factories import (
    EARLY,
    all_rows,
    assert_refused,
    book_seats,
    end_show,
    expire_hold,
    make_show,
    make_staff,
    make_user,
    usage_of,
)

pytestmark = pytest.mark.django_db


def status(booking) -> str:
    return Booking.objects.get(pk=booking.pk).status


def test_holds_and_what_may_be_cancelled_are_cancelled_and_their_seats_free(show, alice, bob):
    other = make_show()
    given_up = [
        book_seats(alice, other, "A1"),
        book_seats(alice, show, "A2", hold=True),
        book_seats(alice, show, "A1", "A3"),
    ]
    close_account(user=alice, upcoming="cancel")
    assert [status(booking) for booking in given_up] == ["cancelled"] * 3
    assert set(Ticket.objects.values_list("status", flat=True)) == {"void"}
    kinds = BookingEvent.objects.filter(booking__in=given_up, kind="cancelled")
    assert kinds.count() == 3
    book_seats(bob, show, "A1", "A2", "A3")
    assert not User.objects.get(pk=alice.pk).is_active


def test_what_is_too_late_to_cancel_stays(show, alice, settings):
    settings.CANCEL_UNTIL_MINUTES = 60 * 25
    booking, hold = book_seats(alice, show, "A1"), book_seats(alice, show, "A2", hold=True)
    close_account(user=alice, upcoming="cancel")
    assert (status(booking), status(hold)) == ("confirmed", "cancelled")
    assert booking.claims.get().state == "sold"


def test_a_booking_of_which_a_ticket_was_used_stays(show, alice):
    booking = book_seats(alice, show, "A1", "A2")
    admit(ticket=booking.tickets.first(), reason=EARLY)
    close_account(user=alice, upcoming="cancel")
    assert status(booking) == "confirmed"
    assert sorted(booking.tickets.values_list("status", flat=True)) == ["used", "valid"]


def test_bookings_of_others_and_bookings_that_ended_stay(show, alice, bob):
    theirs, expired = book_seats(bob, show, "A1"), book_seats(alice, show, "A2", hold=True)
    expire_hold(expired)
    expire(booking=expired)
    close_account(user=alice, upcoming="cancel")
    assert (status(theirs), status(expired)) == ("confirmed", "expired")


def test_the_seat_of_an_expired_hold_that_somebody_took_over_stays_theirs(show, alice, bob):
    expired = book_seats(alice, show, "A1", hold=True)
    expire_hold(expired)
    theirs = book_seats(bob, show, "A1")
    close_account(user=alice, upcoming="cancel")
    assert theirs.claims.get().state == "sold"
    assert status(expired) == "cancelled"


def test_closing_twice_changes_nothing(show, alice):
    book_seats(alice, show, "A1")
    close_account(user=alice, upcoming="cancel")
    before = all_rows()
    close_account(user=alice, upcoming="cancel")
    assert all_rows() == before


def test_the_address_is_kept_as_a_keyed_hash_alone(show, alice):
    address = alice.email
    close_account(user=alice, upcoming="cancel")
    row = User.objects.filter(pk=alice.pk).values().get()
    assert address not in str(row)
    assert AddressKey.objects.get(user=alice).key < 0


def test_bookings_to_come_are_kept_if_their_owner_keeps_them(show, alice):
    booking, hold = book_seats(alice, show, "A1"), book_seats(alice, show, "A2", hold=True)
    close_account(user=alice, upcoming="keep")
    assert (status(booking), status(hold)) == ("confirmed", "cancelled")
    assert booking.claims.get().state == "sold"
    assert not User.objects.get(pk=alice.pk).is_active


def test_bookings_to_come_are_named_before_an_account_is_closed(show, alice):
    booking = book_seats(alice, show, "A1", "A2")
    with assert_refused(HasUpcomingBookings, bookings=[booking.reference], tickets=2):
        close_account(user=alice)
    assert User.objects.get(pk=alice.pk).is_active


def test_bookings_of_a_show_that_was_called_off_need_no_choice(show, alice):
    book_seats(alice, show, "A1")
    call_off(show=show)
    close_account(user=alice)
    assert not User.objects.get(pk=alice.pk).is_active


# --- What is kept: a guest has it, whose address gets mail about the show -------------------------


def test_kept_bookings_are_a_guests_with_the_address_for_mails(show, alice):
    kept, ended = book_seats(alice, show, "A1", key="one"), book_seats(alice, show, "A2")
    cancel(booking=ended)
    address, name = alice.email, alice.name
    close_account(user=alice, upcoming="keep")
    kept.refresh_from_db()
    guest = kept.user
    assert (guest.email, guest.contact_email, guest.name) == (None, address, name)
    assert (guest.was_account, guest.has_usable_password()) == (True, False)
    assert kept.idempotency_key is None
    assert Booking.objects.get(pk=ended.pk).user == alice
    assert usage_of(guest, show).customer_seats == 1


def test_what_is_too_late_to_cancel_is_kept_by_a_guest_too(show, alice, settings):
    settings.CANCEL_UNTIL_MINUTES = 60 * 25
    booking = book_seats(alice, show, "A1")
    close_account(user=alice, upcoming="cancel")
    booking.refresh_from_db()
    assert booking.user.was_account


def test_without_bookings_to_keep_there_is_no_guest(show, alice):
    book_seats(alice, show, "A1")
    close_account(user=alice, upcoming="cancel")
    assert [user.pk for user in User.objects.all()] == [alice.pk]


def test_bookings_of_shows_that_are_over_stay_with_the_closed_account(show, alice):
    booking = book_seats(alice, show, "A1")
    end_show(show)
    close_account(user=alice)
    booking.refresh_from_db()
    assert booking.user == alice


def test_kept_bookings_join_a_new_account_of_the_same_address(show, alice):
    kept, address = book_seats(alice, show, "A1"), alice.email
    close_account(user=alice, upcoming="keep")
    again = make_user(email=address)
    prove_and_join(user=again, address=address, proof=lambda: again)
    kept.refresh_from_db()
    assert kept.user == again


def test_a_guest_closes_its_data_as_an_account_does(show):
    guest, _ = accounts.add_guest(email="alice@example.com", name="Alice", networks=[CLIENT])
    kept, hold = book_seats(guest, show, "A1"), book_seats(guest, show, "A2", hold=True)
    close_account(user=guest, upcoming="keep")
    kept.refresh_from_db()
    assert (kept.user.was_account, status(hold)) == (True, "cancelled")
    guest.refresh_from_db()
    assert (guest.address, guest.name, guest.is_active, guest.is_closed) == ("", "", False, True)


def test_the_history_says_who_closed_an_account(show, alice, bob):
    staff = make_staff()
    close_account(user=alice)
    close_account(user=bob, actor=Actor.staff(staff.pk))
    events = AccountEvent.objects.filter(kind="closed").order_by("pk")
    assert [(event.user, event.by, event.actor) for event in events] == [
        (alice, "customer", alice),
        (bob, "staff", staff),
    ]
