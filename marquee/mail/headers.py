"""What every mail has in its headers, whatever it says."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.crypto import salted_hmac

from marquee.mail.models import Message


def complete(mail: EmailMessage, message: Message) -> str:
    """Add the headers, and return the one address that the mail goes to.

    Raises ValueError for a mail to nobody or to several: part of them could be refused, and smtplib
    would keep that to itself.
    """
    (address,) = mail.recipients()
    mail.extra_headers["Message-ID"] = message_id(message)
    # Out-of-office replies and mailing lists leave such mail alone (RFC 3834).
    mail.extra_headers["Auto-Submitted"] = "auto-generated"
    if settings.MAIL_REPLY_TO and not mail.reply_to:
        mail.reply_to = [settings.MAIL_REPLY_TO]
    return str(address)


def message_id(message: Message) -> str:
    """Return the Message-ID, the same each time this mail is sent. It gives no number away."""
    event = f"booking:{message.booking_event_id}"
    if message.account_event_id is not None:
        event = f"account:{message.account_event_id}"
    digest = salted_hmac("marquee.mail", f"{event}:{message.kind}:{message.recipient}")
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{digest.hexdigest()[:32]}@{'localhost' if ':' in host else host}>"
