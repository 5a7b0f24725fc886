"""The Django app `marquee.core`, and the admin with a site of our own."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.urls import register_converter

from marquee.core.url_converters import IdConverter


class CoreConfig(AppConfig):
    """What all other apps use."""

    name = "marquee.core"
    default = True

    def ready(self) -> None:
        """Let URLs of the API and of pages have ids."""
        register_converter(IdConverter, "id")


class BackOfficeConfig(admin.AdminConfig):
    """Django's admin, with our site."""

    default = False
    default_site = "marquee.core.site.MarqueeAdminSite"
