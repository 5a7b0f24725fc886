"""The refusals of booking. The API documents each with its docstring."""

from marquee.core.errors import BadInput, Refused


class SeatsTaken(Refused):
    """The `seats` are not available. `alternatives` lists groups of free seats that can be booked as asked.

    Each group has a seat for each ticket, in their order. `own_bookings` are the references of those
    bookings of the customer that have some of the seats.
    """

    code = "seats_taken"
    title = "Those seats are taken"


class SoldOut(Refused):
    """Fewer seats are left than requested. `left` is their number."""

    code = "sold_out"
    title = "Not enough seats left"


class EmailNotVerified(Refused):
    """Bookings need a verified address here. Open the link in the mail, and then book."""

    code = "email_not_verified"
    title = "The address is not verified"


class SalesClosed(Refused):
    """The show is no longer on sale. `sales_until` is when sales closed."""

    code = "sales_closed"
    title = "Sales are closed"


class SalesNotOpen(Refused):
    """The show is not on sale yet. Sales open at `sales_from`."""

    code = "sales_not_open"
    title = "Sales are not open yet"


class BookingsNotConfirmed(Refused):
    """The show has `live_bookings`. To move or change it, send their number as `confirm_bookings`.

    With `short_notice` true, `"short_notice": true` is needed as well.
    """

    code = "confirm_bookings"
    title = "The show has bookings"


class NeedsShortNotice(Refused):
    """The show would start in less than two hours, at `starts_at`. Send `"short_notice": true`."""

    code = "short_notice"
    title = "The show would start very soon"


class ShowCalledOff(Refused):
    """The show will not take place. Its bookings are cancelled."""

    code = "show_called_off"
    title = "The show is called off"


class SeatLimit(Refused):
    """The customer would exceed the seats allowed at a show. `left` of the `limit` can be booked."""

    code = "seat_limit"
    title = "Too many seats for one customer"


class UnpaidLimit(Refused):
    """Too many unpaid seats for one customer or network. `left` of the `limit` can be booked."""

    code = "unpaid_limit"
    title = "Too many seats that nobody has paid for"


class HoldLimit(Refused):
    """The customer made too many holds, or cancelled bookings, of this show in an hour: wait until `until`.

    Of the `limit`, `left` can still be held.
    """

    code = "hold_limit"
    title = "Too many holds at this show"


class TooManyHolds(Refused):
    """One network has `limit` holds at once. Try again after `retry_after` seconds."""

    code = "too_many_holds"
    title = "Too many holds at once"


class CoolingDown(Refused):
    """The customer gave these `seats` up too often. They can be booked again at `until`."""

    code = "cooling_down"
    title = "Those seats are cooling down"


class PriceChanged(Refused):
    """The tickets cost `total` now, which is not what was expected. Confirm that, or choose others."""

    code = "price_changed"
    title = "The price has changed"


class CounterOnly(Refused):
    """Only the box office sells these `types` for these seats. Choose another type."""

    code = "counter_only"
    title = "Sold at the counter only"


class NeedsAnother(Refused):
    """Each ticket of these `types` needs another ticket in the same booking.

    `needs` describes that ticket by the `kind` of its seat or by its `type`. `allowed` is how many
    tickets of the types this booking can have.
    """

    code = "needs_another"
    title = "Another ticket is missing"


class CompanionWithoutSpace(Refused):
    """Each companion seat needs a wheelchair space in the same booking.

    `seats` names the requested companion seats. `allowed` is how many this booking can have.
    """

    code = "companion_without_space"
    title = "Companion seats go with wheelchair spaces"


class WheelchairLimit(Refused):
    """The customer would exceed the wheelchair spaces allowed at a show: `left` of the `limit` remain."""

    code = "wheelchair_limit"
    title = "Too many wheelchair spaces for one customer"


class SingleGap(Refused):
    """The choice would leave the seats `left_alone` free, each without a free seat beside it.

    Only cinemas whose `single_gaps` is `refuse` say so, and only while a better choice exists:
    `alternatives`, each with a seat for each ticket, in their order, at the same price.
    """

    code = "single_gap"
    title = "That would leave a seat alone"


class HoldExpired(Refused):
    """The hold expired, and these `seats` are no longer available. Book others."""

    code = "hold_expired"
    title = "The hold ran out"


class NotHeld(Refused):
    """The booking is no longer held, so it cannot be confirmed, cancelled or changed."""

    code = "not_held"
    title = "The booking is not held"


class CannotExtend(Refused):
    """The hold was extended before, or is as long as a hold may be: it ends at `held_until`."""

    code = "cannot_extend"
    title = "This hold cannot be kept for longer"


class TooLateToCancel(Refused):
    """The booking could be cancelled only until `cancel_until`."""

    code = "too_late_to_cancel"
    title = "Too late to cancel"


class TooLateToExchange(Refused):
    """The seats of the booking could be changed only until `cancel_until`."""

    code = "too_late_to_exchange"
    title = "Too late to change seats"


class ExchangeCostsMore(Refused):
    """With these seats the booking would cost `total`, more than its `current_total`. Choose others."""

    code = "exchange_costs_more"
    title = "Those seats cost more"


class AlreadyUsed(Refused):
    """A ticket was used at the door, at `used_at`."""

    code = "already_used"
    title = "Already used"


class HasUpcomingBookings(Refused):
    """The account has `bookings` for shows that have not ended, with so many `tickets`: cancel or keep?"""

    code = "upcoming_bookings"
    title = "There are bookings for shows to come"


class NotAdmitted(Refused):
    """The ticket does not admit: its booking is not confirmed, or it was cancelled or exchanged by itself.

    Of an exchanged one, `reference` is its booking, and `seats` are those that this has now.
    """

    code = "not_admitted"
    title = "Not to be admitted"


class TooEarly(Refused):
    """The ticket admits only from `admits_from` on. Give a reason to admit it now."""

    code = "too_early"
    title = "Too early to be admitted"


class TooLate(Refused):
    """The show has ended, at `admits_until`. Give a reason to admit its ticket all the same."""

    code = "too_late"
    title = "Too late to be admitted"


class NotUsed(Refused):
    """The ticket was not used at the door, so there is no admission to undo."""

    code = "not_used"
    title = "Not used"


class KeyReused(Refused):
    """The idempotency key was used for another request. Use a new key for a new booking."""

    code = "key_reused"
    title = "That key stands for another request"


class UnknownSeat(BadInput):
    """The auditorium has no such seats. `seats` names them."""

    code = "unknown_seat"
    title = "No such seat"


class UnknownTicketType(BadInput):
    """The show does not sell the `types` for a seat. `known` are the types that it sells for it."""

    code = "unknown_ticket_type"
    title = "No such ticket type"
