"""The Django app `marquee.catalog`."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Movies, cinemas, price cards and shows."""

    name = "marquee.catalog"
