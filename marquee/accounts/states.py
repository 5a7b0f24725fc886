"""The values of accounts' columns: importing them loads no database."""

from marquee.core.choices import Choices


class AccountEventKind(Choices):
    """The kind of an event in an account's history."""

    SIGNED_UP = "signed_up", "Signed up"
    GUEST_ADDED = "guest", "Began as a guest"
    VERIFICATION_ASKED = "verify", "Asked to verify the address"
    VERIFIED = "verified", "Verified the address"
    RESET_ASKED = "reset_asked", "Asked for a new password"
    PASSWORD_CHANGED = "password", "Changed the password"
    PASSWORD_RESET = "reset", "Set a new password by a link"
    CHANGE_ASKED = "new_email", "Asked for another address"
    EMAIL_CHANGED = "email", "Changed the address"
    LOGGED_OUT_OTHERS = "log_out", "Logged out everywhere else"
    CLOSING_ASKED = "close_asked", "Asked to close by a link"
    CLOSED = "closed", "Closed"
    FACTOR_ADDED = "factor_added", "Added a second factor"
    FACTOR_REMOVED = "factor_gone", "Removed a second factor"
    FACTOR_RESET = "factor_reset", "Second factor reset"
    WRONG_CODES = "wrong_codes", "Somebody typed wrong codes of the second factor"


class Role(Choices):
    """What a member of staff does at one cinema, or at all (DESIGN 9). Administrators have no role."""

    GATE = "gate", "Gate: admits"
    COUNTER = "counter", "Counter: admits and sells"
    MANAGER = "manager", "Manager: admits, sells, and runs the cinema"


class FactorKind(Choices):
    """What a second factor is."""

    AUTHENTICATOR = "authenticator", "Authenticator app"
    PASSKEY = "passkey", "Passkey"


class LinkFault(Choices):
    """Why a mailed link does nothing."""

    UNKNOWN = "unknown", "Not whole, or made up"
    USED = "used", "Used already"
    EXPIRED = "expired", "Expired"
    OUTDATED = "outdated", "Of an account that has changed"
    TAKEN = "taken", "For an address that another account has"


class LinkPurpose(Choices):
    """What a mailed link does when it is used."""

    VERIFY = "verify", "Verify an address"
    RESET = "reset", "Set a new password"
    CHANGE_EMAIL = "email", "Change the address"
    CLOSE = "close", "Close a guest's account"
