"""Change one's own name, e-mail address and language."""

from collections.abc import Callable, Sequence
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction

from marquee.accounts import locks, rate_limits
from marquee.accounts.errors import AccountClosed, EmailTaken
from marquee.accounts.models import AddressKey, User
from marquee.accounts.operations.passwords import confirm_password
from marquee.core import collation
from marquee.core.email_addresses import mailbox_key, normalise_email
from marquee.core.text import search_text, tidy

ADDRESS_OF_ANOTHER = "Another account has this address already. Choose another address."


class Profile(TypedDict, total=False):
    """The fields that users may change themselves."""

    email: str
    name: str
    language: str


def change_profile(
    *,
    user: User,
    networks: Sequence[str],
    password: str | None = None,
    check: Callable[[User], None] | None = None,
    **changes: Unpack[Profile],
) -> User:
    """Change the given fields of name, e-mail address and language; return the changed user.

    Another e-mail address needs the password: who has that address can have the account. `check` may
    refuse the account as it is now, when no other change of it can come in between.

    Refuses with TooManyAttempts, PasswordRequired or WrongPassword, with EmailTaken, or with
    AccountClosed when the account was deleted meanwhile.
    """
    if "email" in changes:
        changes["email"] = normalise_email(changes["email"])
    if "name" in changes:
        changes["name"] = tidy(changes["name"])
    if changes:
        rate_limits.check_profile_limit(user_id=user.pk)
    if changes.get("email", user.address) != user.address or password is not None:
        confirm_password(user=user, password=password, networks=networks)
    _check_email_limit(user, networks, changes)
    try:
        with transaction.atomic():
            if check is not None:
                check(locks.lock(user))
            found = not changes or locks.unchanged(user).update(**_columns(user, changes))
            if found and "email" in changes:
                AddressKey.add(User(pk=user.pk, email=changes["email"]))
    except IntegrityError:
        raise EmailTaken(ADDRESS_OF_ANOTHER, field="email") from None
    if not found:
        raise AccountClosed(locks.ACCOUNT_CHANGED_MESSAGE)
    for field, value in changes.items():
        setattr(user, field, value)
    return user


def _columns(user: User, changes: Profile) -> dict[str, Any]:
    """Return the changed columns, with those that are computed from them."""
    name, email = changes.get("name", user.name), changes.get("email", user.address)
    columns: dict[str, Any] = {**changes, "search_text": search_text(name, email)}
    if "name" in changes:
        columns["sort_name"] = collation.sort_key(name)
    if email != user.address:
        columns["email_key"] = mailbox_key(email)
    return columns


def _check_email_limit(user: User, networks: Sequence[str], changes: Profile) -> None:
    """Refuse with TooManyAttempts.

    The user's own e-mail address is not counted: it reveals no other account.
    """
    if changes.get("email", user.address) != user.address:
        rate_limits.check_email_change_limit(user_id=user.pk, networks=networks)
