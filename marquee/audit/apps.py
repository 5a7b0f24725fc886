"""The Django app `marquee.audit`."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who of the staff did what."""

    name = "marquee.audit"
    verbose_name = "Audit log"
