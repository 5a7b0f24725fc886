"""Erase the personal data of an account."""

from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db.models import F, QuerySet

from marquee.accounts import locks
from marquee.accounts.models import CLOSED_DOMAIN, RefreshToken, User
from marquee.core.text import search_text
from marquee.core.transactions import run_in_transaction


def delete_account(*, user: User) -> None:
    """Erase name, e-mail address and password. The e-mail address may sign up again.

    Bookings stay as they are: `booking.operations.close_account` cancels them first. Refuses with
    LastSuperuser.
    """

    def work() -> None:
        accounts = User.objects.filter(pk=user.pk)
        # Customers take no lock: the UPDATE itself checks that the row is no superuser's.
        if not _erase(accounts.exclude(is_active=True, is_superuser=True)):
            locks.check_superuser_remains(locks.lock(user))
            _erase(accounts)
        RefreshToken.objects.filter(user=user).delete()

    run_in_transaction(work)


def _erase(accounts: QuerySet[User]) -> int:
    email = f"{uuid4().hex}@{CLOSED_DOMAIN}"
    return accounts.update(
        email=email,
        email_key=None,
        name="",
        sort_name="",
        search_text=search_text("", email),
        password=make_password(None),
        last_login=None,
        is_active=False,
        is_staff=False,
        is_superuser=False,
        token_epoch=F("token_epoch") + 1,
    )
