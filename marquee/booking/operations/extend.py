"""Keep a hold for longer."""

from marquee.booking import claims, customer_rules, hold_rules, locks, seat_rules
from marquee.booking.models import Booking
from marquee.booking.operations import transitions
from marquee.booking.operations.transitions import holders_by_label, seat_labels
from marquee.booking.records import Actor
from marquee.booking.states import EventKind
from marquee.core.transactions import transactional


@transactional
def extend(*, booking: Booking, actor: Actor | None = None) -> None:
    """Keep a hold for another HOLD_MINUTES from now, once, and never beyond its cap.

    Without an `actor` the customer does. Refuses with NotHeld, CannotExtend, or HoldExpired if it ran
    out at this very moment and somebody else has its seats; with AccountClosed a guest whose hold became
    an account's meanwhile.
    """
    locked = locks.lock_for_change(booking)
    customer_rules.check_still_owns(locked, owner=booking.user_id, actor=actor)
    until = hold_rules.extended_until(locked)
    lost = locked.seats - claims.extend(booking.show_id, locked.seats, booking.pk, until)
    if lost:
        raise seat_rules.hold_seats_lost(
            seat_labels(locked.seat_plan_id, lost),
            holders_by_label(booking.show_id, locked.seat_plan_id, lost),
            user_id=booking.user_id,
        )
    Booking.objects.filter(pk=booking.pk).update(held_until=until, extended_at=locked.now)
    transitions.record_events([booking.pk], EventKind.EXTENDED, locked.now, actor)
