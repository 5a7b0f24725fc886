"""Lock accounts, and keep one superuser."""

from django.db import connection
from django.db.models import QuerySet

from marquee.accounts import queries, rules
from marquee.accounts.errors import AccountClosed
from marquee.accounts.models import User
from marquee.core.sql import fetch_all, is_postgresql

ACCOUNT_CHANGED_MESSAGE = (
    "The account is no longer there, or its password has changed: log in again."
)
# An advisory lock with two keys: shows have locks with one (catalog/locks.py).
SUPERUSERS_LOCK = (1, 1)


def lock(user: User) -> User:
    """Lock the account until the transaction ends, and return it as it is now."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def keep_cinema(cinema_id: int) -> bool:
    """Keep a cinema from being deleted until the transaction ends; return whether it is there."""
    clause = "FOR KEY SHARE" if is_postgresql() else ""
    sql = f"SELECT 1 FROM cinema WHERE id = %(cinema)s {clause}"  # noqa: S608 (our own)
    return bool(fetch_all(sql, {"cinema": cinema_id}))


def lock_superusers() -> None:
    """Serialise transactions that end a superuser's rights. Take this lock after all others.

    Without it, two superusers who demote each other at once would each see the other remain. On
    SQLite a writing transaction is alone anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", SUPERUSERS_LOCK)


def check_superuser_remains(user: User) -> None:
    """Refuse with LastSuperuser if this locked account is the only superuser's."""
    lock_superusers()
    rules.check_superuser_remains(
        is_superuser=User.objects.filter(pk=user.pk, is_active=True, is_superuser=True).exists(),
        others=queries.superusers().exclude(pk=user.pk).count(),
    )


def unchanged(user: User) -> QuerySet[User]:
    """Return the account if it was not deleted, and its tokens not revoked, since it was read."""
    return User.objects.filter(pk=user.pk, is_active=True, token_epoch=user.token_epoch)


def lock_unchanged(user: User) -> None:
    """Lock the account. Refuse with AccountClosed a login that has ended since the request began."""
    lock(user)
    if not unchanged(user).exists():
        raise AccountClosed(ACCOUNT_CHANGED_MESSAGE)
