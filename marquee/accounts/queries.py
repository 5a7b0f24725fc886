"""Read accounts: whether a token is current, and who is a superuser."""

from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import QuerySet

from marquee.accounts.models import CLOSED_DOMAIN, User
from marquee.accounts.rules import NEEDED_BY_SUPERUSER
from marquee.core.email_addresses import mailbox_key
from marquee.core.sql import fetch_all

CURRENT_SQL = "SELECT 1 FROM account WHERE id = %(user)s AND is_active AND token_epoch = %(epoch)s"


def is_token_current(*, user_id: int, token_epoch: int) -> bool:
    """Return whether the account is active and tokens of this epoch are not revoked.

    Nearly every request asks. Django's ORM takes four times as long, so this is SQL of our own.
    """
    return bool(fetch_all(CURRENT_SQL, {"user": user_id, "epoch": token_epoch}))


# The accounts of a customer: the account, and all accounts that share an address key with it.
SAME_CUSTOMER_SQL = """
    SELECT CAST(%(user)s AS bigint) UNION ALL
    SELECT other.user_id FROM address_key AS own JOIN address_key AS other ON other.key = own.key
    WHERE own.user_id = %(user)s
"""


def find_provisional_guest(visitor: UUID) -> User | None:
    """Return the guest of a visitor who has not said yet who it is; None without one."""
    return User.objects.filter(visitor=visitor, contact_email="", is_active=True).first()


GUESTS_SQL = "SELECT id FROM account WHERE visitor = %(visitor)s AND is_active ORDER BY id"


def guests_of_visitor(visitor: UUID) -> list[int]:
    """Return the ids of the guests of a visitor, named or not, in ascending order."""
    return [pk for (pk,) in fetch_all(GUESTS_SQL, {"visitor": visitor.hex})]


def duplicate_accounts() -> list[tuple[User, User | None]]:
    """Return the accounts without a mailbox of their own, each with the account that has it, if any."""
    users = User.objects.filter(email_key=None, email__isnull=False).order_by("pk")
    rest = list(users.exclude(email__endswith=f"@{CLOSED_DOMAIN}"))
    keys = {user.pk: mailbox_key(user.address) for user in rest}
    keepers = {user.email_key: user for user in User.objects.filter(email_key__in=keys.values())}
    return [(user, keepers.get(keys[user.pk])) for user in rest]


def account_to_reset(email: str) -> User | None:
    """Return the account whose password the owner of an address may set by a link; None if none.

    Send the link to the account's own `address`, not to `email`: two spellings of one mailbox may be
    two mailboxes at a provider that differs from us.
    """
    user = User.objects.find_by_email(email)
    return user if user and user.is_active and user.has_usable_password() else None


def superusers() -> QuerySet[User]:
    """Return the active superusers who can log in by a password."""
    rights: dict[str, Any] = dict.fromkeys(NEEDED_BY_SUPERUSER, True)
    return User.objects.filter(**rights).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
