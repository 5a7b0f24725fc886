"""Write the mail of an event, and read it as another library does."""

import re
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from mailparser import parse_from_bytes

from marquee.accounts.models import AccountEvent, User
from marquee.accounts.states import AccountEventKind
from marquee.booking.models import Booking
from marquee.mail.contents import compose
from marquee.mail.models import Message
from marquee.mail.states import Recipient


def booking_message(booking: Booking, kind: str, *, event: str, **fields: Any) -> Message:
    """Return the message about the newest event of this kind of a booking."""
    newest = booking.events.filter(kind=event).latest("pk")
    now = timezone.now()
    return Message(
        booking_event=newest,
        kind=kind,
        created_at=now,
        next_at=now,
        recipient=fields.pop("recipient", Recipient.CUSTOMER),
    )


def account_message(
    user: User | None, kind: str, *, event: AccountEventKind, **fields: Any
) -> Message:
    """Return the message about a new event of an account."""
    recipient = fields.pop("recipient", Recipient.CUSTOMER)
    happened = AccountEvent.objects.create(user=user, kind=event, at=timezone.now(), **fields)
    now = timezone.now()
    return Message(
        account_event=happened, kind=kind, created_at=now, next_at=now, recipient=recipient
    )


def mail_of_booking(
    booking: Booking, kind: str, *, event: str, **fields: Any
) -> EmailMultiAlternatives | None:
    """Return the mail about the newest event of this kind."""
    return compose(booking_message(booking, kind, event=event, **fields))


def mail_of_account(
    user: User | None, kind: str, *, event: AccountEventKind, **fields: Any
) -> EmailMultiAlternatives | None:
    """Return the mail about a new event of an account."""
    return compose(account_message(user, kind, event=event, **fields))


def received(mail: EmailMultiAlternatives | None) -> Any:
    """Return a mail as mail-parser reads what would be sent."""
    assert mail is not None
    return parse_from_bytes(mail.message().as_bytes())


def words_of_html(html: str) -> str:
    """Return what a reader of the HTML sees, with single blanks."""
    import html as entities

    body = re.sub(r"(?s)<head>.*</head>|<[^>]+>", " ", html)
    return " ".join(entities.unescape(body).split())
