"""Where one is logged in, and logging out everywhere else."""

from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from babel.dates import format_timedelta
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from marquee.accounts import browser_sessions, login_sessions
from marquee.accounts.operations import log_out_other_browsers
from marquee.web.language import language_of
from marquee.web.storefront.form_pages import AccountPage

# Nobody reads more. API clients that log in for each call can have thousands.
MAX_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Device:
    """A login as its owner recognises it."""

    name: str
    time_zone: str
    last_seen: str
    is_this: bool


class DevicesView(AccountPage):
    """`/account/sessions/`."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List where the account is logged in, this browser first."""
        logins = list(login_sessions.live(self.user)[: MAX_SHOWN + 1])
        current, now = browser_sessions.entry_of(request.session), timezone.now()
        language = language_of(request)
        devices = [
            Device(
                name=device_label(login.user_agent),
                time_zone=login.time_zone.replace("_", " "),
                last_seen=time_ago(login.last_seen_at, now, language),
                is_this=login.pk == current,
            )
            for login in logins[:MAX_SHOWN]
        ]
        devices.sort(key=lambda one: not one.is_this)
        return self.render(
            "storefront/account_devices.html", devices=devices, has_more=len(logins) > MAX_SHOWN
        )

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Log out everywhere else. Refuses with TooManyAttempts or AccountClosed."""
        log_out_other_browsers(user=self.user, language=language_of(request))
        update_session_auth_hash(request, self.user)
        messages.success(request, _("You are logged out everywhere else."))
        return HttpResponseRedirect(reverse("account-devices"))


def device_label(user_agent: str) -> str:
    """Return a device as its owner recognises it, such as `Firefox on Linux`."""
    device = login_sessions.device_parts(user_agent)
    if device.client and device.system:
        return _("%(browser)s on %(system)s") % {
            "browser": device.client,
            "system": device.system,
        }
    return device.client or device.system or _("An unknown device")


def time_ago(moment: datetime, now: datetime, language: str) -> str:
    """Return how long ago it was, such as `3 hours ago`: the reader's time zone is not known."""
    if (now - moment).total_seconds() < browser_sessions.NOTED_EVERY_SECONDS:
        return _("just now")
    return format_timedelta(moment - now, add_direction=True, locale=Locale.parse(language))
