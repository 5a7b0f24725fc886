"""Authenticate API clients by their JWT access token.

Simple JWT verifies the signature. Whether the account is still active is read from the database.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from marquee.accounts import tokens
from marquee.accounts.errors import AccessTokenExpired
from marquee.accounts.login_sessions import Device, device_of
from marquee.accounts.models import User
from marquee.accounts.queries import is_token_current

BAD_TOKEN_MESSAGE = "The token is not valid here, or no longer: log in again."  # noqa: S105 (a sentence)


@dataclass(frozen=True, slots=True)
class TokenUser:
    """The user that a verified token names. The account itself has not been read."""

    pk: int
    epoch: int
    expires_at: int
    # The login that the token is of. Tokens of before the list of logins do not say it.
    session: UUID | None
    is_authenticated: bool = True


@lru_cache(maxsize=10_000)
def verify_token(raw: str) -> TokenUser:
    """Return the user a token names, after verifying its signature, type, issuer and audience.

    Each token is verified once per process: under the same key the result cannot change. The
    caller must check `expires_at` each time. Raises TokenError for a bad token; that is not cached.
    """
    token = tokens.verify(AccessToken, raw)
    return TokenUser(
        pk=tokens.integer_claim(token, "user_id", maximum=tokens.MAX_USER_ID),
        epoch=tokens.integer_claim(token, "epoch", maximum=tokens.MAX_EPOCH),
        expires_at=tokens.integer_claim(token, "exp", maximum=tokens.MAX_TIMESTAMP),
        session=tokens.session_claim(token),
    )


class StatelessJWTAuthentication(BaseAuthentication):
    """Trusts the token without a query, for operations that check the account themselves."""

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        """Return the user and the token, or None without a token.

        Raises 401 for a bad one. Refuses with AccessTokenExpired.
        """
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, raw = header.partition(" ")
        if scheme.lower() != "bearer" or not raw:
            raise AuthenticationFailed("Write the header as `Authorization: Bearer <token>`.")
        try:
            token_user = verify_token(raw)
        except tokens.TokenExpired as error:
            raise _expired(error.expired_at) from None
        except TokenError:
            raise AuthenticationFailed(BAD_TOKEN_MESSAGE) from None
        if token_user.expires_at <= time.time():
            raise _expired(datetime.fromtimestamp(token_user.expires_at, UTC))
        return self.get_user(token_user), raw

    def get_user(self, token_user: TokenUser) -> Any:
        """Return what views get as `request.user`."""
        return token_user

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 response (RFC 6750)."""
        return "Bearer"


def _expired(expired_at: datetime) -> AccessTokenExpired:
    moment = tokens.format_utc(expired_at)
    return AccessTokenExpired(
        f"The access token expired at {moment}. `POST auth/refresh/` with the refresh token gives the "
        "next pair of tokens; if that has expired, too, log in again.",
        expired_at=moment,
    )


def session_of(request: Request) -> UUID | None:
    """Return the login that an authenticated request belongs to."""
    return verify_token(str(request.auth)).session


def request_device(request: Request, fields: dict[str, Any] | None = None) -> Device:
    """Return the device of a request. Take its time zone out of the fields of the body."""
    return device_of(request.META, (fields or {}).pop("time_zone", ""))


class ActiveAccountAuthentication(StatelessJWTAuthentication):
    """Checks by one small query that the account is active and its tokens are not revoked."""

    def get_user(self, token_user: TokenUser) -> Any:
        """Return the token's user. Raises 401 if the account is closed or its tokens are revoked."""
        if not is_token_current(user_id=token_user.pk, token_epoch=token_user.epoch):
            raise AuthenticationFailed(BAD_TOKEN_MESSAGE)
        return token_user


class UserJWTAuthentication(StatelessJWTAuthentication):
    """Reads the account by one query. It must be active, and its tokens not revoked."""

    def get_user(self, token_user: TokenUser) -> User:
        """Return the account. Raises 401 if it is closed or its tokens are revoked."""
        current = User.objects.filter(
            pk=token_user.pk, is_active=True, token_epoch=token_user.epoch
        )
        user = current.first()
        if user is None:
            raise AuthenticationFailed(BAD_TOKEN_MESSAGE)
        return user
