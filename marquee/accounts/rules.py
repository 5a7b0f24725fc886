"""Decide who may change which account, so that one superuser always remains: pure functions."""

from collections.abc import Collection
from typing import NamedTuple

from marquee.accounts.errors import BeyondYourRights, LastSuperuser

# The fields that give rights. Only superusers may change them.
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
# The fields that must be true for a superuser who can use the admin.
NEEDED_BY_SUPERUSER = ("is_active", "is_staff", "is_superuser")


class Rights(NamedTuple):
    """The rights of an active account. `permissions` are ids: its own and its groups' permissions."""

    is_superuser: bool
    is_staff: bool
    permissions: frozenset[int]

    def cover(self, others: "Rights") -> bool:
        """Return whether these rights include all rights of another account."""
        if self.is_superuser:
            return True
        return (
            not others.is_superuser
            and self.is_staff >= others.is_staff
            and self.permissions >= others.permissions
        )


def check_may_change(*, actor: Rights, account: Rights, fields: Collection[str]) -> None:
    """Refuse with BeyondYourRights to change an account with more rights, or any account's rights."""
    if not actor.cover(account):
        raise BeyondYourRights("This account may do things that you may not: ask a superuser.")
    if not actor.is_superuser and not set(RIGHTS).isdisjoint(fields):
        raise BeyondYourRights("Only a superuser changes what an account may do.")


def check_superuser_remains(*, is_superuser: bool, others: int) -> None:
    """Refuse with LastSuperuser to end the only superuser's rights."""
    if is_superuser and not others:
        raise LastSuperuser("This is the only superuser. Make somebody else one first.")
