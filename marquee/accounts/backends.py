"""How people log in to pages, the admin among them: as Django does, within the login limit."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from marquee.accounts import guesses, rate_limits
from marquee.accounts.errors import TooManyAttempts
from marquee.accounts.models import User


class RateLimitedBackend(ModelBackend):
    """Checks an address and a password, as often as the API would."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the user or None. Over the limit raises PermissionDenied: nobody else is asked."""
        if request is None:
            return super().authenticate(request, username, password, **kwargs)
        try:
            return guesses.authenticate(
                email=username or "",
                password=password or "",
                networks=rate_limits.client_networks(request.META),
            )
        except TooManyAttempts:
            raise PermissionDenied from None
