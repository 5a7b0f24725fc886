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
GRACE = timedelta(seconds=10)
NOT_GOOD = "The refresh token is not good, or no longer: log in again."
# Ours have a few hundred characters.
LONGEST = 2000
# What the columns hold: larger numbers are errors of the database.
LARGEST_USER_ID, LARGEST_EPOCH = 2**63 - 1, 2**31 - 1
LATEST = 2**35  # a time in seconds since 1970, well below the year 9999
NUMBER = re.compile("0|[1-9][0-9]{0,18}")

Kind = TypeVar("Kind", bound=jwt.Token)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client gets: a token to show with each request, and one to get the next pair with."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What a refresh token says, once its signature, type, issuer, audience and expiry hold."""

    user_id: int
    epoch: int
    family: UUID
    digest: str


def issue(user: User, *, family: UUID | None = None) -> TokenPair:
    """Store and return a pair of tokens for a user, of a new family unless one is given."""
    refresh = _signed(jwt.RefreshToken, user)
    family = family or uuid4()
    refresh["family"] = family.hex
    RefreshToken.objects.create(
        digest=_digest(refresh),
        user=user,
        family=family,
        expires_at=refresh.current_time + jwt.RefreshToken.lifetime,
    )
    return TokenPair(access=str(_signed(jwt.AccessToken, user)), refresh=str(refresh))


def verified(kind: type[Kind], raw: str) -> Kind:
    """Return a token, its signature, type, issuer, audience and expiry verified.

    Raises TokenError for any other, whatever its claims: Simple JWT and PyJWT convert some without
    a look at their type or size.
    """
    if len(raw) > LONGEST:
        raise TokenError(NOT_GOOD)
    try:
        return kind(raw)  # type: ignore[arg-type]  # the stubs want Token, it reads str
    except (ArithmeticError, OSError, TypeError, ValueError) as error:
        raise TokenError(NOT_GOOD) from error


def number(token: jwt.Token, claim: str, *, most: int) -> int:
    """Return a claim that is a whole number, as JSON or as text. Raises TokenError for any other."""
    value = token.get(claim)
    if type(value) not in {int, str} or not NUMBER.fullmatch(str(value)) or int(value) > most:
        raise TokenError(NOT_GOOD)
    return int(value)


def read(raw: str) -> Claims:
    """Return what a refresh token says. Refuses with BadCredentials unless we signed it as such."""
    try:
        token = verified(jwt.RefreshToken, raw)
        return Claims(
            user_id=number(token, "user_id", most=LARGEST_USER_ID),
            epoch=number(token, "epoch", most=LARGEST_EPOCH),
            family=UUID(hex=_text(token, "family")),
            digest=_digest(token),
        )
    except (TokenError, ValueError):
        raise BadCredentials(NOT_GOOD) from None


@transaction.atomic
def rotate(claims: Claims) -> TokenPair | None:
    """Spend a refresh token for the next pair; None when it is not good, or no longer.

    Of any number of parallel uses, one gets the pair. A spent token that turns up after the grace
    is in wrong hands, its family is revoked: so this returns, as an exception would undo that.
    """
    user = _lock(claims)
    if user is None or not user.is_active or user.token_epoch != claims.epoch:
        return None
    if _spend(claims.digest):
        return issue(user, family=claims.family)
    _revoke_if_stolen(claims.digest)
    return None


@transaction.atomic
def revoke_family(claims: Claims) -> None:
    """Make a refresh token and all that descend from the same login useless."""
    _lock(claims)
    RefreshToken.objects.filter(family=claims.family, revoked_at=None).update(
        revoked_at=DatabaseNow()
    )


def tidy() -> int:
    """Delete the refresh tokens that are past their time; return how many."""
    return RefreshToken.objects.filter(expires_at__lt=DatabaseNow()).delete()[0]


def _signed(kind: type[Kind], user: User) -> Kind:
    token = kind.for_user(user)
    token["epoch"] = user.token_epoch
    return token


def _digest(token: jwt.Token) -> str:
    return sha256(_text(token, "jti").encode()).hexdigest()


def _text(token: jwt.Token, claim: str) -> str:
    value = token.get(claim)
    if type(value) is not str:
        raise TokenError(NOT_GOOD)
    return value


def _lock(claims: Claims) -> User | None:
    """Return the user, locked: a family that is being revoked must not grow meanwhile."""
    return User.objects.select_for_update(no_key=True).filter(pk=claims.user_id).first()


def _spend(digest: str) -> bool:
    """Say whether it was us who spent the token: compare-and-set, so that one alone can."""
    live = RefreshToken.objects.filter(digest=digest, spent_at=None, revoked_at=None)
    return live.update(spent_at=DatabaseNow()) == 1


def _revoke_if_stolen(digest: str) -> None:
    long_ago = DatabaseNow() - GRACE
    reused = RefreshToken.objects.filter(digest=digest, spent_at__lt=long_ago)
    family = RefreshToken.objects.filter(family__in=reused.values("family"), revoked_at=None)
    family.update(revoked_at=DatabaseNow())
