"""Change one's own name and language, and ask for another e-mail address."""

from collections.abc import Callable, Sequence
from typing import Any, TypedDict, Unpack

from django.db import transaction

from marquee.accounts import locks, rate_limits, rules
from marquee.accounts.errors import AccountClosed
from marquee.accounts.models import User
from marquee.accounts.operations.events import record_event
from marquee.accounts.operations.passwords import confirm_password
from marquee.accounts.states import AccountEventKind
from marquee.core import collation
from marquee.core.email_addresses import mailbox_key, normalise_email
from marquee.core.text import search_text


class Profile(TypedDict, total=False):
    """The fields that users may change themselves. `email` is only asked for."""

    email: str
    name: str
    language: str


def change_profile(
    *,
    user: User,
    networks: Sequence[str],
    password: str | None = None,
    check: Callable[[User], None] | None = None,
    request_language: str = "",
    **changes: Unpack[Profile],
) -> User:
    """Change name and language, ask for another e-mail address, or both; return the changed user.

    Another address needs the password, and is `pending_email` until a link that is mailed there proves
    it: `confirm_email_change`. Nothing says whether another account has it. The address so far drops a
    pending one. `check` may refuse the account as it is now, when no other change of it can come in
    between.

    Refuses with TooManyAttempts, GuestAccount, PasswordRequired or WrongPassword, or with
    AccountClosed when the account was deleted or its password changed meanwhile.
    """
    columns = _columns(user, changes)
    if columns:
        rate_limits.check_profile_limit(user_id=user.pk)
    wanted = columns.get("pending_email", "")
    if wanted or password is not None:
        confirm_password(user=user, password=password, networks=networks)
    if wanted:
        rate_limits.check_email_change_limit(
            user_id=user.pk, address=mailbox_key(wanted), networks=networks
        )
    with transaction.atomic():
        if check is not None:
            check(locks.lock(user))
        if columns and not locks.unchanged(user).update(**columns):
            raise AccountClosed(locks.ACCOUNT_CHANGED_MESSAGE)
        if wanted:
            record_event(
                kind=AccountEventKind.CHANGE_ASKED,
                user=user,
                email=wanted,
                language=request_language,
            )
    for field, value in columns.items():
        setattr(user, field, value)
    return user


def _columns(user: User, changes: Profile) -> dict[str, Any]:
    """Return the changed columns, with those that are computed from them."""
    columns: dict[str, Any] = {}
    if "name" in changes:
        name = rules.stored_name(changes["name"])
        columns |= {
            "name": name,
            "sort_name": collation.sort_key(name),
            "search_text": search_text(name, user.address),
        }
    if "email" in changes:
        email = normalise_email(changes["email"])
        columns["pending_email"] = "" if email == user.address else email
    if "language" in changes:
        columns["language"] = changes["language"]
    return columns
