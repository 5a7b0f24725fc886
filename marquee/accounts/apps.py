"""The Django app `marquee.accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who you are."""

    name = "marquee.accounts"
