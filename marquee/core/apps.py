"""The Django app `marquee.core`, and the admin with a site of our own."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class CoreConfig(AppConfig):
    """What all other apps use."""

    name = "marquee.core"
    default = True


class BackOfficeConfig(admin.AdminConfig):
    """Django's admin, with our site."""

    default = False
    default_site = "marquee.core.site.MarqueeAdminSite"
