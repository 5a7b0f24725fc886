"""Log in, refresh and log out."""

from collections.abc import Sequence

from marquee.accounts import password_checks, rate_limits, tokens
from marquee.accounts.errors import BadCredentials
from marquee.accounts.tokens import TokenPair

BAD_CREDENTIALS_MESSAGE = "The address and the password do not belong together."


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
