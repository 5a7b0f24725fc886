"""The values of booking's columns that rules decide by: importing them loads no database."""

from marquee.core.choices import Choices


class BookingStatus(Choices):
    """The status of a booking. By the clock, a held booking past `held_until` has expired."""

    HELD = "held", "Held"
    CONFIRMED = "confirmed", "Confirmed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


class TicketStatus(Choices):
    """Whether the ticket still admits somebody."""

    VALID = "valid", "Valid"
    USED = "used", "Used"
    VOID = "void", "Void"


class SeatState(Choices):
    """Who may have the seat: anybody, its holder until a time, its buyer, or nobody."""

    FREE = "free", "Free"
    HELD = "held", "Held"
    SOLD = "sold", "Sold"
    BLOCKED = "blocked", "Blocked"


class EventKind(Choices):
    """What happened to a booking."""

    HELD = "held", "Held"
    CONFIRMED = "confirmed", "Confirmed"
    CANCELLED = "cancelled", "Cancelled"
    CALLED_OFF = "called_off", "Called off with its show"
    EXPIRED = "expired", "Expired"
    ADMITTED = "admitted", "Admitted"
