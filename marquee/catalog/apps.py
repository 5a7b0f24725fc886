"""The Django app `marquee.catalog`."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """What is on."""

    name = "marquee.catalog"
