"""The authentication backend of pages, such as the admin: Django's, within our rate limits."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from marquee.accounts import password_checks, rate_limits
from marquee.accounts.errors import TooManyAttempts
from marquee.accounts.models import User


class RateLimitedBackend(ModelBackend):
    """Django's model backend with the same rate limits as the API."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the user or None. Over a limit, raise PermissionDenied: no other backend is tried."""
        if request is None:
            return super().authenticate(request, username, password, **kwargs)
        try:
            return password_checks.authenticate(
                email=username or "",
                password=password or "",
                networks=rate_limits.client_networks(request.META),
            )
        except TooManyAttempts:
            raise PermissionDenied from None
