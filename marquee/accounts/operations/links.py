"""Make links for mails, and use them. Only the hash of a link's token is stored."""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

from marquee.accounts.models import AccountLink, User
from marquee.accounts.states import LinkPurpose
from marquee.core.clock import database_now

TOKEN_BYTES = 32
LIFETIMES = {
    LinkPurpose.VERIFY: timedelta(days=3),
    LinkPurpose.RESET: timedelta(hours=1),
    LinkPurpose.CHANGE_EMAIL: timedelta(days=1),
    LinkPurpose.CLOSE: timedelta(days=1),
}


def make_link(*, user: User, purpose: LinkPurpose, email: str) -> str:
    """Store a new link and return its token, which is in no other place than the mail to `email`.

    Call it when the mail is sent, and commit before the mail leaves. Earlier links stay: a mail whose
    delivery is in doubt is sent again, with a link of its own.
    """
    token, now = token_urlsafe(TOKEN_BYTES), database_now()
    AccountLink.objects.create(
        digest=digest_of(token),
        user=user,
        purpose=purpose,
        email=email,
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    return token


def digest_of(token: str) -> str:
    """Return the hash that a link is stored by."""
    return sha256(token.encode()).hexdigest()
