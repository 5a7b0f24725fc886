"""The Django app `marquee.booking`."""

from django.apps import AppConfig


class BookingConfig(AppConfig):
    """The concurrent heart."""

    name = "marquee.booking"
