"""The Django app `marquee.web`."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages: the ones that links in mails open."""

    name = "marquee.web"
