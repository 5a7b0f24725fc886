"""Change a booking only if it has not changed since somebody read it."""

from collections.abc import Callable

from marquee.booking import locks
from marquee.booking.models import Booking
from marquee.core.transactions import transactional


@transactional
def if_unchanged(
    *, booking: Booking, check: Callable[[], None], change: Callable[[], object]
) -> None:
    """Run a check, which may refuse, and then an operation on the booking.

    The booking does not change in between. Refuses as the check and the operation do.
    """
    locks.lock_for_change(booking, with_counters=True)
    check()
    change()
