"""Decide whether a superuser remains, which links and passwords are good: pure functions."""

from datetime import UTC, datetime
from typing import NamedTuple

from marquee.accounts.errors import BadLink, LastSuperuser
from marquee.accounts.states import LinkFault, LinkPurpose
from marquee.core.errors import BadInput
from marquee.core.text import tidy

# The fields that must be true for a superuser who can use the admin.
NEEDED_BY_SUPERUSER = ("is_active", "is_staff", "is_superuser")

# Long enough for any sentence. Hashing longer ones would cost CPU and gain nothing.
MAX_PASSWORD_LENGTH = 1000
PASSWORD_TOO_LONG = f"A password has at most {MAX_PASSWORD_LENGTH:,} characters."

NAME_LENGTH = 150
# A recovery code has 19 characters with its hyphens.
MAX_CODE_LENGTH = 40


def stored_name(name: str) -> str:
    """Return a person's name as it is stored: composed (NFC), without blanks around it.

    Some letters are several in that form. Refuses with BadInput a name that is too long then.
    """
    stored = tidy(name)
    if len(stored) > NAME_LENGTH:
        raise BadInput(f"A name has at most {NAME_LENGTH} characters.", field="name")
    return stored


def is_password_too_long(password: str) -> bool:
    """Return whether a password, as it was typed, is longer than any account's: it is not hashed."""
    return len(password) > MAX_PASSWORD_LENGTH


def check_superuser_remains(*, is_superuser: bool, others: int) -> None:
    """Refuse with LastSuperuser to end the only superuser's rights."""
    if is_superuser and not others:
        raise LastSuperuser("This is the only superuser. Make somebody else one first.")


# What to do about a link that cannot be used.
LINK_ADVICE = {
    LinkPurpose.VERIFY: "If your address is not verified yet, log in and ask for another link.",
    LinkPurpose.RESET: "Ask for a new link to set your password.",
    LinkPurpose.CHANGE_EMAIL: "If you still want another address, log in and ask for it again.",
    LinkPurpose.CLOSE: "If your data is still there, ask for another link to delete it.",
}


class LinkFacts(NamedTuple):
    """A link as it is stored, and the time of the database."""

    purpose: LinkPurpose
    email: str
    token_epoch: int
    expires_at: datetime
    is_spent: bool
    now: datetime


class LinkOwner(NamedTuple):
    """What a link depends on of its account."""

    is_active: bool
    has_login: bool
    address: str
    pending_email: str
    is_verified: bool
    token_epoch: int


def check_link(link: LinkFacts, owner: LinkOwner) -> None:
    """Refuse with BadLink a link that was used, has expired, or does not fit its account any more."""
    if link.is_spent:
        raise bad_link(LinkFault.USED, link.purpose)
    if link.expires_at <= link.now:
        expired_at = f"{link.expires_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        raise bad_link(LinkFault.EXPIRED, link.purpose, expired_at=expired_at)
    if not (owner.is_active and _fits(link, owner)):
        raise bad_link(LinkFault.OUTDATED, link.purpose)


def _fits(link: LinkFacts, owner: LinkOwner) -> bool:
    """Return whether the account is still as it was when the link was made, as far as that matters."""
    if link.purpose == LinkPurpose.CHANGE_EMAIL:
        return link.email == owner.pending_email
    if link.email != owner.address:
        return False
    if link.purpose == LinkPurpose.RESET:
        return owner.has_login and link.token_epoch == owner.token_epoch
    return link.purpose != LinkPurpose.VERIFY or not owner.is_verified


def bad_link(fault: LinkFault, purpose: LinkPurpose, *, expired_at: str = "") -> BadLink:
    """Return the refusal of a link, which says what is wrong and what to do."""
    detail = {
        LinkFault.UNKNOWN: "This link is not whole, or not one of ours: open it from the mail again.",
        LinkFault.USED: "This link was used already, and works once.",
        LinkFault.EXPIRED: f"This link expired at {expired_at}.",
        LinkFault.OUTDATED: "The account has changed since this link was sent, so it does nothing.",
        LinkFault.TAKEN: "Another account has this address by now. Choose another address.",
    }[fault]
    advice = "" if fault == LinkFault.TAKEN else f" {LINK_ADVICE[purpose]}"
    return BadLink(detail + advice, field="token", reason=fault.value)
