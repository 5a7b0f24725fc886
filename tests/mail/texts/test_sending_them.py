"""The worker sends these mails, and gives up at once what no mail can reach."""

import pytest

from marquee.booking.models import CounterSale
from marquee.booking.records import Actor, CounterTerms
from marquee.mail import planning, sending
from marquee.mail.contents import compose
from marquee.mail.models import Message
from tests.factories import book_seats, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def real_texts(monkeypatch, short_texts, settings):
    monkeypatch.setattr(sending, "compose", compose)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def test_a_booking_is_mailed_as_it_is_written(alice, show, mailoutbox):
    book_seats(alice, show, "A1", language="de")
    planning.plan_booking_mails()
    assert sending.send_due_mails() == 1
    assert mailoutbox[0].subject.startswith("Gebucht: Die Zeitreise")
    assert mailoutbox[0].to == [alice.email]


def test_an_address_that_needs_smtputf8_is_given_up_with_its_reason(show, mailoutbox):
    staff = make_staff()
    terms = CounterTerms(tender="cash", customer_email="zoe@example.com")
    book_seats(staff, show, "A1", counter=terms, actor=Actor.staff(staff.pk))
    CounterSale.objects.update(customer_email="zoë@example.com")
    planning.plan_booking_mails()
    sending.send_due_mails()
    message = Message.objects.get()
    assert (message.state, mailoutbox) == ("dead", [])
    assert "SMTPUTF8" in message.error
