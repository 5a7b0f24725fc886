"""Confirm a hold. A guest says with it who it is."""

from marquee.audit.states import Action
from marquee.booking import claims, customer_rules, locks, move_rules, rules, seat_rules
from marquee.booking.models import Booking
from marquee.booking.operations import audited, new_owner, ticket_terms, transitions
from marquee.booking.operations.transitions import holders_by_label, seat_labels
from marquee.booking.queries import UsageQuery, read_usage
from marquee.booking.records import Actor, Contact, LockedBooking
from marquee.booking.states import BookingStatus, EventKind
from marquee.catalog.queries import get_plan, get_seat_label
from marquee.core.money import Money
from marquee.core.transactions import transactional


@transactional
def confirm(
    *,
    booking: Booking,
    expected_total: Money | None = None,
    actor: Actor | None = None,
    contact: Contact | None = None,
) -> bool:
    """Turn a hold into a confirmed booking. Return False if it was confirmed before.

    A hold is confirmed at its own prices. An expired hold is confirmed while nobody else has taken its
    seats: it gets all of them back, or none, at the prices of now if these are not higher, or if they
    are the `expected_total`. Without an `actor` the customer confirms. Refuses with HoldExpired, NotHeld
    (it was cancelled), PriceChanged, ShowCalledOff, or AccountClosed; an expired hold also with
    EmailNotVerified, SalesClosed, SeatLimit, UnpaidLimit and what `ticket_terms.check` refuses, like a
    new booking.

    A guest without an address needs a `contact`: refuses with BadInput. The limits are then checked
    for its address: refuses with EmailNotVerified, SeatLimit, UnpaidLimit or WheelchairLimit.
    """
    address = contact.email if contact else ""
    locked = locks.lock_for_change(booking, with_counters=True, new_address=address)
    customer_rules.check_still_owns(locked, owner=booking.user_id, actor=actor)
    if locked.status == BookingStatus.CONFIRMED:
        return False
    rules.check_may_confirm(locked)
    customer_rules.check_has_contact(locked, is_given=contact is not None)
    owner = new_owner.name_guest(booking, locked, contact) if contact else booking.user_id
    if rules.is_expired(locked):
        _check_seats_are_there(locked)
        _reclaim(booking, locked, owner, expected_total)
        _renew_terms(booking, locked)
    else:
        seat_rules.check_expected_total(total=locked.total, expected=expected_total)
    _confirm(booking, locked, owner)
    transitions.record_events([booking.pk], EventKind.CONFIRMED, locked.now, actor)
    if contact and not rules.is_expired(locked):
        new_owner.check_limits(booking.show_id, locked.seats, owner, now=locked.now)
    audited.record_of_booking(Action.CONFIRMED, booking)
    return True


def _confirm(booking: Booking, locked: LockedBooking, owner: int) -> None:
    _sell_seats(booking, locked, owner)
    transitions.set_status(
        [booking.pk],
        to=BookingStatus.CONFIRMED,
        out_of=[BookingStatus.HELD, BookingStatus.EXPIRED],
    )


def _reclaim(
    booking: Booking, locked: LockedBooking, owner: int, expected_total: Money | None
) -> None:
    """Give an expired hold the prices of now. Refuse what would be refused to a new booking."""
    query = UsageQuery(owner, booking.show_id, locked.client_key, locked.now, hold=True)
    customer_rules.check_verified(locked)
    capacity = len(get_plan(locked.seat_plan_id).seats)
    rules.check_may_reclaim(locked, usage=read_usage(query), capacity=capacity)
    tickets, prices = ticket_terms.price_again(booking)
    if not locked.is_staff:
        ticket_terms.check(list(tickets.values()), prices, query)
    total = Money(sum(priced.price for priced in tickets.values()), prices.currency)
    seat_rules.check_price_not_risen(held=locked.total, total=total, expected=expected_total)
    transitions.set_prices(booking, {key: priced.price for key, priced in tickets.items()})


def _check_seats_are_there(locked: LockedBooking) -> None:
    """Refuse with HoldExpired when the show has another seat plan since the hold expired."""
    gone = sorted(locked.seats - get_plan(locked.seat_plan_id).by_id.keys())
    move_rules.check_seats_are_there([get_seat_label(seat) for seat in gone])


def _renew_terms(booking: Booking, locked: LockedBooking) -> None:
    """Give an expired hold the better terms: its own, or today's."""
    until = move_rules.renewed_cancel_until(locked)
    if until != locked.cancel_until:
        Booking.objects.filter(pk=booking.pk).update(cancel_until=until)


def _sell_seats(booking: Booking, locked: LockedBooking, owner: int) -> None:
    lost = locked.seats - claims.sell(booking.show_id, locked.seats, booking.pk)
    if lost:
        raise seat_rules.hold_seats_lost(
            seat_labels(locked.seat_plan_id, lost),
            holders_by_label(booking.show_id, locked.seat_plan_id, lost),
            user_id=owner,
        )
