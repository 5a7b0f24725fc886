"""Texts of staff and customers never become a header, a recipient or HTML of a mail."""

import re

import pytest

from marquee.accounts.models import User
from marquee.accounts.states import AccountEventKind
from marquee.booking.models import CounterSale
from marquee.booking.records import Actor, CounterTerms
from marquee.catalog.models import Auditorium, Cinema, Movie, Show
from marquee.mail.addresses import Undeliverable
from marquee.mail.states import MailKind
from marquee.mail.text import one_line, subject_line
from tests.factories import book_seats, make_staff
from tests.mail.texts.mails import (
    COUNTER,
    EVENT,
    both,
    mail_of_account,
    mail_of_booking,
    received,
    seen,
)

pytestmark = pytest.mark.django_db
HOSTILE = [
    "Dune\r\nBcc: victim@example.com",
    "Dune\nBcc: victim@example.com\n\nBuy this",
    "Dune\x0bBcc: victim@example.com",
    "Dune\x85Bcc: victim@example.com",
    "Dune\u2028Bcc: victim@example.com",
    "Bcc: victim@example.com",
    "Dune, victim@example.com",
    'Dune" <victim@example.com>',
    "=?utf-8?q?=0ABcc:_victim@example.com?=",
    "Dune\u202egnp.exe",
    "<script>alert(1)</script>",
    "{{ settings.SECRET_KEY }}{% debug %}%(name)s",
    "x" * 200,
]
USUAL = {
    "Subject", "From", "To", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Language",
    "Auto-Submitted", "X-Auto-Response-Suppress",
}  # fmt: skip


def unfolded(header):
    """Return a header on one line: a line break before a blank is where it was folded."""
    return re.sub(r"\r?\n(?=[ \t])", "", header)


def check_is_harmless(mail, address):
    parsed = received(mail)
    assert set(parsed.headers) == USUAL
    assert parsed.to == [("", address)]
    assert mail.recipients() == [address]
    subject = unfolded(parsed.subject)
    assert len(subject.splitlines()) == 1
    assert len(subject) <= 150
    assert not any(mark in subject for mark in "\u202e\u2028\x0b\x85\r\n")
    assert "<script" not in parsed.text_html[0]
    return parsed


@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_is_no_header_and_no_html(alice, show, text):
    booking = book_seats(alice, show, "A1")
    Movie.objects.update(title=text)
    parsed = check_is_harmless(mail_of_booking(booking, MailKind.BOOKED, "confirmed"), alice.email)
    assert subject_line(one_line(text, 80)) in unfolded(parsed.subject)
    assert one_line(text, 200) in seen(parsed.text_html[0])
    assert one_line(text, 200) in parsed.text_plain[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_nor_is_the_name_of_a_customer_a_cinema_or_an_auditorium_or_a_reason(alice, show, text):
    booking = book_seats(alice, show, "A1")
    User.objects.filter(pk=alice.pk).update(name=text[:150])
    Cinema.objects.update(name=text[:100], city=text[:100])
    Auditorium.objects.update(name=text[:100])
    check_is_harmless(mail_of_booking(booking, MailKind.BOOKED, "confirmed"), alice.email)
    Show.objects.update(state="called_off", call_off_reason=text)
    booking.events.update(kind="confirmed")
    booking.events.create(kind="called_off", at=booking.created_at, by="")
    type(booking).objects.update(status="cancelled")
    check_is_harmless(mail_of_booking(booking, MailKind.CALLED_OFF, "called_off"), alice.email)
    reset = AccountEventKind.PASSWORD_CHANGED
    check_is_harmless(mail_of_account(alice, MailKind.PASSWORD_CHANGED, reset), alice.email)


def test_a_name_greets_only_at_an_address_that_is_proved(alice):
    changed = AccountEventKind.PASSWORD_CHANGED
    assert "Hello Alice," in both(mail_of_account(alice, MailKind.PASSWORD_CHANGED, changed))[0]
    User.objects.update(email_verified_at=None)
    alice.refresh_from_db()
    for text in both(mail_of_account(alice, MailKind.PASSWORD_CHANGED, changed)):
        assert "Alice" not in text


def test_nor_at_an_address_that_is_not_yet_the_account_s(alice):
    User.objects.filter(pk=alice.pk).update(pending_email="new@example.com")
    asked = AccountEventKind.CHANGE_ASKED
    new = {"email": "new@example.com", "recipient": EVENT}
    mail = mail_of_account(alice, MailKind.CONFIRM_CHANGE, asked, **new)
    assert mail.to == ["new@example.com"]
    assert "Alice" not in both(mail)[0]


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com, b@example.com",
        "a@example.com\nBcc: b@example.com",
        "Alice <a@example.com>",
        "jürgen@example.com",
        "not an address",
    ],
)
def test_an_address_that_is_not_one_fails_clearly(show, address):
    staff = make_staff()
    counter = CounterTerms(tender="cash", customer_email="a@example.com")
    booking = book_seats(staff, show, "A1", counter=counter, actor=Actor.staff(staff.pk))
    CounterSale.objects.update(customer_email=address)
    with pytest.raises(Undeliverable) as failure:
        mail_of_booking(booking, MailKind.BOOKED, "confirmed", recipient=COUNTER)
    assert "example.com" not in str(failure.value)  # staff read it beside no address


def test_the_domain_of_an_address_is_sent_as_dns_has_it(alice, show):
    booking = book_seats(alice, show, "A1")
    User.objects.filter(pk=alice.pk).update(email="alice@bücher.example")
    mail = mail_of_booking(booking, MailKind.BOOKED, "confirmed")
    assert received(mail).to == [("", "alice@xn--bcher-kva.example")]


def test_a_subject_in_other_letters_arrives_as_it_is(alice, show):
    booking = book_seats(alice, show, "A1")
    Movie.objects.update(title="千と千尋の神隠し – Ünïcode 🎬")
    mail = received(mail_of_booking(booking, MailKind.BOOKED, "confirmed"))
    assert "千と千尋の神隠し – Ünïcode 🎬" in mail.subject
    assert "千と千尋の神隠し – Ünïcode 🎬" in mail.text_plain[0]


def test_a_title_in_an_alphabet_from_right_to_left_keeps_to_itself(alice, show):
    booking = book_seats(alice, show, "A1")
    Movie.objects.update(title="ואלס עם באשיר")
    html = both(mail_of_booking(booking, MailKind.BOOKED, "confirmed"))[1]
    assert "<bdi>ואלס עם באשיר</bdi>" in html
