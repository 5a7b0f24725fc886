"""The Django app `marquee.demo`."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Example data."""

    name = "marquee.demo"
