"""The vocabulary of refusal: every way in which booking says no."""

from marquee.core.errors import BadInput, Refused


class SeatsTaken(Refused):
    """Somebody else has these seats: `seats` names them, `alternatives` offers others together."""

    code = "seats_taken"
    title = "Those seats are taken"


class SoldOut(Refused):
    """There are not as many seats left as were asked for: `left` says how many."""

    code = "sold_out"
    title = "Not enough seats left"


class SalesClosed(Refused):
    """The show is no longer on sale: `sales_until` says since when."""

    code = "sales_closed"
    title = "Sales are closed"


class ShowCalledOff(Refused):
    """The show will not take place; its bookings are cancelled."""

    code = "show_called_off"
    title = "The show is called off"


class SeatLimit(Refused):
    """One customer may have only so many seats at a show: `limit`, and `left` of it."""

    code = "seat_limit"
    title = "Too many seats for one customer"


class UnpaidLimit(Refused):
    """Too many seats of the show unpaid, for one address or from one network: `limit`, `left` of it."""

    code = "unpaid_limit"
    title = "Too many seats that nobody has paid for"


class HoldLimit(Refused):
    """Too many bookings given up at this show within an hour: `limit`, and `until` when to wait."""

    code = "hold_limit"
    title = "Too many holds at this show"


class TooManyHolds(Refused):
    """Too many holds are open from one network: `limit`, and `retry_after` in seconds."""

    code = "too_many_holds"
    title = "Too many holds at once"


class CoolingDown(Refused):
    """These seats were held and given up again and again: `seats`, and `until` when to wait."""

    code = "cooling_down"
    title = "Those seats are cooling down"


class CounterOnly(Refused):
    """Only the box office sells such tickets: `types` names them. Choose another type."""

    code = "counter_only"
    title = "Sold at the counter only"


class NeedsAnother(Refused):
    """These `types` are sold only beside another ticket in the same booking, one each.

    `needs` says which, by the `kind` of its seat or by its `type`; `allowed`, how many of the types
    this booking can have.
    """

    code = "needs_another"
    title = "Another ticket is missing"


class CompanionWithoutSpace(Refused):
    """Companion seats go with wheelchair spaces in the same booking, one each.

    `seats` names the companion seats asked for; `allowed` says how many this booking can have.
    """

    code = "companion_without_space"
    title = "Companion seats go with wheelchair spaces"


class WheelchairLimit(Refused):
    """One customer may have only so many wheelchair spaces at a show: `limit`, and `left` of it."""

    code = "wheelchair_limit"
    title = "Too many wheelchair spaces for one customer"


class HoldExpired(Refused):
    """The hold ran out and somebody else has its seats now: `seats` names them. Book others."""

    code = "hold_expired"
    title = "The hold ran out"


class NotHeld(Refused):
    """The booking is not held (any more), so there is nothing to confirm or to give back."""

    code = "not_held"
    title = "The booking is not held"


class TooLateToCancel(Refused):
    """Cancelling closed at `cancel_until`."""

    code = "too_late_to_cancel"
    title = "Too late to cancel"


class AlreadyUsed(Refused):
    """A ticket has been used at the door: `used_at` says when."""

    code = "already_used"
    title = "Already used"


class NotAdmitted(Refused):
    """The ticket admits nobody: its booking is not confirmed."""

    code = "not_admitted"
    title = "Not to be admitted"


class KeyReused(Refused):
    """The idempotency key was sent before with another request. Use a new key for a new booking."""

    code = "key_reused"
    title = "That key stands for another request"


class UnknownSeat(BadInput):
    """The auditorium has no such seat: `seats` names what it does not have."""

    code = "unknown_seat"
    title = "No such seat"


class UnknownTicketType(BadInput):
    """The show sells no such ticket: `types` names it, `known` those it sells for that seat."""

    code = "unknown_ticket_type"
    title = "No such ticket type"
