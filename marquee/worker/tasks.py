"""What the clock asks for. None of it is needed for a right answer: it tidies up.

A task returns how many things it did. A hold that ran out is over at that moment, for everybody,
whether or not a task has written it down.
"""

from collections.abc import Callable

from marquee.accounts import rate_limits, tokens
from marquee.booking import queries
from marquee.booking.operations import call_off, expire

# So many a round: each is a transaction of its own, and the other tasks want their turn.
A_ROUND = 500


def expire_holds() -> int:
    """Write down which holds have run out, and free their seats."""
    lapsed = list(queries.lapsed_holds()[:A_ROUND])
    for booking in lapsed:
        expire(booking=booking)
    return len(lapsed)


def finish_called_off_shows() -> int:
    """Cancel the bookings that a show called off in some other way still has, such as by SQL."""
    shows = list(queries.called_off_with_bookings()[:A_ROUND])
    for show in shows:
        call_off(show=show)
    return len(shows)


TASKS: dict[str, Callable[[], int]] = {
    "holds expired": expire_holds,
    "shows called off": finish_called_off_shows,
    "refresh tokens forgotten": tokens.tidy,
    "attempts forgotten": rate_limits.tidy,
}
