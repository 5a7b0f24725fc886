"""Confirm, change and remove passwords."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from marquee.accounts import (
    code_limits,
    hashers,
    locks,
    login_sessions,
    password_checks,
    rate_limits,
    tokens,
)
from marquee.accounts.errors import (
    AccountClosed,
    GuestAccount,
    OwnPassword,
    PasswordRequired,
    WeakPassword,
    WrongPassword,
)
from marquee.accounts.login_sessions import UNKNOWN_DEVICE, Device
from marquee.accounts.models import User
from marquee.accounts.operations.events import STAFF, record_event
from marquee.accounts.states import AccountEventKind
from marquee.accounts.tokens import TokenPair
from marquee.audit.log import record
from marquee.audit.states import Action, Subject
from marquee.core.actor import acting_operator
from marquee.core.text import opaque_string
from marquee.core.transactions import run_in_transaction, transactional


def confirm_password(*, user: User, password: str | None, networks: Sequence[str]) -> None:
    """Check the password of a logged-in user, before a change that an access token alone may not make.

    Refuses with GuestAccount, Busy, TooManyAttempts, PasswordRequired without one, or WrongPassword.
    """
    check_has_password(user)
    if password is None:
        raise PasswordRequired("This needs your password.", field="password")
    if not password_checks.check_password(user=user, password=password, networks=networks):
        raise WrongPassword("This is not your password.", field="password")


@hashers.place()
def change_password(
    *,
    user: User,
    old: str,
    new: str,
    networks: Sequence[str],
    session: UUID | None = None,
    device: Device = UNKNOWN_DEVICE,
    language: str = "",
) -> TokenPair:
    """Change the password and end all logins; return a new pair, so that the user stays logged in.

    `session` is the login that asks, by this device.

    A change of address that was asked for is dropped: who asked may be who knows the old password.

    Refuses with GuestAccount, Busy, TooManyAttempts, WrongPassword, WeakPassword, or with AccountClosed
    when the password was changed meanwhile.
    """
    password = _new_hash(user, old, new, networks)
    device = login_sessions.succeeding(device, user=user, session=session)
    with transaction.atomic():
        _replace(user, password, language)
        return tokens.issue_pair(user, device)


@hashers.place()
def change_password_in_browser(
    *, user: User, old: str, new: str, networks: Sequence[str], language: str = ""
) -> None:
    """Change the password and end all logins, for a page that keeps its own session.

    That session must have `user.token_epoch` and the new hash then. Refuses as `change_password` does.
    """
    password = _new_hash(user, old, new, networks)
    with transaction.atomic():
        _replace(user, password, language)


def _new_hash(user: User, old: str, new: str, networks: Sequence[str]) -> str:
    """Return the hash of the new password, after all checks: outside of any transaction."""
    check_has_password(user)
    if not password_checks.check_password(user=user, password=old, networks=networks):
        raise WrongPassword("This is not the password so far.", field="old_password")
    validate_new_password(new, user=user, field="new_password")
    rate_limits.check_session_limit(user_id=user.pk)
    return make_password(opaque_string(new))


def _replace(user: User, password: str, language: str) -> None:
    """Store the hash, unless the account changed meanwhile: then refuse with AccountClosed.

    Whoever guessed codes knows the password no more. The login that asks had the factor; a link from a mail
    did not, so it forgets no wrong codes.
    """
    epoch = user.token_epoch + 1
    changed = locks.unchanged(user).update(password=password, token_epoch=epoch, pending_email="")
    if not changed:
        raise AccountClosed(locks.ACCOUNT_CHANGED_MESSAGE)
    code_limits.forget(user.pk)
    user.password, user.token_epoch, user.pending_email = password, epoch, ""
    record_event(
        kind=AccountEventKind.PASSWORD_CHANGED, user=user, email=user.address, language=language
    )


@transactional
def set_password(*, user: User, password: str, staff: User | None = None) -> None:
    """Set a checked password on a page of the admin, one's own or as `staff`. Revoke all tokens.

    Refuses with OwnPassword one's own as `staff`, which takes a session and no password, or with
    AccountClosed one's own that was changed meanwhile.
    """
    _check_not_own(user, staff)
    if staff is None and not acting_operator():
        locks.lock_unchanged(user)
    user.set_password(password)
    user.save(update_fields=["password"])  # only the password: the rights in memory may be stale
    code_limits.forget(user.pk)
    record_event(
        kind=AccountEventKind.PASSWORD_CHANGED,
        user=user,
        email=user.address,
        staff=staff,
        by=STAFF if acting_operator() else "",
    )
    record(Action.PASSWORD_SET, Subject.ACCOUNT, user.pk)


def remove_password(*, user: User, staff: User | None = None) -> None:
    """Remove the password as `staff`, and revoke all tokens. Refuses with LastSuperuser or OwnPassword."""
    _check_not_own(user, staff)

    def work() -> None:
        locks.check_superuser_remains(locks.lock(user))
        user.set_unusable_password()
        user.save(update_fields=["password"])
        record_event(
            kind=AccountEventKind.PASSWORD_CHANGED,
            user=user,
            email=user.address,
            staff=staff,
            reason="Removed: nobody can log in.",
        )
        record(Action.PASSWORD_REMOVED, Subject.ACCOUNT, user.pk)

    run_in_transaction(work)


def _check_not_own(user: User, staff: User | None) -> None:
    if staff == user:
        raise OwnPassword("Change your own password by the one so far.")


def check_has_password(user: User) -> None:
    """Refuse with GuestAccount a guest."""
    if user.is_guest:
        raise GuestAccount(
            "A guest has no password. Sign up with the same address to have an account."
        )


def validate_new_password(password: str, *, user: User, field: str) -> None:
    """Refuse a new password of this user with WeakPassword, which names the field."""
    try:
        validate_password(opaque_string(password), user)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages), field=field) from None
