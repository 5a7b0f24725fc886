"""The Django app `marquee.mail`."""

from importlib import import_module

from django.apps import AppConfig


class MailConfig(AppConfig):
    """Mails: an outbox in the database, sent by the worker."""

    name = "marquee.mail"

    def ready(self) -> None:
        """Register the system checks."""
        import_module("marquee.mail.checks")
