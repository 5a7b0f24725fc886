"""Accounts, logins and forged tokens for tests."""

from datetime import timedelta
from typing import Any

import jwt
from django.conf import settings
from django.utils import timezone

from marquee.accounts import operations
from marquee.accounts.models import AccountEvent, AccountLink, RefreshToken, User
from marquee.accounts.states import LinkPurpose
from marquee.accounts.tokens import TokenPair

EMAIL = "alice@example.com"
PASSWORD = "correct horse battery"
NEW_PASSWORD = "staple wagon meadow"
CLIENT = "192.0.2.1"


def make_user(email: str = EMAIL, password: str = PASSWORD, **fields: Any) -> User:
    """Return a new account."""
    return User.objects.create_user(email, password, **{"name": "Alice Liddell"} | fields)


def log_in(email: str = EMAIL, password: str = PASSWORD) -> TokenPair:
    """Log in from a client of the tests."""
    return operations.log_in(email=email, password=password, networks=[CLIENT])


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a token, unverified."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def forge(token: str, *, key: str = "", algorithm: str = "HS256", **changes: Any) -> str:
    """Return a token with other claims, by default with our own signature.

    A claim of None is left out.
    """
    claims = claims_of(token) | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    if algorithm == "none":
        return jwt.encode(claims, "", algorithm="none")
    return jwt.encode(claims, key or settings.JWT_SIGNING_KEY, algorithm=algorithm)


def live_tokens() -> int:
    """Return the number of refresh tokens that are neither used nor revoked."""
    return RefreshToken.objects.filter(spent_at=None, revoked_at=None).count()


def make_token(user: User, purpose: LinkPurpose, email: str = "") -> str:
    """Return the token of a link that was mailed to the user's address, or to the pending one."""
    user.refresh_from_db()
    is_change = purpose == LinkPurpose.CHANGE_EMAIL
    address = email or (user.pending_email if is_change else user.address)
    return operations.make_link(user=user, purpose=purpose, email=address)


def expire_links() -> None:
    """Let a day pass for all links."""
    AccountLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def ask_for_address(user: User, email: str) -> User:
    """Ask for another address, as its owner can."""
    return operations.change_profile(user=user, networks=[CLIENT], email=email, password=PASSWORD)


def history(user: User | None = None) -> list[tuple[str, str]]:
    """Return the kind and the address of each event of a user, or of nobody."""
    events = AccountEvent.objects.filter(user=user).order_by("pk")
    return [(event.kind, event.email) for event in events]
