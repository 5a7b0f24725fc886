"""What people do with their account. Each of these owns its transaction.

`networks` are whom an attempt counts for: `limits.networks_of(request.META)`.
"""

from collections.abc import Sequence
from typing import TypedDict, Unpack
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from marquee.accounts import guesses, limits, tokens
from marquee.accounts.errors import (
    AccountClosed,
    BadCredentials,
    EmailTaken,
    WeakPassword,
    WrongPassword,
)
from marquee.accounts.models import AddressKey, RefreshToken, User, normalise_email
from marquee.accounts.tokens import Pair

TAKEN = "There is an account with this address already: log in instead."
NO_MATCH = "The address and the password do not belong together."
GONE = "The account is no longer there, or its password has changed: log in again."


class Profile(TypedDict, total=False):
    """What people may change about themselves."""

    email: str
    name: str


def sign_up(*, email: str, password: str, name: str, networks: Sequence[str]) -> tuple[User, Pair]:
    """Open an account and log in to it.

    Refuses with TooManyAttempts, WeakPassword, or EmailTaken, whatever the case of the address.
    """
    limits.count_sign_up(networks=networks)
    user = User(email=normalise_email(email), name=name)
    _check_strength(password, user=user, field="password")
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            return user, tokens.issue(user)
    except IntegrityError:
        raise EmailTaken(TAKEN, field="email") from None


def log_in(*, email: str, password: str, networks: Sequence[str]) -> Pair:
    """Return a first pair of tokens.

    Refuses with TooManyAttempts; and with BadCredentials, alike in words and in time, for an
    unknown address, a wrong password and a deactivated account.
    """
    user = guesses.find(email=email, password=password, networks=networks)
    if user is None:
        raise BadCredentials(NO_MATCH)
    limits.count_session(user_id=user.pk)
    return tokens.issue(user)


def refresh(*, token: str, networks: Sequence[str]) -> Pair:
    """Return the next pair for a refresh token, which is spent by that.

    Refuses with BadCredentials or TooManyAttempts.
    """
    claims = tokens.read(token)
    limits.count_refresh(user_id=claims.user_id, family=claims.family, networks=networks)
    pair = tokens.rotate(claims)
    if pair is None:
        raise BadCredentials(tokens.NOT_GOOD)
    return pair


def log_out(*, token: str) -> None:
    """End the session that a refresh token belongs to. Logging out twice changes nothing.

    Refuses with BadCredentials for a token that is not ours.
    """
    tokens.revoke_family(tokens.read(token))


def change_profile(*, user: User, networks: Sequence[str], **changes: Unpack[Profile]) -> User:
    """Change what is given of name and address; return the user as changed.

    Refuses with TooManyAttempts, with EmailTaken, or with AccountClosed when the account was
    deleted meanwhile.
    """
    if "email" in changes:
        changes["email"] = normalise_email(changes["email"])
    _count_changes(user, networks, changes)
    try:
        with transaction.atomic():
            found = not changes or _still(user).update(**changes)
            if found and "email" in changes:
                AddressKey.add(User(pk=user.pk, email=changes["email"]))
    except IntegrityError:
        raise EmailTaken(TAKEN, field="email") from None
    if not found:
        raise AccountClosed(GONE)
    for field, value in changes.items():
        setattr(user, field, value)
    return user


def change_password(*, user: User, old: str, new: str, networks: Sequence[str]) -> Pair:
    """Change the password and call all tokens back; return a fresh pair, to stay logged in with.

    Refuses with TooManyAttempts, WrongPassword, WeakPassword, or with AccountClosed when the
    password was changed meanwhile.
    """
    if not guesses.is_password(user=user, password=old, networks=networks):
        raise WrongPassword("This is not the password so far.", field="old_password")
    _check_strength(new, user=user, field="new_password")
    limits.count_session(user_id=user.pk)
    password, epoch = make_password(new), user.token_epoch + 1
    with transaction.atomic():
        if not _still(user).update(password=password, token_epoch=epoch):
            raise AccountClosed(GONE)
        user.password, user.token_epoch = password, epoch
        return tokens.issue(user)


@transaction.atomic
def delete_account(*, user: User) -> None:
    """Forget who this was, for good; the address is free to sign up anew.

    Bookings are left as they are: `booking.operations.close_account` gives them up first.
    """
    User.objects.filter(pk=user.pk).update(
        # Nobody can have or guess this address: .invalid is never a domain (RFC 2606).
        email=f"{uuid4().hex}@deleted.invalid",
        name="",
        password=make_password(None),
        last_login=None,
        is_active=False,
        is_staff=False,
        is_superuser=False,
        token_epoch=F("token_epoch") + 1,
    )
    RefreshToken.objects.filter(user=user).delete()


def _count_changes(user: User, networks: Sequence[str], changes: Profile) -> None:
    """Count what would be changed. An address that is one's own already tells nothing of others."""
    if changes:
        limits.count_profile_change(user_id=user.pk)
    if changes.get("email", user.email) != user.email:
        limits.count_new_email(user_id=user.pk, networks=networks)


def _still(user: User) -> QuerySet[User]:
    """Return the account if it is as it was read: not deleted since, nor its tokens called back."""
    return User.objects.filter(pk=user.pk, is_active=True, token_epoch=user.token_epoch)


def _check_strength(password: str, *, user: User, field: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages), field=field) from None
