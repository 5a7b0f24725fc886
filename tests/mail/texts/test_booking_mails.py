import pytest

from marquee.mail.states import MailKind
from tests.factories import book_seats
from tests.mail.texts.mails import mail_of_booking, received, seen

pytestmark = pytest.mark.django_db


def test_a_booking_is_confirmed_with_all_its_facts(alice, show):
    booking = book_seats(alice, show, "A1", "A2")
    mail = received(mail_of_booking(booking, MailKind.BOOKED, "confirmed"))
    [text], [html] = mail.text_plain, mail.text_html
    assert mail.to == [("", alice.email)]
    facts = ["Die Zeitreise", "Ringkino, Vienna", "Saal 2", "A1 and A2", "€25.00"]
    for fact in [*facts, booking.reference]:
        assert fact in text
        assert fact in seen(html)
