"""Erase the personal data of an account."""

from collections.abc import Sequence
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db.models import F, QuerySet

from marquee.accounts import locks, rate_limits, second_factors
from marquee.accounts.models import CLOSED_DOMAIN, StaffRole, User
from marquee.accounts.operations import traces
from marquee.accounts.operations.events import record_event
from marquee.accounts.operations.factors import erase_factors
from marquee.accounts.states import AccountEventKind
from marquee.audit.log import record
from marquee.audit.states import Action, Subject
from marquee.core.email_addresses import mailbox_key
from marquee.core.text import search_text
from marquee.core.transactions import run_in_transaction


def delete_account(*, user: User, staff: User | None = None) -> None:
    """Erase all personal data of an account or a guest. The e-mail address may sign up again.

    Bookings stay as they are: `booking.operations.close_account` cancels them first. Without `staff` the
    owner closes it. Closing twice changes nothing. Refuses with LastSuperuser.
    """

    def work() -> None:
        accounts = User.objects.filter(pk=user.pk)
        if (account := accounts.get()).is_closed:
            return
        if user.is_guest:
            traces.erase_guests([user.pk])
        # Customers take no lock: the UPDATE itself checks that the row is no superuser's.
        elif not _erase(accounts.exclude(is_active=True, is_superuser=True)):
            locks.check_superuser_remains(locks.lock(user))
            _erase(accounts)
        StaffRole.objects.filter(user=user).delete()
        if account.is_staff or second_factors.has_factor(user.pk):
            erase_factors(user)
        traces.erase_traces([user.pk])
        traces.erase_browser_sessions(account)
        traces.erase_reset_requests(account.address)
        record_event(kind=AccountEventKind.CLOSED, user=user, staff=staff)
        record(Action.CLOSED, Subject.ACCOUNT, user.pk)

    run_in_transaction(work)


def ask_to_close(*, user: User, networks: Sequence[str], language: str = "") -> None:
    """Ask for a mail with a link that deletes a guest's data. Refuses with TooManyAttempts."""
    rate_limits.check_closing_limit(
        user_id=user.pk, address=mailbox_key(user.address), networks=networks
    )
    record_event(
        kind=AccountEventKind.CLOSING_ASKED, user=user, email=user.address, language=language
    )


def add_keeper(*, user: User) -> User:
    """Create the guest that keeps the bookings of an account that is being closed; return it.

    It has the account's name and address, for mails about the shows, until the worker erases it the day
    after the last of them. Nobody can log in as this guest.
    """
    keeper = User(
        email=None,
        contact_email=user.address,
        email_verified_at=user.email_verified_at,
        was_account=True,
        name=user.name,
        language=user.language,
    )
    keeper.set_unusable_password()
    keeper.save()
    return keeper


def _erase(accounts: QuerySet[User]) -> int:
    email = f"{uuid4().hex}@{CLOSED_DOMAIN}"
    return accounts.update(
        email=email,
        email_key=None,
        email_verified_at=None,
        pending_email="",
        language="",
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
