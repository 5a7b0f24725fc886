"""Operations on accounts. Each owns its transaction.

`networks` are the networks of the client: `rate_limits.client_networks(request.META)`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict, Unpack
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet

from marquee.accounts import password_checks, queries, rate_limits, rules, tokens
from marquee.accounts.errors import (
    AccountClosed,
    BadCredentials,
    EmailTaken,
    PasswordRequired,
    WeakPassword,
    WrongPassword,
)
from marquee.accounts.models import CLOSED_DOMAIN, AddressKey, RefreshToken, User
from marquee.accounts.tokens import TokenPair
from marquee.core import collation
from marquee.core.email_addresses import mailbox_key, normalise_email
from marquee.core.text import opaque_string, search_text, tidy
from marquee.core.transactions import run_in_transaction

EMAIL_TAKEN_MESSAGE = "There is an account with this address already: log in instead."
ADDRESS_OF_ANOTHER = "Another account has this address already. Choose another address."
BAD_CREDENTIALS_MESSAGE = "The address and the password do not belong together."
ACCOUNT_CHANGED_MESSAGE = (
    "The account is no longer there, or its password has changed: log in again."
)
# An advisory lock with two keys: shows have locks with one (catalog/locks.py).
SUPERUSERS_LOCK = (1, 1)


class Profile(TypedDict, total=False):
    """The fields that users may change themselves."""

    email: str
    name: str


def sign_up(
    *, email: str, password: str, name: str, networks: Sequence[str]
) -> tuple[User, TokenPair]:
    """Create an account and log in to it.

    Refuses with TooManyAttempts, WeakPassword, or EmailTaken for a mailbox that has an account, in
    whichever spelling.
    """
    rate_limits.check_signup_limit(networks=networks)
    user = User(email=normalise_email(email), name=tidy(name))
    _validate_password(password, user=user, field="password")
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            return user, tokens.issue_pair(user)
    except IntegrityError:
        raise EmailTaken(EMAIL_TAKEN_MESSAGE, field="email") from None


def log_in(*, email: str, password: str, networks: Sequence[str]) -> TokenPair:
    """Return a pair of tokens of a new session.

    Refuses with TooManyAttempts, and with BadCredentials: with the same words and timing for an
    unknown e-mail address, a wrong password and a deactivated account.
    """
    user = password_checks.authenticate(email=email, password=password, networks=networks)
    if user is None:
        raise BadCredentials(BAD_CREDENTIALS_MESSAGE)
    rate_limits.check_session_limit(user_id=user.pk)
    return tokens.issue_pair(user)


def refresh(*, token: str, networks: Sequence[str]) -> TokenPair:
    """Return the next pair for a refresh token, which is then used up.

    Refuses with BadCredentials or TooManyAttempts.
    """
    claims = tokens.decode_refresh(token)
    rate_limits.check_refresh_limit(user_id=claims.user_id, family=claims.family, networks=networks)
    pair = tokens.rotate(claims)
    if pair is None:
        raise BadCredentials(tokens.BAD_REFRESH_MESSAGE)
    return pair


def log_out(*, token: str) -> None:
    """End the session that a refresh token belongs to. Logging out twice changes nothing.

    Refuses with BadCredentials for a token that is not ours.
    """
    tokens.revoke_family(tokens.decode_refresh(token))


def change_profile(
    *,
    user: User,
    networks: Sequence[str],
    password: str | None = None,
    check: Callable[[User], None] | None = None,
    **changes: Unpack[Profile],
) -> User:
    """Change the given fields of name and e-mail address; return the changed user.

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
    if changes.get("email", user.email) != user.email or password is not None:
        confirm_password(user=user, password=password, networks=networks)
    _check_email_limit(user, networks, changes)
    try:
        with transaction.atomic():
            if check is not None:
                check(_lock(user))
            found = not changes or _unchanged(user).update(**_columns(user, changes))
            if found and "email" in changes:
                AddressKey.add(User(pk=user.pk, email=changes["email"]))
    except IntegrityError:
        raise EmailTaken(ADDRESS_OF_ANOTHER, field="email") from None
    if not found:
        raise AccountClosed(ACCOUNT_CHANGED_MESSAGE)
    for field, value in changes.items():
        setattr(user, field, value)
    return user


def _columns(user: User, changes: Profile) -> dict[str, Any]:
    """Return the changed columns, with those that are computed from them."""
    name, email = changes.get("name", user.name), changes.get("email", user.email)
    columns: dict[str, Any] = {**changes, "search_text": search_text(name, email)}
    if "name" in changes:
        columns["sort_name"] = collation.sort_key(name)
    if email != user.email:
        columns["email_key"] = mailbox_key(email)
    return columns


def confirm_password(*, user: User, password: str | None, networks: Sequence[str]) -> None:
    """Check the password of a logged-in user, before a change that an access token alone may not make.

    Refuses with TooManyAttempts, PasswordRequired without one, or WrongPassword.
    """
    if password is None:
        raise PasswordRequired("This needs your password.", field="password")
    if not password_checks.check_password(user=user, password=password, networks=networks):
        raise WrongPassword("This is not your password.", field="password")


def change_password(*, user: User, old: str, new: str, networks: Sequence[str]) -> TokenPair:
    """Change the password and revoke all tokens; return a new pair, so that the user stays logged in.

    Refuses with TooManyAttempts, WrongPassword, WeakPassword, or with AccountClosed when the
    password was changed meanwhile.
    """
    if not password_checks.check_password(user=user, password=old, networks=networks):
        raise WrongPassword("This is not the password so far.", field="old_password")
    _validate_password(new, user=user, field="new_password")
    rate_limits.check_session_limit(user_id=user.pk)
    password, epoch = make_password(opaque_string(new)), user.token_epoch + 1
    with transaction.atomic():
        if not _unchanged(user).update(password=password, token_epoch=epoch):
            raise AccountClosed(ACCOUNT_CHANGED_MESSAGE)
        user.password, user.token_epoch = password, epoch
        return tokens.issue_pair(user)


def delete_account(*, user: User) -> None:
    """Erase name, e-mail address and password. The e-mail address may sign up again.

    Bookings stay as they are: `booking.operations.close_account` cancels them first. Refuses with
    LastSuperuser.
    """

    def work() -> None:
        accounts = User.objects.filter(pk=user.pk)
        # Customers take no lock: the UPDATE itself checks that the row is no superuser's.
        if not _erase(accounts.exclude(is_active=True, is_superuser=True)):
            _check_superuser_remains(_lock(user))
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


def change_account(*, actor: User, user: User, changes: Mapping[str, Any]) -> None:
    """Change an account as a member of staff: these fields, and no other column.

    Refuses with BeyondYourRights, LastSuperuser, or EmailTaken.
    """

    def work() -> None:
        account = _lock(user)
        rights = queries.rights_of(account)
        rules.check_may_change(actor=queries.rights_of(actor), account=rights, fields=changes)
        if any(changes.get(name) is False for name in rules.NEEDED_BY_SUPERUSER):
            _check_superuser_remains(account)
        _write(account, changes)

    try:
        run_in_transaction(work)
    except IntegrityError:
        if "email" not in changes:
            raise
        raise EmailTaken(ADDRESS_OF_ANOTHER, field="email") from None


def remove_password(*, user: User) -> None:
    """Remove the password, and revoke all tokens. Refuses with LastSuperuser."""

    def work() -> None:
        _check_superuser_remains(_lock(user))
        user.set_unusable_password()
        user.save(update_fields=["password"])

    run_in_transaction(work)


def _lock(user: User) -> User:
    """Lock the account until the transaction ends, and return it as it is now."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def lock_superusers() -> None:
    """Serialise transactions that end a superuser's rights. Take this lock after all others.

    Without it, two superusers who demote each other at once would each see the other remain. On
    SQLite a writing transaction is alone anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", SUPERUSERS_LOCK)


def _check_superuser_remains(user: User) -> None:
    """Refuse with LastSuperuser if this locked account is the only superuser's."""
    lock_superusers()
    rules.check_superuser_remains(
        is_superuser=User.objects.filter(pk=user.pk, is_active=True, is_superuser=True).exists(),
        others=queries.superusers().exclude(pk=user.pk).count(),
    )


def _write(account: User, changes: Mapping[str, Any]) -> None:
    relations = {field.name for field in User._meta.many_to_many}
    if normalise_email(changes.get("email", account.email)) != account.email:
        account.email_key = mailbox_key(changes["email"])
    for name, value in changes.items():
        if name in relations:
            getattr(account, name).set(value)
        else:
            setattr(account, name, tidy(value) if name == "name" else value)
    if columns := changes.keys() - relations:
        account.save(update_fields=columns)


def _check_email_limit(user: User, networks: Sequence[str], changes: Profile) -> None:
    """Refuse with TooManyAttempts.

    The user's own e-mail address is not counted: it reveals no other account.
    """
    if changes.get("email", user.email) != user.email:
        rate_limits.check_email_change_limit(user_id=user.pk, networks=networks)


def _unchanged(user: User) -> QuerySet[User]:
    """Return the account if it was not deleted, and its tokens not revoked, since it was read."""
    return User.objects.filter(pk=user.pk, is_active=True, token_epoch=user.token_epoch)


def _validate_password(password: str, *, user: User, field: str) -> None:
    try:
        validate_password(opaque_string(password), user)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages), field=field) from None
