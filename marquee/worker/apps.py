"""The Django app `marquee.worker`."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    """Periodic tasks."""

    name = "marquee.worker"
