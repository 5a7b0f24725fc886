"""How accounts say no."""

from marquee.core.errors import BadInput, Refused


class BadCredentials(Refused):
    """The address and the password do not belong together, or the refresh token is not good."""

    code = "bad_credentials"
    title = "That did not match"


class AccountClosed(Refused):
    """The account was deactivated or deleted, or its tokens were called back: log in again."""

    code = "not_authenticated"
    title = "Log in first"


class TooManyAttempts(Refused):
    """Tried too often within a minute: `retry_after` says for how many seconds to wait."""

    code = "too_many_attempts"
    title = "Too many attempts"


class EmailTaken(BadInput):
    """There is an account with this address already: log in instead."""

    code = "email_taken"


class WeakPassword(BadInput):
    """The password is too short, too common, or too much like the name or the address."""

    code = "weak_password"


class WrongPassword(BadInput):
    """The password given as the old one is not the account's."""

    code = "wrong_password"


class BeyondYourRights(Refused):
    """A member of staff has no power over an account that may do more, nor over anybody's rights."""

    code = "beyond_your_rights"
    title = "This needs more rights"


class LastSuperuser(Refused):
    """Nobody else may do everything: the only superuser keeps the account, the role and a password."""

    code = "last_superuser"
    title = "The last superuser stays"
