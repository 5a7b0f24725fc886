"""How many mails about bookings an hour go to an address that nobody verified."""

from datetime import timedelta

import pytest
from django.db.models import F

from marquee.accounts.models import AttemptCount, User
from marquee.booking.models import BookingEvent
from marquee.booking.records import CounterTerms
from marquee.catalog.models import Show
from marquee.core.clock import database_now
from marquee.mail import outbox, planning, queries, sending
from marquee.mail.models import Message
from tests.factories import book_seats, make_show, make_staff, make_user
from tests.mail.conftest import add_event, due_now

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def show(settings):
    settings.BOOKING_MAIL_LIMIT = 2
    return make_show()


def guest(address):
    user = make_user()
    User.objects.filter(pk=user.pk).update(email=None, email_key=None, contact_email=address)
    return user


def let_pass(time):
    """Move every time of the outbox, of its events and of the counters back."""
    BookingEvent.objects.update(at=F("at") - time)
    Message.objects.update(
        created_at=F("created_at") - time,
        next_at=F("next_at") - time,
        again_at=F("again_at") - time,
    )
    AttemptCount.objects.update(expires_at=F("expires_at") - time)


def waiting():
    return Message.objects.filter(state="due").order_by("pk")


def test_beyond_so_many_an_hour_mails_to_an_unverified_address_wait_and_none_is_lost(show, smtp):
    for seat in ("A1", "A2", "A3"):
        book_seats(guest("zoe@example.com"), show, seat)
    for seat in ("B1", "B2"):
        book_seats(guest("Zoe@EXAMPLE.com"), show, seat)
    planning.plan_booking_mails()

    assert sending.send_due_mails() == 2

    turns = [one.next_at - database_now() for one in waiting()]
    assert [round(turn / HOUR) for turn in turns] == [1, 1, 2]
    assert not outbox.is_anything_due()
    let_pass(HOUR / 2)
    assert queries.waiting_mails() == (0, 0)
    assert not queries.undelivered(database_now()).exists()
    Show.objects.update(starts_at=database_now() - 3 * HOUR)
    let_pass(HOUR / 2 + timedelta(seconds=1))
    assert queries.waiting_mails().number == 2
    assert queries.waiting_mails().seconds < 60
    assert sending.send_due_mails() == 2
    let_pass(HOUR + timedelta(seconds=1))
    assert sending.send_due_mails() == 1
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 0)}


def test_no_other_mail_counts_or_waits(show, smtp):
    owner = make_user(email="zoe@example.com", email_verified_at=database_now())
    for seat in ("A1", "A2", "A3"):
        book_seats(owner, show, seat)
    for seat in ("B1", "B2", "B3"):
        terms = CounterTerms(customer_name="Zoe", customer_email="zoe@example.com")
        book_seats(make_staff(), show, seat, counter=terms)
    zoe = guest("zoe@example.com")
    for _ in range(3):
        add_event(zoe, "password")
    book_seats(guest("bob@example.com"), show, "C1")
    planning.plan_everything()

    assert sending.send_due_mails() == 10
    assert sum(AttemptCount.objects.values_list("attempts", flat=True)) == 1  # bob's


def test_a_mail_that_is_tried_again_counts_once(show, smtp):
    book_seats(guest("zoe@example.com"), show, "A1")
    planning.plan_booking_mails()
    smtp.data = "451 Later"
    for _ in range(3):
        assert sending.send_due_mails() == 0
        due_now()
    smtp.data = "250 Now"
    for seat in ("A2", "A3"):
        book_seats(guest("zoe@example.com"), show, seat)
    planning.plan_booking_mails()

    assert sending.send_due_mails() == 2
    assert waiting().count() == 1


def test_without_a_limit_none_waits(show, smtp, settings):
    settings.BOOKING_MAIL_LIMIT = 0
    for seat in ("A1", "A2", "A3"):
        book_seats(guest("zoe@example.com"), show, seat)
    planning.plan_booking_mails()

    assert sending.send_due_mails() == 3
