"""The Django app `marquee.api`."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """HTTP for programs."""

    name = "marquee.api"
