"""The values of mail's columns: importing them loads no database."""

from marquee.core.choices import Choices


class MailKind(Choices):
    """What a mail tells."""

    VERIFY = "verify", "Verify your address"
    ADDRESS_IN_USE = "in_use", "Somebody asked for your address"
    CONFIRM_CHANGE = "new_email", "Confirm your new address"
    EMAIL_CHANGED = "email", "Your address was changed"
    RESET = "reset", "Set a new password"
    PASSWORD_CHANGED = "password", "Your password was changed"
    CLOSE = "close", "Delete your data"
    FACTOR_ADDED = "factor_on", "Second factor added"
    FACTOR_REMOVED = "factor_off", "Second factor removed"
    WRONG_CODES = "codes", "Wrong codes of the second factor"
    BOOKED = "booked", "Booked"
    REDUCED = "reduced", "Some tickets cancelled"
    CANCELLED = "cancelled", "Cancelled"
    CALLED_OFF = "called_off", "Show called off"
    MOVED = "moved", "Show moved"
    CHANGED = "changed", "Show changed"
    EXCHANGED = "exchanged", "Seats changed"
    REMINDER = "reminder", "Reminder"


class Recipient(Choices):
    """Whose address a mail goes to. The address itself is read when the mail is sent."""

    CUSTOMER = "customer", "The customer"
    EVENT = "event", "The address that the event is about"
    COUNTER = "counter", "The customer at the counter"


class MessageState(Choices):
    """Where a mail stands."""

    DUE = "due", "Waiting to be sent"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    DEAD = "dead", "Given up"
    DROPPED = "dropped", "Not needed any more"
