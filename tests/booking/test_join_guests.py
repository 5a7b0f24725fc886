"""Bookings of guests join the account whose owner proves to read their address."""

import pytest

from marquee.accounts import operations as accounts
from marquee.accounts.errors import BadCredentials
from marquee.accounts.models import User
from marquee.booking.errors import NotHeld
from marquee.booking.links import booking_link_token, booking_of_token
from marquee.booking.models import Booking, BookingEvent
from marquee.booking.operations import cancel
from marquee.booking.operations.join_guests import prove_and_join
from marquee.booking.records import Actor
from tests.accounts.people import CLIENT
from tests.factories import assert_refused, book_seats, make_show, usage_of

pytestmark = pytest.mark.django_db


def make_guest(email: str, name: str = "A guest") -> User:
    guest, _ = accounts.add_guest(email=email, name=name, networks=[CLIENT])
    return guest


def join(account: User) -> None:
    prove_and_join(user=account, address=account.address, proof=lambda: account)


def owners() -> dict[str, User]:
    return {one.reference: one.user for one in Booking.objects.select_related("user")}


def test_all_bookings_of_all_guests_with_the_mailbox_move(show, alice):
    spelled = [make_guest(alice.email), make_guest(alice.email.upper())]
    booked, held = book_seats(spelled[0], show, "A1"), book_seats(spelled[1], show, "A2", hold=True)
    cancelled = book_seats(spelled[0], make_show(), "A1")
    cancel(booking=cancelled)
    own = book_seats(alice, show, "A3")
    join(alice)
    assert owners() == {one.reference: alice for one in (booked, held, cancelled, own)}
    assert set(Booking.objects.values_list("status", flat=True)) == {
        "confirmed",
        "held",
        "cancelled",
    }


def test_bookings_under_other_addresses_and_of_other_accounts_stay(show, alice, bob):
    stranger = make_guest("bob@example.com")
    theirs, own = book_seats(stranger, show, "A1"), book_seats(bob, show, "A2")
    join(alice)
    assert owners() == {theirs.reference: stranger, own.reference: bob}
    stranger.refresh_from_db()
    assert (stranger.name, stranger.is_active) == ("A guest", True)


def test_a_guest_whose_address_was_corrected_joins_by_the_right_one_only(show, alice):
    guest = make_guest(alice.email)
    booking = book_seats(guest, show, "A1")
    guest.contact_email = "other@example.com"
    guest.save(update_fields=["contact_email"])
    join(alice)
    assert owners() == {booking.reference: guest}


def test_a_guest_that_verifies_its_own_address_joins_nothing(show, alice):
    guest, other = make_guest(alice.email), make_guest(alice.email)
    booking = book_seats(other, show, "A1")
    join(guest)
    assert owners() == {booking.reference: other}


def test_seats_claims_and_terms_stay_as_they_are_and_the_history_says_so(show, alice):
    guest = make_guest(alice.email)
    booking = book_seats(guest, show, "A1")
    before = Booking.objects.values().get()
    claim = booking.claims.values().get()
    join(alice)
    assert Booking.objects.values().get() == before | {"user_id": alice.pk}
    assert booking.claims.values().get() == claim
    event = BookingEvent.objects.latest("pk")
    assert (event.kind, event.by, event.actor) == ("joined", "customer", alice)


def test_the_guests_data_is_erased_and_its_tokens_end(show, alice):
    guest, pair = accounts.add_guest(email=alice.email, name="Secret", networks=[CLIENT])
    book_seats(guest, show, "A1")
    join(alice)
    guest.refresh_from_db()
    assert (guest.name, guest.address, guest.search_text, guest.is_active) == ("", "", "", False)
    assert not guest.events.exclude(email="").exists()
    with pytest.raises(BadCredentials):
        accounts.refresh(token=pair.refresh, networks=[CLIENT])


def test_a_key_of_the_guest_and_the_same_key_of_the_account_do_not_collide(show, alice):
    guest = make_guest(alice.email)
    own = book_seats(alice, show, "A1", key="one")
    theirs = book_seats(guest, show, "A2", key="one")
    join(alice)
    assert set(owners().values()) == {alice}
    assert book_seats(alice, show, "A1", key="one") == own
    assert Booking.objects.get(pk=theirs.pk).idempotency_key is None


def test_seats_count_as_before(show, alice):
    guest = make_guest(alice.email)
    book_seats(guest, show, "A1", "A2")
    before = usage_of(alice, show)
    join(alice)
    assert usage_of(alice, show) == before
    assert before.customer_seats == 2


def test_links_in_mails_that_the_guest_has_still_open_the_booking(show, alice):
    booking = book_seats(make_guest(alice.email), show, "A1")
    token = booking_link_token(booking)
    join(alice)
    assert booking_of_token(token, show.starts_at).user == alice


def test_a_refused_proof_moves_nothing(show, alice):
    guest = make_guest(alice.email)
    booking = book_seats(guest, show, "A1")

    def refuse():
        raise NotHeld("No.")

    with assert_refused(NotHeld):
        prove_and_join(user=alice, address=alice.address, proof=refuse)
    assert owners() == {booking.reference: guest}
    guest.refresh_from_db()
    assert guest.is_active


def test_joining_twice_changes_nothing(show, alice):
    book_seats(make_guest(alice.email), show, "A1")
    join(alice)
    before = list(BookingEvent.objects.values())
    join(alice)
    assert list(BookingEvent.objects.values()) == before


def test_staff_who_read_a_booking_before_it_moved_may_cancel_it(show, alice):
    booking = book_seats(make_guest(alice.email), show, "A1")
    join(alice)
    assert cancel(booking=booking, actor=Actor.staff(alice.pk))
