"""The error page of DEBUG without secrets, because people show such pages to others.

Django hides settings by their names. DATABASE_URL and the variables of a traceback hold secrets under
other names, so we also search the rendered page for the values.
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
MIN_LENGTH, MIN_COOKIE_LENGTH = 4, 10  # shorter values would turn half the page into stars
# JSON Web Tokens, and logins in URLs.
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
URL_LOGIN = re.compile(r"(://)[^\s/@]+@")


class SecretsByNameFilter(SafeExceptionReporterFilter):
    """A filter that hides by name: settings, headers, cookies, form fields and variables."""

    cleansed_substitute = HIDDEN
    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGN|COOKIE|SESSION|CSRF|CREDENTIAL|DATABASE|DSN|PGSERVICE"
        "|JWT|BEARER|REFRESH|ACCESS|RAW|HEADER|DIGEST|HASH|SALT|NONCE|CODE$|^OLD$|^NEW$|^ENVIRON$"
        "|PARAMS$",  # of a statement: session keys, digests, hashes
        re.IGNORECASE,
    )

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """Return the value, or stars for a secret name, in nested dictionaries, too."""
        if isinstance(value, MultiValueDict):
            value = dict(value.lists())
        return super().cleanse_setting(key, value)

    def get_safe_cookies(self, request: Any) -> dict[str, str]:
        """Return the cookies' names without their values: each may be a session."""
        return dict.fromkeys(getattr(request, "COOKIES", {}), HIDDEN)

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        """Return the fields of a form. Fields with secret names are hidden."""
        cleansed = QueryDict(mutable=True)
        for name, values in request.POST.lists() if request else ():
            cleansed.setlist(name, [self.cleanse_setting(name, value) for value in values])
        return cleansed

    def get_traceback_frame_variables(
        self, request: Any, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        """Return the variables of a frame. Variables with secret names are hidden."""
        variables = super().get_traceback_frame_variables(request, tb_frame)
        return {name: self.cleanse_setting(name, value) for name, value in variables}.items()


class SecretsByValueReporter(ExceptionReporter):
    """A reporter that hides by value: our secrets, cookies and tokens in the rendered page."""

    def get_traceback_html(self) -> SafeString:
        """Return the page as HTML."""
        return self._without_secrets(super().get_traceback_html())

    def get_traceback_text(self) -> SafeString:
        """Return the page as text, for API clients."""
        return self._without_secrets(super().get_traceback_text())

    def _without_secrets(self, text: str) -> SafeString:
        cookies = getattr(self.request, "COOKIES", {}).values()
        secrets = {*_secrets(), *(value for value in cookies if len(value) >= MIN_COOKIE_LENGTH)}
        for secret in sorted(secrets, key=len, reverse=True):
            for spelling in {secret, escape(secret), quote(secret, safe="")}:
                text = text.replace(spelling, HIDDEN)
        text = URL_LOGIN.sub(rf"\1{HIDDEN}@", JWT.sub(HIDDEN, text))
        return SafeString(text)  # nosec B703 (Django rendered it; stars are all that is new)


def _secrets() -> Iterator[str]:
    yield from (settings.SECRET_KEY, settings.JWT_SIGNING_KEY, settings.SECOND_FACTOR_KEY)
    for database in settings.DATABASES.values():
        password = str(database.get("PASSWORD") or "")
        if len(password) >= MIN_LENGTH:
            yield password
