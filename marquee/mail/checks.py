"""What `manage.py check --deploy` says of mail: behind HTTPS it goes to customers, with links that work."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
CONSOLE = checks.Warning(
    "Mails are printed by the worker and reach nobody: EMAIL_BACKEND is console.",
    hint="Set EMAIL_BACKEND=smtp and EMAIL_HOST, or a mail provider's backend (docs/operating.md).",
    id="mail.W001",
)
LOCAL_LINKS = checks.Warning(
    "The links in mails lead to the reader's own machine: SITE_URL is a local one.",
    hint="Set SITE_URL to the origin of your pages, such as https://box.example.org.",
    id="mail.W002",
)


@checks.register(checks.Tags.security, deploy=True)
def check_mail_leaves(**options: Any) -> list[checks.CheckMessage]:
    """Warn of a deployment whose mails do not arrive, or whose links do not."""
    if not settings.HTTPS:
        return []
    found: list[checks.CheckMessage] = []
    if settings.EMAIL_BACKEND == "marquee.mail.console.EmailBackend":
        found.append(CONSOLE)
    if urlsplit(settings.SITE_URL).hostname in LOCAL_HOSTS:
        found.append(LOCAL_LINKS)
    return found
