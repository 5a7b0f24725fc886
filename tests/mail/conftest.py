"""What the tests of mail share: bookings, and a worker with short texts and a mail server of the test."""

import pytest

from marquee.accounts.models import AccountEvent
from marquee.core.clock import database_now
from marquee.mail import planning, sending
from marquee.mail.models import Message
from tests.factories import book_seats, make_show, make_user
from tests.mail import contents
from tests.mail.smtp_server import mail_server

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def short_texts(monkeypatch):
    """Write the mails of `tests/mail/contents.py`, and forget the pauses of other tests."""
    monkeypatch.setattr(sending, "compose", contents.compose)
    sending.pause.end()


@pytest.fixture
def booked(db):
    """Return a mail that confirms a booking, due now."""
    alice = make_user(email="alice@example.com")
    booking = book_seats(alice, make_show(), "A1")
    planning.plan_booking_mails()
    return Message.objects.get(booking_event__booking=booking)


@pytest.fixture
def smtp(settings):
    """Return the handler of a mail server that the worker uses, and that a busy machine may delay."""
    with mail_server() as server:
        use(settings, server.port)
        settings.EMAIL_TIMEOUT = 10
        yield server.handler


def use(settings, port, **more):
    """Let the worker use a mail server."""
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 1
    for name, value in more.items():
        setattr(settings, name, value)


def add_event(user, kind, email=""):
    """Add an event of an account."""
    return AccountEvent.objects.create(user=user, kind=kind, email=email, at=database_now())


def due_now():
    """Let every mail that waits be due, as if time had passed."""
    Message.objects.filter(state__in=["due", "sending"]).update(next_at=database_now())
