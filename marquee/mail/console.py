"""Mails in the terminal, for development: the text as its reader sees it, links whole."""

from email.message import EmailMessage as ParsedMessage
from email.policy import default
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.console import EmailBackend as DjangoBackend

SHOWN = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID")
LINE = "-" * 72


class EmailBackend(DjangoBackend):
    """Write the plain text of each mail to the terminal, not quoted-printable as Django does."""

    def write_message(self, message: EmailMessage) -> None:
        """Write one mail."""
        headers = ParsedMessage(policy=default)
        for name, value in message.message().items():
            headers[name] = _one_line(value)
        shown = (f"{name}: {headers[name]}" for name in SHOWN if headers[name])
        self.stream.write("\n".join([LINE, *shown, "", str(message.body).rstrip(), LINE, ""]))


def _one_line(value: Any) -> str:
    return " ".join(str(value).split())
