"""The Django app `marquee.mail`."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """Mails: an outbox in the database, sent by the worker."""

    name = "marquee.mail"
