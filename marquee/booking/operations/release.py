"""Give a hold back."""

from marquee.booking import hold_rules, locks
from marquee.booking.models import Booking
from marquee.booking.operations.cancel import cancel
from marquee.booking.records import Actor
from marquee.core.transactions import transactional


@transactional
def release(*, booking: Booking, actor: Actor | None = None) -> bool:
    """Give the seats of a hold back. Return False if they were given back before.

    It is `cancel` for a form that was made while the booking was held: one that another tab has
    confirmed meanwhile stays. Refuses with NotHeld, also a hold that has expired, or with AccountClosed.
    """
    hold_rules.check_only_held(locks.lock_for_change(booking))
    return cancel(booking=booking, actor=actor)
