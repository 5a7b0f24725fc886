"""The Django app `marquee.accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, their tokens and rate limits."""

    name = "marquee.accounts"
