"""What the audit log records, and of what: importing them loads no database."""

from marquee.core.choices import Choices


class Action(Choices):
    """What a member of staff did."""

    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"
    DELETED = "deleted", "Deleted"
    MOVED = "moved", "Moved"
    CALLED_OFF = "called_off", "Called off"
    NEW_PLAN = "new_plan", "Took the newest seat plan"
    BLOCKED = "blocked", "Blocked seats"
    UNBLOCKED = "unblocked", "Unblocked seats"
    SOLD = "sold", "Sold at the counter"
    CONFIRMED = "confirmed", "Confirmed"
    CANCELLED = "cancelled", "Cancelled"
    ADMITTED = "admitted", "Admitted"
    ADMISSION_UNDONE = "undone", "Undid the admission"
    LINKS_REVOKED = "links_revoked", "Revoked the links in mails"
    ROLE_GIVEN = "role_given", "Gave a role"
    ROLE_TAKEN = "role_taken", "Took a role"
    PASSWORD_SET = "password_set", "Set a password"
    PASSWORD_REMOVED = "password_removed", "Removed the password"
    CLOSED = "closed", "Closed the account"
    SENT_AGAIN = "sent_again", "Sent a mail again"
    SECOND_FACTOR_RESET = "second_factor_reset", "Reset the second factor"


class Subject(Choices):
    """What an entry is about."""

    MOVIE = "movie", "Movie"
    GENRE = "genre", "Genre"
    FORMAT = "format", "Format"
    TICKET_TYPE = "ticket_type", "Ticket type"
    CINEMA = "cinema", "Cinema"
    AUDITORIUM = "auditorium", "Auditorium"
    PRICE_CARD = "price_card", "Price card"
    SHOW = "show", "Show"
    BOOKING = "booking", "Booking"
    TICKET = "ticket", "Ticket"
    ACCOUNT = "account", "Account"
    MAIL = "mail", "Mail"
