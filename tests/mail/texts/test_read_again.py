"""A mail says what is so when it is sent; what nobody needs to know any more is not sent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marquee.accounts.models import AccountLink, User
from marquee.accounts.operations import delete_account
from marquee.accounts.states import AccountEventKind, LinkPurpose
from marquee.booking.models import Booking
from marquee.booking.operations import call_off, cancel, exchange, move_show
from marquee.booking.records import Actor, CounterTerms, TicketRequest
from marquee.catalog.models import Show
from marquee.mail.states import MailKind
from tests.factories import book_seats, make_staff, make_user
from tests.mail.texts.mails import (
    COUNTER,
    EVENT,
    both,
    mail_of_account,
    mail_of_booking,
    said,
)

pytestmark = pytest.mark.django_db
CONFIRMED_KINDS = [MailKind.BOOKED, MailKind.REMINDER]


@pytest.mark.parametrize("kind", CONFIRMED_KINDS)
def test_nothing_is_sent_of_a_booking_that_was_cancelled_since(alice, show, kind):
    booking = book_seats(alice, show, "A1")
    assert mail_of_booking(booking, kind, "confirmed")
    cancel(booking=booking)
    assert mail_of_booking(booking, kind, "confirmed") is None


@pytest.mark.parametrize("kind", CONFIRMED_KINDS)
def test_nor_of_one_whose_show_was_called_off_since(alice, show, kind):
    booking = book_seats(alice, show, "A1")
    call_off(show=show)
    assert mail_of_booking(booking, kind, "confirmed") is None


def test_no_reminder_once_the_show_has_begun_and_no_mail_once_it_is_over(alice, show):
    booking = book_seats(alice, show, "A1")
    earlier = timezone.now() - timedelta(minutes=5)
    Show.objects.update(starts_at=earlier, sales_until=earlier)
    assert mail_of_booking(booking, MailKind.REMINDER, "confirmed") is None
    assert mail_of_booking(booking, MailKind.BOOKED, "confirmed")
    Show.objects.update(ends_at=timezone.now() - timedelta(minutes=1))
    assert mail_of_booking(booking, MailKind.BOOKED, "confirmed") is None


def test_a_hold_that_is_given_back_or_called_off_is_not_mailed(alice, show):
    given_back, lost = (book_seats(alice, show, seat, hold=True) for seat in ("A1", "A2"))
    cancel(booking=given_back)
    assert mail_of_booking(given_back, MailKind.CANCELLED, "cancelled") is None
    call_off(show=show)
    assert mail_of_booking(lost, MailKind.CALLED_OFF, "called_off") is None


def test_what_is_left_of_a_booking_is_what_is_left_now(alice, show):
    booking = book_seats(alice, show, "A1", "A2", "A3")
    cancel(booking=booking, tickets=["A1"])
    text = said(mail_of_booking(booking, MailKind.REDUCED, "reduced"))
    assert "Cancelled seats: A1\n" in text
    assert "Seats: A2 and A3\n" in text
    assert "€25.00" in text
    first = booking.events.get(kind="reduced").pk
    cancel(booking=booking, tickets=["A2"])
    assert mail_of_booking(booking, MailKind.REDUCED, "reduced", pk=first) is None
    assert "Seats: A3\n" in said(mail_of_booking(booking, MailKind.REDUCED, "reduced"))


def test_seats_that_changed_are_those_of_now_and_those_before(alice, show):
    booking = book_seats(alice, show, "A1", "A2")
    exchange(booking=booking, tickets=[TicketRequest("A1"), TicketRequest("A3")])
    text = said(mail_of_booking(booking, MailKind.EXCHANGED, "exchanged"))
    assert "Seats before: A2\n" in text
    assert "Seats: A1 and A3\n" in text
    first = booking.events.get(kind="exchanged").pk
    exchange(booking=booking, tickets=[TicketRequest("A1"), TicketRequest("A4")])
    assert mail_of_booking(booking, MailKind.EXCHANGED, "exchanged", pk=first) is None


def test_a_show_that_moved_says_the_new_time_and_the_old_one(alice, show):
    booking = book_seats(alice, show, "A1")
    old = show.starts_at
    show = move_show(show=show, starts_at=old + timedelta(hours=1), confirm_bookings=1)
    text = said(mail_of_booking(booking, MailKind.MOVED, "moved"))
    local = old.astimezone(show.clock)
    assert f"Booked for: {local:%A, %-d %B %Y, %H:%M}\n" in text
    assert f"New time: {local + timedelta(hours=1):%A, %-d %B %Y, %H:%M} (Vienna time)\n" in text
    assert f"You may cancel until {local + timedelta(hours=1):%A, %-d %B %Y, %H:%M}." in text


def test_of_two_moves_only_the_last_is_mailed_and_one_back_says_so(alice, show):
    booking = book_seats(alice, show, "A1")
    old = show.starts_at
    show = move_show(show=show, starts_at=old + timedelta(hours=1), confirm_bookings=1)
    first = booking.events.get(kind="moved").pk
    move_show(show=show, starts_at=old, confirm_bookings=1)
    assert mail_of_booking(booking, MailKind.MOVED, "moved", pk=first) is None
    text = said(mail_of_booking(booking, MailKind.MOVED, "moved"))
    assert "starts again at the time that you booked" in text
    assert "Booked for" not in text


def test_a_show_called_off_gives_the_public_reason_and_staff_alone_see_theirs(alice, show):
    booking, other = (book_seats(alice, show, seat) for seat in ("A1", "A2"))
    cancel(booking=other, actor=Actor.staff(make_staff().pk), reason="A secret of staff")
    call_off(show=show, reason="The projector is broken.")
    text = said(mail_of_booking(booking, MailKind.CALLED_OFF, "called_off"))
    assert "The cinema says: The projector is broken." in text
    cancelled = said(mail_of_booking(other, MailKind.CANCELLED, "cancelled"))
    assert "The cinema cancelled your booking." in cancelled
    assert "secret" not in cancelled


def test_when_it_is_too_late_to_cancel_the_mail_says_so(alice, show):
    booking = book_seats(alice, show, "A1")
    Booking.objects.update(cancel_until=timezone.now() - timedelta(seconds=1))
    text = said(mail_of_booking(booking, MailKind.BOOKED, "confirmed"))
    assert "It is too late to cancel this booking." in text


def test_a_sale_at_the_counter_goes_to_the_customer_and_not_to_the_staff(show):
    staff = make_staff()
    terms = CounterTerms(tender="cash", customer_name="Zoe", customer_email="zoe@example.com")
    booking = book_seats(staff, show, "A1", counter=terms, actor=Actor.staff(staff.pk))
    mail = mail_of_booking(booking, MailKind.BOOKED, "confirmed", recipient=COUNTER)
    assert mail.to == ["zoe@example.com"]
    assert "cancel until" not in both(mail)[0]
    booking.counter_sale.delete()
    assert mail_of_booking(booking, MailKind.BOOKED, "confirmed", recipient=COUNTER) is None


def test_nobody_without_an_address_gets_a_mail(alice, show):
    booking = book_seats(alice, show, "A1")
    User.objects.filter(pk=alice.pk).update(email=None, email_key=None)
    assert mail_of_booking(booking, MailKind.BOOKED, "confirmed") is None


# --- Accounts -------------------------------------------------------------------------------------

RESET = (MailKind.RESET, AccountEventKind.RESET_ASKED)
VERIFY = (MailKind.VERIFY, AccountEventKind.VERIFICATION_ASKED)
CHANGE = (MailKind.CONFIRM_CHANGE, AccountEventKind.CHANGE_ASKED)
IN_USE = (MailKind.ADDRESS_IN_USE, AccountEventKind.CHANGE_ASKED)


def reset_mail(email):
    return mail_of_account(None, *RESET, email=email, recipient=EVENT)


@pytest.fixture
def bob():
    return make_user("Bob", password="correct horse battery")


def test_a_reset_goes_to_the_address_of_the_account_as_its_owner_wrote_it(bob):
    User.objects.filter(pk=bob.pk).update(
        email="bob@xn--bcher-kva.example", email_key="bob@xn--bcher-kva.example"
    )
    mail = reset_mail("BOB@bücher.example")
    assert mail.to == ["bob@xn--bcher-kva.example"]
    link = AccountLink.objects.get()
    assert (link.user, link.purpose, link.email) == (
        bob,
        LinkPurpose.RESET,
        "bob@xn--bcher-kva.example",
    )


@pytest.mark.parametrize("why", ["unknown", "inactive", "no password", "guest", "erased"])
def test_no_reset_where_there_is_no_account_that_may_have_one(bob, why):
    email = bob.email
    if why == "unknown":
        email = "nobody@example.com"
    if why == "inactive":
        User.objects.filter(pk=bob.pk).update(is_active=False)
    if why == "no password":
        bob.set_unusable_password()
        bob.save()
    if why == "guest":
        User.objects.filter(pk=bob.pk).update(email=None, email_key=None, contact_email=email)
    if why == "erased":
        email = ""
    assert reset_mail(email) is None
    assert not AccountLink.objects.exists()


def test_an_address_that_was_verified_since_needs_no_link(bob):
    mail = mail_of_account(bob, *VERIFY)
    assert mail.to == [bob.email]
    assert AccountLink.objects.get().purpose == LinkPurpose.VERIFY
    User.objects.filter(pk=bob.pk).update(email_verified_at=timezone.now())
    bob.refresh_from_db()
    assert mail_of_account(bob, *VERIFY) is None


def test_a_change_is_confirmed_at_the_new_address_while_it_is_still_wanted(bob):
    User.objects.filter(pk=bob.pk).update(pending_email="new@example.com")
    bob.refresh_from_db()
    mail = mail_of_account(bob, *CHANGE, email="new@example.com", recipient=EVENT)
    assert mail.to == ["new@example.com"]
    link = AccountLink.objects.get()
    assert (link.purpose, link.email) == (LinkPurpose.CHANGE_EMAIL, "new@example.com")
    assert mail_of_account(bob, *CHANGE, email="older@example.com", recipient=EVENT) is None


@pytest.mark.parametrize("planned", [CHANGE, IN_USE])
def test_if_the_address_is_taken_its_owner_gets_to_know_and_nobody_a_link(bob, alice, planned):
    User.objects.filter(pk=bob.pk).update(pending_email=alice.email)
    bob.refresh_from_db()
    mail = mail_of_account(bob, *planned, email=alice.email, recipient=EVENT)
    assert mail.to == [alice.email]
    assert "Somebody asked for your address" in mail.subject
    assert "Bob" not in both(mail)[0]
    assert not AccountLink.objects.exists()


@pytest.mark.parametrize("planned", [CHANGE, IN_USE])
def test_if_it_is_free_by_then_the_change_is_confirmed(bob, planned):
    User.objects.filter(pk=bob.pk).update(pending_email="free@example.com")
    bob.refresh_from_db()
    mail = mail_of_account(bob, *planned, email="free@example.com", recipient=EVENT)
    assert "Confirm your new address" in mail.subject


def test_a_new_address_is_said_at_the_old_one_without_naming_it(bob):
    changed = AccountEventKind.EMAIL_CHANGED
    mail = mail_of_account(
        bob, MailKind.EMAIL_CHANGED, changed, email="old@example.com", recipient=EVENT
    )
    assert mail.to == ["old@example.com"]
    assert bob.email not in both(mail)[0]
    assert "Bob" not in both(mail)[0]


@pytest.mark.parametrize(
    "kind", [MailKind.PASSWORD_CHANGED, MailKind.EMAIL_CHANGED, MailKind.CLOSE]
)
def test_a_closed_account_gets_no_mail(bob, kind):
    delete_account(user=bob)
    bob.refresh_from_db()
    assert mail_of_account(bob, kind, AccountEventKind.PASSWORD_CHANGED) is None


def test_a_guest_closes_by_a_link(db):
    guest = make_user("Zoe")
    User.objects.filter(pk=guest.pk).update(
        email=None, email_key=None, contact_email="zoe@example.com"
    )
    guest.refresh_from_db()
    mail = mail_of_account(guest, MailKind.CLOSE, AccountEventKind.CLOSING_ASKED)
    assert mail.to == ["zoe@example.com"]
    assert AccountLink.objects.get().purpose == LinkPurpose.CLOSE


def test_a_mail_names_how_long_its_link_works(bob, settings):
    assert "works once, and for 1 hour." in said(reset_mail(bob.email))
    assert "works once, and for 3 days." in said(mail_of_account(bob, *VERIFY))


def test_links_begin_with_the_address_of_the_site_and_with_no_other(bob, settings):
    settings.SITE_URL = "https://tickets.example"
    text = said(reset_mail(bob.email))
    assert "https://tickets.example/password-reset/confirm/?token=" in text
    assert "localhost" not in text


def test_a_password_that_staff_removed_is_told_as_removed(bob):
    bob.set_unusable_password()
    bob.save()
    text = said(mail_of_account(bob, MailKind.PASSWORD_CHANGED, AccountEventKind.PASSWORD_CHANGED))
    assert "Your password was removed" in text
    assert "new password" not in text
    assert "/password-reset/" not in text  # nobody can reset it
