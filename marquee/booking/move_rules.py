"""The rules of a show that moves: what staff must say, and what becomes of the terms that were sold.

Pure functions without queries.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from marquee.booking.errors import BookingsNotConfirmed, HoldExpired, NeedsShortNotice
from marquee.booking.records import LockedBooking
from marquee.booking.rules import cancel_until
from marquee.catalog.errors import ShowHasBookings
from marquee.core.errors import BadInput
from marquee.core.zones import isoformat_in

MOVE_TOLERANCE = timedelta(minutes=15)  # a show that moves by so much changes no terms (DESIGN 4)
SHORT_NOTICE = timedelta(hours=2)  # a show that moves to within that needs staff to say so


def check_may_move(
    *,
    now: datetime,
    starts_at: datetime,
    zone: str,
    bookings: int,
    confirm_bookings: int | None,
    short_notice: bool,
) -> None:
    """Refuse to move a show into the past, or without the consent that its bookings need.

    Refuses with BadInput, BookingsNotConfirmed or NeedsShortNotice.
    """
    if starts_at <= now:
        raise BadInput("A show does not move into the past.", field="starts_at")
    needs_notice = starts_at < now + SHORT_NOTICE and not short_notice
    check_bookings_confirmed(
        bookings=bookings, confirm_bookings=confirm_bookings, short_notice=needs_notice
    )
    if needs_notice:
        raise NeedsShortNotice(
            'The show would start in less than two hours. Send "short_notice": true if it is to.',
            starts_at=isoformat_in(starts_at, zone),
        )


def check_bookings_confirmed(
    *, bookings: int, confirm_bookings: int | None, short_notice: bool = False
) -> None:
    """Refuse with BookingsNotConfirmed unless staff named the number of live bookings."""
    if bookings == (confirm_bookings or 0):
        return
    notice = ' and "short_notice": true' if short_notice else ""
    has = "1 live booking" if bookings == 1 else f"{bookings} live bookings"
    raise BookingsNotConfirmed(
        f"The show has {has}. Customers may cancel in full until the start of a show that changed. "
        f'If it is to change all the same, send "confirm_bookings": {bookings}{notice}.',
        live_bookings=bookings,
        short_notice=short_notice,
    )


def renewed_cancel_until(locked: LockedBooking) -> datetime:
    """Return until when an expired hold may be cancelled once it is confirmed.

    The hold's deadline stays, unless today's is later. A show that moved meanwhile gives time until
    its start.
    """
    if abs(locked.starts_at - locked.sold_starts_at) > MOVE_TOLERANCE:
        return locked.starts_at
    today = cancel_until(locked.starts_at, locked.cancel_until_minutes)
    return max(locked.cancel_until, today)


def check_sold_nothing(bookings: int) -> None:
    """Refuse with ShowHasBookings to give a show with live bookings other seats."""
    if bookings:
        has = "1 live booking" if bookings == 1 else f"{bookings} live bookings"
        raise ShowHasBookings(
            f"The show has {has}, so it keeps its seats. Call it off, which cancels them, and add another."
        )


def check_seats_are_there(gone: Sequence[str]) -> None:
    """Refuse with HoldExpired an expired hold of seats that the show no longer has."""
    if gone:
        raise HoldExpired(
            f"The hold ran out, and the show has other seats now, without its {', '.join(gone)}. Choose "
            "seats anew.",
            seats=gone,
        )
