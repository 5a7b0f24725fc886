"""The page of an error in DEBUG, which somebody shows to others sooner or later: without secrets.

Django hides settings by their names. But DATABASE_URL holds a password, and so do variables of the
frames that failed: names say less there, so what was rendered is looked through as well.
"""

import re
from collections.abc import ItemsView, Iterator
from html import escape
from types import FrameType
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

HIDDEN = "*" * 20
SHORTEST, SHORTEST_COOKIE = 4, 10  # so that the page does not become nothing but stars
# A token of ours or of others, and who logs in to what by URL.
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
URL_LOGIN = re.compile(r"(://)[^\s/@]+@")


class Filter(SafeExceptionReporterFilter):
    """Hides by name: in settings, headers, cookies, forms, and variables."""

    cleansed_substitute = HIDDEN
    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGN|COOKIE|SESSION|CSRF|CREDENTIAL|DATABASE|DSN|PGSERVICE"
        "|JWT|BEARER|REFRESH|ACCESS|RAW|HEADER|DIGEST|HASH|SALT|NONCE|CODE$|^OLD$|^NEW$|^ENVIRON$"
        "|PARAMS$",  # of a statement: session keys, digests, hashes
        re.IGNORECASE,
    )

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """Return the value, or stars; names are looked at in every dictionary within it."""
        if isinstance(value, MultiValueDict):
            value = dict(value.lists())
        return super().cleanse_setting(key, value)

    def get_safe_cookies(self, request: Any) -> dict[str, str]:
        """Return the names of all cookies: each may be what somebody is logged in by."""
        return dict.fromkeys(getattr(request, "COOKIES", {}), HIDDEN)

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        """Return the fields of a form, those with secret names hidden."""
        cleansed = QueryDict(mutable=True)
        for name, values in request.POST.lists() if request else ():
            cleansed.setlist(name, [self.cleanse_setting(name, value) for value in values])
        return cleansed

    def get_traceback_frame_variables(
        self, request: Any, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        """Return the variables of a frame, those with secret names hidden."""
        variables = super().get_traceback_frame_variables(request, tb_frame)
        return {name: self.cleanse_setting(name, value) for name, value in variables}.items()


class Reporter(ExceptionReporter):
    """Hides by value: whatever of our secrets is left in what was rendered, and tokens."""

    def get_traceback_html(self) -> SafeString:
        """Return the page."""
        return self._without_secrets(super().get_traceback_html())

    def get_traceback_text(self) -> SafeString:
        """Return the text for clients that take no HTML."""
        return self._without_secrets(super().get_traceback_text())

    def _without_secrets(self, text: str) -> SafeString:
        cookies = getattr(self.request, "COOKIES", {}).values()
        secrets = {*_secrets(), *(value for value in cookies if len(value) >= SHORTEST_COOKIE)}
        for secret in sorted(secrets, key=len, reverse=True):
            for spelt in {secret, escape(secret), quote(secret, safe="")}:
                text = text.replace(spelt, HIDDEN)
        text = URL_LOGIN.sub(rf"\1{HIDDEN}@", JWT.sub(HIDDEN, text))
        return SafeString(text)  # nosec B703 (Django rendered it; stars are all that is new)


def _secrets() -> Iterator[str]:
    yield from (settings.SECRET_KEY, settings.JWT_SIGNING_KEY)
    for database in settings.DATABASES.values():
        password = str(database.get("PASSWORD") or "")
        if len(password) >= SHORTEST:
            yield password
