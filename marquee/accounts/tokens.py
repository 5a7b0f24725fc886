"""Issue and rotate tokens. Simple JWT signs and verifies; our table decides which are valid.

Each token carries the `token_epoch` of its user. Raising the epoch revokes all tokens at once.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Exists
from django.utils.crypto import salted_hmac
from rest_framework_simplejwt import tokens as jwt
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.utils import aware_utcnow, datetime_to_epoch

from marquee.accounts import login_sessions
from marquee.accounts.errors import BadCredentials
from marquee.accounts.login_sessions import UNKNOWN_DEVICE, Device
from marquee.accounts.models import RefreshToken, User
from marquee.core.clock import DatabaseNow

# Two tabs may refresh at once, and an API client may repeat a request whose response was lost. Both use
# a token twice within seconds: that is no theft, and gets the same pair again.
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
    jti: str
    digest: str

    @property
    def successor(self) -> str:
        """The id of the next token, which nobody without the key can derive."""
        return _derived_id("refresh", self.jti)


class TokenExpired(TokenError):
    """The token was ours, and good until `expired_at`."""

    def __init__(self, expired_at: datetime) -> None:
        super().__init__(f"The token expired at {format_utc(expired_at)}.")
        self.expired_at = expired_at


@transaction.atomic(savepoint=False)
def issue_pair(user: User, device: Device = UNKNOWN_DEVICE) -> TokenPair:
    """Issue a pair of tokens for a user, in a new family, which is a login of this device."""
    return _issue(user, family=uuid4(), jti=uuid4().hex, device=device)


def _issue(user: User, *, family: UUID, jti: str, device: Device) -> TokenPair:
    """Store a refresh token with this id, and return it with its access token."""
    now = aware_utcnow()
    row = RefreshToken.objects.create(
        digest=_digest(jti),
        user=user,
        family=family,
        issued_at=now,
        expires_at=now + jwt.RefreshToken.lifetime,
    )
    login_sessions.note(session=family, user=user, device=device, expires_at=row.expires_at)
    return _pair(user, row, jti=jti)


def _pair(user: User, row: RefreshToken, *, jti: str) -> TokenPair:
    """Return the pair of a stored refresh token: the same each time."""
    refresh = _token(jwt.RefreshToken, user, jti, row.issued_at, row.expires_at)
    refresh["family"] = row.family.hex
    access_until = row.issued_at + jwt.AccessToken.lifetime
    access = _token(jwt.AccessToken, user, _derived_id("access", jti), row.issued_at, access_until)
    access["family"] = row.family.hex
    return TokenPair(access=str(access), refresh=str(refresh))


def verify(kind: type[Kind], raw: str) -> Kind:
    """Return a token after verifying its signature, type, issuer, audience and expiry.

    Raises TokenExpired for one of ours that has expired, and TokenError otherwise, whatever the claims:
    Simple JWT and PyJWT convert some of them without checking their type or size.
    """
    if len(raw) > MAX_TOKEN_LENGTH:
        raise TokenError(BAD_REFRESH_MESSAGE)
    try:
        return kind(raw)  # type: ignore[arg-type]  # the stubs want Token, it reads str
    except ExpiredTokenError as error:
        raise _expired(kind, raw) from error
    except (ArithmeticError, OSError, TypeError, ValueError) as error:
        raise TokenError(BAD_REFRESH_MESSAGE) from error


def _expired(kind: type[jwt.Token], raw: str) -> TokenError:
    """Return when a token expired, if it is of this kind and for us. Its signature has been verified.

    PyJWT looks at the expiry before it looks at the issuer and the audience.
    """
    token = kind(raw, verify=False)  # type: ignore[arg-type]  # the stubs want Token, it reads str
    expected = {
        "token_type": kind.token_type,
        "iss": settings.SIMPLE_JWT["ISSUER"],
        "aud": settings.SIMPLE_JWT["AUDIENCE"],
    }
    if any(token.get(name) != value for name, value in expected.items()):
        return TokenError(BAD_REFRESH_MESSAGE)
    expired_at = integer_claim(token, "exp", maximum=MAX_TIMESTAMP)
    return TokenExpired(datetime.fromtimestamp(expired_at, UTC))


def format_utc(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def integer_claim(token: jwt.Token, claim: str, *, maximum: int) -> int:
    """Return a claim that is a whole number, as JSON or as text. Raises TokenError otherwise."""
    value = token.get(claim)
    if type(value) not in {int, str} or not INTEGER.fullmatch(str(value)) or int(value) > maximum:
        raise TokenError(BAD_REFRESH_MESSAGE)
    return int(value)


def session_claim(token: jwt.Token) -> UUID | None:
    """Return the login that a token is of, if it says so."""
    try:
        return UUID(hex=_string_claim(token, "family"))
    except (TokenError, ValueError):
        return None


def decode_refresh(raw: str) -> RefreshClaims:
    """Return the claims of a refresh token. Refuses with BadCredentials unless we issued it."""
    try:
        token = verify(jwt.RefreshToken, raw)
        jti = _string_claim(token, "jti")
        return RefreshClaims(
            user_id=integer_claim(token, "user_id", maximum=MAX_USER_ID),
            epoch=integer_claim(token, "epoch", maximum=MAX_EPOCH),
            family=UUID(hex=_string_claim(token, "family")),
            jti=jti,
            digest=_digest(jti),
        )
    except TokenExpired as error:
        raise BadCredentials(
            f"The refresh token expired at {format_utc(error.expired_at)}: log in again.",
            expired_at=format_utc(error.expired_at),
        ) from None
    except (TokenError, ValueError):
        raise BadCredentials(BAD_REFRESH_MESSAGE) from None


@transaction.atomic
def rotate(claims: RefreshClaims, device: Device = UNKNOWN_DEVICE) -> TokenPair | None:
    """Exchange a refresh token for the next pair. Return None if the token is not valid.

    Of any number of concurrent uses, one issues the pair. The others get the same pair, as does a use
    within REUSE_GRACE whose response was lost, until that pair's refresh token is used itself. A token
    used again after REUSE_GRACE was stolen, so its family is revoked. We return None then, as an
    exception would roll that back.
    """
    user = _lock(claims)
    if user is None or not user.is_active or user.token_epoch != claims.epoch:
        return None
    if _mark_spent(claims.digest):
        return _issue(user, family=claims.family, jti=claims.successor, device=device)
    if (row := _unused_successor(claims)) is not None:
        return _pair(user, row, jti=claims.successor)
    _revoke_if_stolen(claims)
    return None


@transaction.atomic
def revoke_family(claims: RefreshClaims) -> None:
    """Revoke a refresh token and all others of the same login."""
    _lock(claims)
    RefreshToken.objects.filter(family=claims.family, revoked_at=None).update(
        revoked_at=DatabaseNow()
    )
    login_sessions.remove(claims.family)


def delete_expired() -> int:
    """Delete expired refresh tokens; return how many."""
    return RefreshToken.objects.filter(expires_at__lt=DatabaseNow()).delete()[0]


def _token(
    kind: type[Kind], user: User, jti: str, issued_at: datetime, expires_at: datetime
) -> Kind:
    token = kind.for_user(user)
    token["jti"], token["epoch"] = jti, user.token_epoch
    token["iat"], token["exp"] = datetime_to_epoch(issued_at), datetime_to_epoch(expires_at)
    return token


def _digest(jti: str) -> str:
    return sha256(jti.encode()).hexdigest()


def _derived_id(kind: str, jti: str) -> str:
    """Return the id that follows from another token's: the same each time."""
    mac = salted_hmac(f"marquee.{kind}", jti, secret=settings.JWT_SIGNING_KEY, algorithm="sha256")
    return mac.hexdigest()[:32]


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


def _unused_successor(claims: RefreshClaims) -> RefreshToken | None:
    """Return the next token, if this one was used within the grace, and the next one not yet."""
    used = RefreshToken.objects.filter(
        digest=claims.digest, spent_at__gte=DatabaseNow() - REUSE_GRACE, revoked_at=None
    )
    successor = RefreshToken.objects.filter(
        Exists(used), digest=_digest(claims.successor), spent_at=None, revoked_at=None
    )
    return successor.first()


def _revoke_if_stolen(claims: RefreshClaims) -> None:
    long_ago = DatabaseNow() - REUSE_GRACE
    reused = RefreshToken.objects.filter(digest=claims.digest, spent_at__lt=long_ago)
    family = RefreshToken.objects.filter(family__in=reused.values("family"), revoked_at=None)
    if family.update(revoked_at=DatabaseNow()):
        login_sessions.remove(claims.family)
