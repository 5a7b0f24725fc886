"""The values of booking's columns that rules decide by: importing them loads no database."""

from marquee.core.choices import Choices


class BookingStatus(Choices):
    """The status of a booking. By the clock, a held booking past `held_until` has expired."""

    HELD = "held", "Held"
    CONFIRMED = "confirmed", "Confirmed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


class TicketStatus(Choices):
    """Whether a ticket can still be used."""

    VALID = "valid", "Valid"
    USED = "used", "Used"
    VOID = "void", "Void"


class AdmissionStatus(Choices):
    """Whether a ticket admits, by its own status and by its booking's at the moment."""

    VALID = "valid", "Valid"
    HELD = "held", "Held, not confirmed"
    EXPIRED = "expired", "Expired with its hold"
    USED = "used", "Used"
    VOID = "void", "Void"


class SeatState(Choices):
    """The state of a seat: free, held until a time, sold, or blocked by staff."""

    FREE = "free", "Free"
    HELD = "held", "Held"
    SOLD = "sold", "Sold"
    BLOCKED = "blocked", "Blocked"


class ActorKind(Choices):
    """Who made a change of a booking. Events from before this was recorded have none of these."""

    CUSTOMER = "customer", "Customer"
    STAFF = "staff", "Staff"
    WORKER = "worker", "Worker"


class UpcomingBookings(Choices):
    """What becomes of confirmed bookings for shows that have not ended, when an account is closed."""

    CANCEL = "cancel", "Cancel those that may still be cancelled"
    KEEP = "keep", "Keep them, without a name"


class Channel(Choices):
    """Where a booking was made."""

    WEB = "web", "Website"
    API = "api", "API"
    COUNTER = "counter", "Counter"


class Tender(Choices):
    """What a customer paid with at the counter."""

    CASH = "cash", "Cash"
    CARD = "card", "Card"
    VOUCHER = "voucher", "Voucher"
    GIFT_CARD = "gift_card", "Gift card"
    OTHER = "other", "Something else"


class EventKind(Choices):
    """The kind of an event in a booking's history."""

    HELD = "held", "Held"
    CONFIRMED = "confirmed", "Confirmed"
    REDUCED = "reduced", "Some tickets cancelled"
    CANCELLED = "cancelled", "Cancelled"
    CALLED_OFF = "called_off", "Called off with its show"
    EXPIRED = "expired", "Expired"
    ADMITTED = "admitted", "Admitted"
    ADMISSION_UNDONE = "undone", "Admission undone"
    MOVED = "moved", "Moved with its show"
    CHANGED = "changed", "Show changed"
    JOINED = "joined", "Moved from a guest to an account"
    EXTENDED = "extended", "Kept for longer"
    EXCHANGED = "exchanged", "Seats changed"


# The kinds of events that customers get mail about.
MAILED_KINDS = (
    "confirmed", "reduced", "cancelled", "called_off", "moved", "changed", "exchanged",
)  # fmt: skip
