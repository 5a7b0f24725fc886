"""The Django app `marquee.core`, and the back office with a site of our own."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class CoreConfig(AppConfig):
    """What the others stand on."""

    name = "marquee.core"
    default = True


class BackOfficeConfig(admin.AdminConfig):
    """Django's admin."""

    default = False
    default_site = "marquee.core.site.Site"
