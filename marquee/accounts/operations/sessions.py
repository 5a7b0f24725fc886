"""Log in, refresh, and log out, here or everywhere else."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F

from marquee.accounts import locks, login_sessions, password_checks, rate_limits, tokens
from marquee.accounts.errors import AccountClosed, BadCredentials
from marquee.accounts.login_sessions import UNKNOWN_DEVICE, Device
from marquee.accounts.models import User
from marquee.accounts.operations.events import record_event
from marquee.accounts.operations.factor_checks import check_login_code
from marquee.accounts.states import AccountEventKind
from marquee.accounts.tokens import TokenPair

BAD_CREDENTIALS_MESSAGE = "The address and the password do not belong together."


def log_in(
    *,
    email: str,
    password: str,
    networks: Sequence[str],
    device: Device = UNKNOWN_DEVICE,
    code: str | None = None,
) -> TokenPair:
    """Return a pair of tokens of a new session, which the user's list of logins has.

    Refuses with Busy, TooManyAttempts, and with BadCredentials: with the same words and timing for an
    unknown e-mail address, a wrong password and a deactivated account. With the right password of an account
    with a second factor it needs a `code`, and refuses as `check_login_code` does.
    """
    user = authenticate(email=email, password=password, networks=networks)
    check_login_code(user=user, code=code, networks=networks)
    return tokens.issue_pair(user, device)


def authenticate(*, email: str, password: str, networks: Sequence[str]) -> User:
    """Return the account that begins a new session with its password. Refuses as `log_in` does."""
    user = password_checks.authenticate(email=email, password=password, networks=networks)
    if user is None:
        raise BadCredentials(BAD_CREDENTIALS_MESSAGE)
    rate_limits.check_session_limit(user_id=user.pk)
    return user


def refresh(*, token: str, networks: Sequence[str], device: Device = UNKNOWN_DEVICE) -> TokenPair:
    """Return the next pair for a refresh token, which is then used up.

    Refuses with BadCredentials or TooManyAttempts.
    """
    claims = tokens.decode_refresh(token)
    rate_limits.check_refresh_limit(user_id=claims.user_id, family=claims.family, networks=networks)
    pair = tokens.rotate(claims, device)
    if pair is None:
        raise BadCredentials(tokens.BAD_REFRESH_MESSAGE)
    return pair


def log_out(*, token: str) -> None:
    """End the session that a refresh token belongs to. Logging out twice changes nothing.

    Refuses with BadCredentials for a token that is not ours.
    """
    tokens.revoke_family(tokens.decode_refresh(token))


def log_out_others(
    *, user: User, session: UUID | None, device: Device, language: str = ""
) -> TokenPair:
    """End all logins of a user, by tokens and in browsers; return a new pair for this one.

    `session` is the login that asks, in a language. Refuses with TooManyAttempts, or with AccountClosed when the
    password was changed meanwhile.
    """
    rate_limits.check_session_limit(user_id=user.pk)
    device = login_sessions.succeeding(device, user=user, session=session)
    with transaction.atomic():
        _end_all(user, language)
        return tokens.issue_pair(user, device)


def log_out_other_browsers(*, user: User, language: str = "") -> None:
    """End all logins of a user, by tokens and in browsers, for a page that keeps its own session.

    `user.token_epoch` is the new one then, which that session must have. Refuses as `log_out_others` does.
    """
    rate_limits.check_session_limit(user_id=user.pk)
    with transaction.atomic():
        _end_all(user, language)


def _end_all(user: User, language: str) -> None:
    """Raise the epoch of an unchanged account, and note who did it. Refuses with AccountClosed."""
    if not locks.unchanged(user).update(token_epoch=F("token_epoch") + 1):
        raise AccountClosed(locks.ACCOUNT_CHANGED_MESSAGE)
    user.token_epoch += 1
    record_event(
        kind=AccountEventKind.LOGGED_OUT_OTHERS, user=user, email=user.address, language=language
    )
