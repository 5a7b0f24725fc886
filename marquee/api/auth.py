"""Who is calling, by the JWT they bring; and who may do what.

Simple JWT signs and verifies; whether an account still stands is read from the database.
"""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from marquee.accounts import tokens
from marquee.accounts.models import User
from marquee.accounts.queries import is_token_current

if TYPE_CHECKING:  # DRF's views import this module, by the settings
    from rest_framework.views import APIView

NO_TOKEN = "The token is not valid here, or no longer: log in again."  # noqa: S105 (a sentence)


@dataclass(frozen=True, slots=True)
class TokenUser:
    """Who a token says is calling, not yet checked against the account."""

    pk: int
    epoch: int
    expires_at: int
    is_authenticated: bool = True


@lru_cache(maxsize=10_000)
def verify_token(raw: str) -> TokenUser:
    """Return whom a token names, once its signature, type, issuer and audience are verified.

    The same token under the same key stays as good or bad as it is, but for its expiry, which the
    caller looks at each time: so each token is verified once a process. Raises TokenError for a bad
    one, which is not remembered.
    """
    token = tokens.verify(AccessToken, raw)
    return TokenUser(
        pk=tokens.integer_claim(token, "user_id", maximum=tokens.MAX_USER_ID),
        epoch=tokens.integer_claim(token, "epoch", maximum=tokens.MAX_EPOCH),
        expires_at=tokens.integer_claim(token, "exp", maximum=tokens.MAX_TIMESTAMP),
    )


class StatelessJWTAuthentication(BaseAuthentication):
    """Believes the token, without a query: for operations that check the account themselves."""

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        """Return the caller and their token; None without one. Raises 401 for a bad one."""
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, raw = header.partition(" ")
        if scheme.lower() != "bearer" or not raw:
            raise AuthenticationFailed("Write the header as `Authorization: Bearer <token>`.")
        try:
            bearer = verify_token(raw)
        except TokenError:
            raise AuthenticationFailed(NO_TOKEN) from None
        if bearer.expires_at <= time.time():
            raise AuthenticationFailed(NO_TOKEN)
        return self.caller(bearer), raw

    def caller(self, bearer: TokenUser) -> Any:
        """Return what views get as `request.user`."""
        return bearer

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 (RFC 6750)."""
        return "Bearer"


class ActiveAccountAuthentication(StatelessJWTAuthentication):
    """Asks by one small query whether the account still stands: active, its tokens not called back."""

    def caller(self, bearer: TokenUser) -> Any:
        """Return the bearer. Raises 401 when deleted, deactivated, or when tokens were called back."""
        if not is_token_current(user_id=bearer.pk, token_epoch=bearer.epoch):
            raise AuthenticationFailed(NO_TOKEN)
        return bearer


class UserJWTAuthentication(StatelessJWTAuthentication):
    """Reads the account by one query: it must be active, and its tokens not called back."""

    def caller(self, bearer: TokenUser) -> User:
        """Return the user. Raises 401 when deleted, deactivated, or when tokens were called back."""
        user = User.objects.filter(pk=bearer.pk, is_active=True, token_epoch=bearer.epoch).first()
        if user is None:
            raise AuthenticationFailed(NO_TOKEN)
        return user


class LoggedIn(BasePermission):
    """Anyone with a good token."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Say whether somebody is logged in."""
        return bool(request.user.is_authenticated)


class IsStaffOrReadOnly(BasePermission):
    """Reading is public; changing needs staff, as the database has it now, not as the token says."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Say whether this caller may do this."""
        return request.method in SAFE_METHODS or IsStaff().has_permission(request, view)


class IsStaff(BasePermission):
    """Members of staff."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Say whether the caller is staff."""
        return bool(request.user.is_authenticated and request.user.is_staff)
