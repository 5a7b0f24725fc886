"""Open an account."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from marquee.accounts import hashers, rate_limits, rules, tokens
from marquee.accounts.errors import EmailTaken
from marquee.accounts.login_sessions import UNKNOWN_DEVICE, Device
from marquee.accounts.models import User
from marquee.accounts.operations.events import record_event
from marquee.accounts.operations.passwords import validate_new_password
from marquee.accounts.states import AccountEventKind
from marquee.accounts.tokens import TokenPair
from marquee.core.email_addresses import mailbox_key, normalise_email

EMAIL_TAKEN_MESSAGE = "There is an account with this address already: log in instead."


@hashers.place()
def open_account(
    *, email: str, password: str, name: str, networks: Sequence[str], language: str = ""
) -> User:
    """Create an account, and return it. Its mails are in `language`, one of LANGUAGES or blank.

    Refuses with Busy, TooManyAttempts, WeakPassword, or EmailTaken for a mailbox that has an account, in
    whichever spelling.
    """
    user = _new_account(email, password, name, networks, language)
    with _one_of_a_mailbox():
        _store(user)
    return user


@hashers.place()
def sign_up(
    *,
    email: str,
    password: str,
    name: str,
    networks: Sequence[str],
    language: str = "",
    device: Device = UNKNOWN_DEVICE,
) -> tuple[User, TokenPair]:
    """Create an account as `open_account` does, and log in to it by tokens. Refuses likewise."""
    user = _new_account(email, password, name, networks, language)
    with _one_of_a_mailbox():
        _store(user)
        return user, tokens.issue_pair(user, device)


def _new_account(
    email: str, password: str, name: str, networks: Sequence[str], language: str
) -> User:
    """Return an account that is not stored yet. Refuses with TooManyAttempts or WeakPassword."""
    rate_limits.check_signup_limit(networks=networks)
    user = User(email=normalise_email(email), name=rules.stored_name(name), language=language)
    validate_new_password(password, user=user, field="password")
    rate_limits.check_signup_mail_limit(address=mailbox_key(email))
    user.set_password(password)
    return user


@contextmanager
def _one_of_a_mailbox() -> Iterator[None]:
    """Store in a transaction. Refuses with EmailTaken where the database refuses a second account."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise EmailTaken(EMAIL_TAKEN_MESSAGE, field="email") from None


def _store(user: User) -> None:
    user.save()
    record_event(
        kind=AccountEventKind.SIGNED_UP, user=user, email=user.address, language=user.language
    )
