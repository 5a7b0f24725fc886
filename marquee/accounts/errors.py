"""The refusals of accounts."""

from marquee.core.errors import BadInput, Refused


class BadCredentials(Refused):
    """The e-mail address and the password do not match, or the refresh token is invalid."""

    code = "bad_credentials"
    title = "That did not match"


class AccountClosed(Refused):
    """The account was deactivated or deleted, or its tokens were revoked: log in again."""

    code = "not_authenticated"
    title = "Log in first"


class AccessTokenExpired(Refused):
    """The access token expired at `expired_at`: `auth/refresh/` gives the next one."""

    code = "token_expired"
    title = "The access token has expired"


class TooManyAttempts(Refused):
    """Too many attempts within a period: `retry_after` is how many seconds to wait."""

    code = "too_many_attempts"
    title = "Too many attempts"


class TooManyCodes(TooManyAttempts):
    """Too many wrong codes of this account's second factor: other factors of it work meanwhile."""


class EmailTaken(BadInput):
    """Another account has this e-mail address: log in instead."""

    code = "email_taken"


class WeakPassword(BadInput):
    """The password is too short, too common, or too similar to the name or the e-mail address."""

    code = "weak_password"


class WrongPassword(BadInput):
    """The password is wrong."""

    code = "wrong_password"


class PasswordRequired(BadInput):
    """The change needs the account's password."""

    code = "password_required"


class SecondFactorRequired(Refused):
    """A password alone is not enough: the account has a second factor, or its role demands one."""

    code = "second_factor_required"
    title = "A second factor is needed"


class WrongCode(BadInput):
    """The code is not one of the account's second factor, or was used already."""

    code = "wrong_code"


class BadPasskey(BadInput):
    """The passkey is not one of the account, or its question was answered already."""

    code = "bad_passkey"


class NoSuchFactor(Refused):
    """The account does not have this second factor, or not any more."""

    code = "no_such_factor"
    title = "There is no such second factor"


class OwnSecondFactor(Refused):
    """Nobody resets their own second factor as staff."""

    code = "own_second_factor"
    title = "That is your own second factor"


class OwnPassword(Refused):
    """Nobody sets their own password as staff."""

    code = "own_password"
    title = "That is your own password"


class BadLink(BadInput):
    """The link of a mail is not ours, not whole, used, revoked, or expired. The detail says which."""

    code = "bad_link"
    title = "That link does not work"


class GuestAccount(Refused):
    """A guest has no password and no login. With an account of its own it has both: sign up."""

    code = "guest_account"
    title = "Guests have no password"


class LastSuperuser(Refused):
    """Only one superuser is left, so the account, its role and its password stay."""

    code = "last_superuser"
    title = "The last superuser stays"
