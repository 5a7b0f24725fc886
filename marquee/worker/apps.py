"""The Django app `marquee.worker`."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    """Tasks for the clock."""

    name = "marquee.worker"
