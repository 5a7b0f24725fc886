"""Refresh tokens rotate: Simple JWT signs and verifies, our table decides whether one is good.

All tokens of a user die at once when `token_epoch` goes up, as each carries the epoch it is of.
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

# Tabs that refresh at the same moment, or a client that lost our answer and asks again, use a
# token twice within seconds: no theft, and no reason to log anybody out.
REUSE_GRACE = timedelta(seconds=10)
BAD_REFRESH_MESSAGE = "The refresh token is not good, or no longer: log in again."
# Ours have a few hundred characters.
MAX_TOKEN_LENGTH = 2000
# What the columns hold: larger numbers are errors of the database.
MAX_USER_ID, MAX_EPOCH = 2**63 - 1, 2**31 - 1
MAX_TIMESTAMP = 2**35  # a time in seconds since 1970, well below the year 9999
INTEGER = re.compile("0|[1-9][0-9]{0,18}")

Kind = TypeVar("Kind", bound=jwt.Token)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client gets: a token to show with each request, and one to get the next pair with."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    """What a refresh token says, once its signature, type, issuer, audience and expiry hold."""

    user_id: int
    epoch: int
    family: UUID
    digest: str


def issue_pair(user: User, *, family: UUID | None = None) -> TokenPair:
    """Store and return a pair of tokens for a user, of a new family unless one is given."""
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
    """Return a token, its signature, type, issuer, audience and expiry verified.

    Raises TokenError for any other, whatever its claims: Simple JWT and PyJWT convert some without
    a look at their type or size.
    """
    if len(raw) > MAX_TOKEN_LENGTH:
        raise TokenError(BAD_REFRESH_MESSAGE)
    try:
        return kind(raw)  # type: ignore[arg-type]  # the stubs want Token, it reads str
    except (ArithmeticError, OSError, TypeError, ValueError) as error:
        raise TokenError(BAD_REFRESH_MESSAGE) from error


def integer_claim(token: jwt.Token, claim: str, *, maximum: int) -> int:
    """Return a claim that is a whole number, as JSON or as text. Raises TokenError for any other."""
    value = token.get(claim)
    if type(value) not in {int, str} or not INTEGER.fullmatch(str(value)) or int(value) > maximum:
        raise TokenError(BAD_REFRESH_MESSAGE)
    return int(value)


def decode_refresh(raw: str) -> RefreshClaims:
    """Return what a refresh token says. Refuses with BadCredentials unless we signed it as such."""
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
    """Spend a refresh token for the next pair; None when it is not good, or no longer.

    Of any number of parallel uses, one gets the pair. A spent token that turns up after the grace
    is in wrong hands, its family is revoked: so this returns, as an exception would undo that.
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
    """Make a refresh token and all that descend from the same login useless."""
    _lock(claims)
    RefreshToken.objects.filter(family=claims.family, revoked_at=None).update(
        revoked_at=DatabaseNow()
    )


def delete_expired() -> int:
    """Delete the refresh tokens that are past their time; return how many."""
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
    """Return the user, locked: a family that is being revoked must not grow meanwhile."""
    return User.objects.select_for_update(no_key=True).filter(pk=claims.user_id).first()


def _mark_spent(digest: str) -> bool:
    """Say whether it was us who spent the token: compare-and-set, so that one alone can."""
    live = RefreshToken.objects.filter(digest=digest, spent_at=None, revoked_at=None)
    return live.update(spent_at=DatabaseNow()) == 1


def _revoke_if_stolen(digest: str) -> None:
    long_ago = DatabaseNow() - REUSE_GRACE
    reused = RefreshToken.objects.filter(digest=digest, spent_at__lt=long_ago)
    family = RefreshToken.objects.filter(family__in=reused.values("family"), revoked_at=None)
    family.update(revoked_at=DatabaseNow())
