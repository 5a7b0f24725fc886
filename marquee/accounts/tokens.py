"""Issue and rotate tokens. Simple JWT signs and verifies; our table decides which are valid.

Each token carries the `token_epoch` of its user. Raising the epoch revokes all tokens at once.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from rest_framework_simplejwt import tokens as jwt
from rest_framework_simplejwt.exceptions import TokenError

from marquee.accounts.errors import BadCredentials
from marquee.accounts.models import RefreshToken, User
from marquee.core.clock import DatabaseNow

# Two tabs may refresh at once, and an API client may repeat a request whose response was lost. Both use
# a token twice within seconds: that is no theft, and must not log the user out.
REUSE_GRACE = timedelta(seconds=10)
BAD_REFRESH_MESSAGE = "The refresh token is not good, or no longer: log in again."
# Our tokens have a few hundred characters.
MAX_TOKEN_LENGTH = 2000
# The ranges of the columns: larger numbers would be database errors.
MAX_USER_ID, MAX_EPOCH = 2**63 - 1, 2**31 - 1
MAX_TIMESTAMP = 2**35  # a time in seconds since 1970, well below the year 9999
INTEGER = re.compile("0|[1-9][0-9]{0,18}")

Kind = TypeVar("Kind", bound=jwt.Token)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token for requests, and a refresh token for the next pair."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    """The claims of a refresh token whose signature, type, issuer, audience and expiry are valid."""

    user_id: int
    epoch: int
    family: UUID
    digest: str


def issue_pair(user: User, *, family: UUID | None = None) -> TokenPair:
    """Issue a pair of tokens for a user, in a new family unless one is given."""
    refresh = _new_token(jwt.RefreshToken, user)
    family = family or uuid4()
    refresh["family"] = family.hex
    RefreshToken.objects.create(
        digest=_digest(refresh),
        user=user,
        family=family,
        expires_at=refresh.current_time + jwt.RefreshToken.lifetime,
    )
    return TokenPair(access=str(_new_token(jwt.AccessToken, user)), refresh=str(refresh))


def verify(kind: type[Kind], raw: str) -> Kind:
    """Return a token after verifying its signature, type, issuer, audience and expiry.

    Raises TokenError otherwise, whatever the claims: Simple JWT and PyJWT convert some of them without
    checking their type or size.
    """
    if len(raw) > MAX_TOKEN_LENGTH:
        raise TokenError(BAD_REFRESH_MESSAGE)
    try:
        return kind(raw)  # type: ignore[arg-type]  # the stubs want Token, it reads str
    except (ArithmeticError, OSError, TypeError, ValueError) as error:
        raise TokenError(BAD_REFRESH_MESSAGE) from error


def integer_claim(token: jwt.Token, claim: str, *, maximum: int) -> int:
    """Return a claim that is a whole number, as JSON or as text. Raises TokenError otherwise."""
    value = token.get(claim)
    if type(value) not in {int, str} or not INTEGER.fullmatch(str(value)) or int(value) > maximum:
        raise TokenError(BAD_REFRESH_MESSAGE)
    return int(value)


def decode_refresh(raw: str) -> RefreshClaims:
    """Return the claims of a refresh token. Refuses with BadCredentials unless we issued it."""
    try:
        token = verify(jwt.RefreshToken, raw)
        return RefreshClaims(
            user_id=integer_claim(token, "user_id", maximum=MAX_USER_ID),
            epoch=integer_claim(token, "epoch", maximum=MAX_EPOCH),
            family=UUID(hex=_string_claim(token, "family")),
            digest=_digest(token),
        )
    except (TokenError, ValueError):
        raise BadCredentials(BAD_REFRESH_MESSAGE) from None


@transaction.atomic
def rotate(claims: RefreshClaims) -> TokenPair | None:
    """Exchange a refresh token for the next pair. Return None if the token is not valid.

    Of any number of concurrent uses, one gets the pair. A token used again after REUSE_GRACE was
    stolen, so its family is revoked. We return None then, as an exception would roll that back.
    """
    user = _lock(claims)
    if user is None or not user.is_active or user.token_epoch != claims.epoch:
        return None
    if _mark_spent(claims.digest):
        return issue_pair(user, family=claims.family)
    _revoke_if_stolen(claims.digest)
    return None


@transaction.atomic
def revoke_family(claims: RefreshClaims) -> None:
    """Revoke a refresh token and all others of the same login."""
    _lock(claims)
    RefreshToken.objects.filter(family=claims.family, revoked_at=None).update(
        revoked_at=DatabaseNow()
    )


def delete_expired() -> int:
    """Delete expired refresh tokens; return how many."""
    return RefreshToken.objects.filter(expires_at__lt=DatabaseNow()).delete()[0]


def _new_token(kind: type[Kind], user: User) -> Kind:
    token = kind.for_user(user)
    token["epoch"] = user.token_epoch
    return token


def _digest(token: jwt.Token) -> str:
    return sha256(_string_claim(token, "jti").encode()).hexdigest()


def _string_claim(token: jwt.Token, claim: str) -> str:
    value = token.get(claim)
    if type(value) is not str:
        raise TokenError(BAD_REFRESH_MESSAGE)
    return value


def _lock(claims: RefreshClaims) -> User | None:
    """Lock and return the user, so that a family cannot grow while it is revoked."""
    return User.objects.select_for_update(no_key=True).filter(pk=claims.user_id).first()


def _mark_spent(digest: str) -> bool:
    """Mark a token as used; return whether we did. A compare-and-set: only one use succeeds."""
    live = RefreshToken.objects.filter(digest=digest, spent_at=None, revoked_at=None)
    return live.update(spent_at=DatabaseNow()) == 1


def _revoke_if_stolen(digest: str) -> None:
    long_ago = DatabaseNow() - REUSE_GRACE
    reused = RefreshToken.objects.filter(digest=digest, spent_at__lt=long_ago)
    family = RefreshToken.objects.filter(family__in=reused.values("family"), revoked_at=None)
    family.update(revoked_at=DatabaseNow())
