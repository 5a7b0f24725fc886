"""Open an account."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from marquee.accounts import hashers, rate_limits, tokens
from marquee.accounts.errors import EmailTaken
from marquee.accounts.login_sessions import UNKNOWN_DEVICE, Device
from marquee.accounts.models import User
from marquee.accounts.operations.events import record_event
from marquee.accounts.operations.passwords import validate_new_password
from marquee.accounts.states import AccountEventKind
from marquee.accounts.tokens import TokenPair
from marquee.core.email_addresses import normalise_email
from marquee.core.text import tidy

EMAIL_TAKEN_MESSAGE = "There is an account with this address already: log in instead."


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
    """Create an account and log in to it. Its mails are in `language`, one of LANGUAGES or blank.

    Refuses with Busy, TooManyAttempts, WeakPassword, or EmailTaken for a mailbox that has an account, in
    whichever spelling.
    """
    rate_limits.check_signup_limit(networks=networks)
    user = User(email=normalise_email(email), name=tidy(name), language=language)
    validate_new_password(password, user=user, field="password")
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            record_event(
                kind=AccountEventKind.SIGNED_UP, user=user, email=user.address, language=language
            )
            return user, tokens.issue_pair(user, device)
    except IntegrityError:
        raise EmailTaken(EMAIL_TAKEN_MESSAGE, field="email") from None
