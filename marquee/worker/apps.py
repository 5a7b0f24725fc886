"""The Django app `marquee.worker`."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    """Chores for the clock."""

    name = "marquee.worker"
