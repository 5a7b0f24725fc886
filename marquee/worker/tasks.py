"""Periodic tasks. They only tidy up: every response is right without them.

A task returns how many things it did. A hold ends for everybody when it expires, whether or not a
task has recorded it.
"""

from collections.abc import Callable

from marquee.accounts import rate_limits, tokens
from marquee.booking import queries
from marquee.booking.operations import call_off, expire
from marquee.booking.records import WORKER

# Each booking or show is a transaction of its own, so a larger batch would delay the other tasks.
BATCH_SIZE = 500


def expire_holds() -> int:
    """Record which holds have expired, and free their seats."""
    expired = list(queries.expired_holds()[:BATCH_SIZE])
    for booking in expired:
        expire(booking=booking)
    return len(expired)


def finish_called_off_shows() -> int:
    """Cancel the bookings of shows that something else called off, such as SQL typed by hand."""
    shows = list(queries.called_off_shows_with_bookings()[:BATCH_SIZE])
    for show in shows:
        call_off(show=show, actor=WORKER)
    return len(shows)


TASKS: dict[str, Callable[[], int]] = {
    "holds expired": expire_holds,
    "shows called off": finish_called_off_shows,
    "refresh tokens forgotten": tokens.delete_expired,
    "attempts forgotten": rate_limits.delete_expired,
}
