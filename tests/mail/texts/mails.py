"""Write the mail of an event, and read it as another library does."""

import html as entities
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

CUSTOMER, EVENT, COUNTER = Recipient.CUSTOMER, Recipient.EVENT, Recipient.COUNTER
Mail = EmailMultiAlternatives | None


def mail_of_booking(
    booking: Booking, kind: str, event: str, *, recipient: str = CUSTOMER, **which: Any
) -> Mail:
    """Return the mail about the newest event of this kind of a booking, or the one with these values."""
    newest = booking.events.filter(kind=event, **which).latest("pk")
    return compose(Message(booking_event=newest, kind=kind, recipient=recipient))


def mail_of_account(
    user: User | None,
    kind: str,
    event: AccountEventKind,
    *,
    recipient: str = CUSTOMER,
    **fields: Any,
) -> Mail:
    """Return the mail about a new event of an account."""
    happened = AccountEvent.objects.create(user=user, kind=event, at=timezone.now(), **fields)
    return compose(Message(account_event=happened, kind=kind, recipient=recipient))


def received(mail: Mail) -> Any:
    """Return a mail as mail-parser reads what would be sent."""
    assert mail is not None
    return parse_from_bytes(mail.message().as_bytes())


def both(mail: Mail) -> tuple[str, str]:
    """Return the plain text and the HTML of a mail, as mail-parser reads them."""
    parsed = received(mail)
    [text], [html] = parsed.text_plain, parsed.text_html
    return text, html


def seen(html: str) -> str:
    """Return what a reader of the HTML sees, with single blanks."""
    body = re.sub(r"(?s)<head>.*</head>|<[^>]+>", " ", html)
    return " ".join(entities.unescape(body).split())


def said(mail: Mail) -> str:
    """Return the subject and the plain text of a mail."""
    assert mail is not None
    return f"{mail.subject}\n{both(mail)[0]}"
