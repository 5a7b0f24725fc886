"""Texts of mails for tests of sending: short, and they do what the address says."""

from django.core.mail import EmailMultiAlternatives

from marquee.mail.models import Message
from marquee.mail.queries import address_of


def compose(message: Message) -> EmailMultiAlternatives | None:
    """Return a mail; None for a recipient without an address."""
    address = address_of(message)
    if address.startswith("bug"):
        raise KeyError(address)
    if not address:
        return None
    mail = EmailMultiAlternatives(f"{message.kind} for you", f"About {message.pk}", to=[address])
    mail.attach_alternative(f"<p>About {message.pk}</p>", "text/html")
    return mail
