"""Make links for mails, and use them. Only the hash of a link's token is stored.

A link fits one state of its account (`rules.check_link`): nothing needs to revoke it when the account
changes. `booking` uses some links, too, for what they do to bookings.
"""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from marquee.accounts import rules
from marquee.accounts.models import AccountLink, User
from marquee.accounts.states import LinkFault, LinkPurpose
from marquee.core.clock import DatabaseNow, database_now

TOKEN_BYTES = 32
LIFETIMES = {
    LinkPurpose.VERIFY: timedelta(days=3),
    LinkPurpose.RESET: timedelta(hours=1),
    LinkPurpose.CHANGE_EMAIL: timedelta(days=1),
    LinkPurpose.CLOSE: timedelta(days=1),
}
# How long we can still say of a link that it expired or was used.
KEPT_AFTER_EXPIRY = timedelta(days=30)


def make_link(*, user: User, purpose: LinkPurpose, email: str) -> str:
    """Store a new link and return its token, which is in no other place than the mail to `email`.

    `email` is the account's own address, or for CHANGE_EMAIL its pending one: never what somebody
    typed. Call it when the mail is sent, and commit before the mail leaves. Earlier links stay: a mail
    whose delivery is in doubt is sent again, with a link of its own.
    """
    token, now = token_urlsafe(TOKEN_BYTES), database_now()
    AccountLink.objects.create(
        digest=digest_of(token),
        user=user,
        purpose=purpose,
        email=email,
        token_epoch=user.token_epoch,
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    return token


def read_link(*, token: str, purpose: LinkPurpose) -> User:
    """Return the account of a link that can be used now, and change nothing.

    Refuses with BadLink, whose `reason` is a `LinkFault`.
    """
    link = _find(token, purpose)
    user: User = link.user
    _check(link, user)
    return user


def spend_link(*, token: str, purpose: LinkPurpose) -> User:
    """Use a link up, and return its account, locked. Call it in the transaction of what the link does.

    Of several uses at once one wins. Refuses with BadLink, which must roll the transaction back.
    """
    link = _find(token, purpose)
    user = User.objects.select_for_update(no_key=True).filter(pk=link.user_id).first()
    if user is None:
        raise rules.bad_link(LinkFault.UNKNOWN, purpose)
    if not _mark_spent(link):
        link = _find(token, purpose)
        _check(link, user)
        raise rules.bad_link(LinkFault.USED, purpose)
    _check(link, user)
    return user


def digest_of(token: str) -> str:
    """Return the hash that a link is stored by."""
    return sha256(token.encode(errors="replace")).hexdigest()


def delete_expired_links() -> int:
    """Delete links that expired long ago; return how many."""
    long_ago = DatabaseNow() - KEPT_AFTER_EXPIRY
    expired = AccountLink.objects.filter(expires_at__lt=long_ago)
    return expired.delete()[0]


def _find(token: str, purpose: LinkPurpose) -> Any:
    """Return the link with its account and the time of the database. Refuses with BadLink."""
    links = AccountLink.objects.select_related("user").annotate(now=DatabaseNow())
    link = links.filter(digest=digest_of(token), purpose=purpose).first()
    if link is None:
        raise rules.bad_link(LinkFault.UNKNOWN, purpose)
    return link


def _mark_spent(link: AccountLink) -> bool:
    """Mark a link as used; return whether we did. A compare-and-set: only one use succeeds."""
    unused = AccountLink.objects.filter(pk=link.pk, spent_at=None, expires_at__gt=DatabaseNow())
    return unused.update(spent_at=DatabaseNow()) == 1


def _check(link: Any, user: User) -> None:
    facts = rules.LinkFacts(
        purpose=LinkPurpose(link.purpose),
        email=link.email,
        token_epoch=link.token_epoch,
        expires_at=link.expires_at,
        is_spent=link.spent_at is not None,
        now=link.now,
    )
    owner = rules.LinkOwner(
        is_active=user.is_active,
        has_login=not user.is_guest and user.has_usable_password(),
        address=user.address,
        pending_email=user.pending_email,
        is_verified=user.is_email_verified,
        token_epoch=user.token_epoch,
    )
    rules.check_link(facts, owner)
