"""The rules of how long a hold lasts: pure functions (DESIGN 16)."""

from datetime import datetime, timedelta

from django.conf import settings

from marquee.booking.errors import CannotExtend, NotHeld
from marquee.booking.records import LockedBooking
from marquee.booking.states import BookingStatus
from marquee.core.zones import isoformat_in, write_time


def held_until(now: datetime) -> datetime:
    """Return when a hold that is made or extended now expires: after HOLD_MINUTES."""
    return now + timedelta(minutes=settings.HOLD_MINUTES)


def held_at_most_until(now: datetime) -> datetime:
    """Return the cap of a hold made now: HOLD_MAX_MINUTES, and never less than one hold."""
    return now + timedelta(minutes=max(settings.HOLD_MINUTES, settings.HOLD_MAX_MINUTES))


def extended_until(locked: LockedBooking) -> datetime:
    """Return when a hold expires that is extended now.

    Refuses with NotHeld unless it is held and has not run out, and with CannotExtend if it was
    extended before or would end no later.
    """
    until = _live_until(locked)
    zone = locked.zone
    ends = f"It ends at {write_time(until, zone)}: confirm it until then."
    if locked.extended_at is not None:
        raise CannotExtend(f"A hold is extended once. {ends}", held_until=isoformat_in(until, zone))
    longer = min(held_until(locked.now), locked.held_at_most_until or until)
    if longer <= until:
        raise CannotExtend(
            f"This hold is as long as a hold may be. {ends}", held_until=isoformat_in(until, zone)
        )
    return longer


def _live_until(locked: LockedBooking) -> datetime:
    until = locked.held_until
    if locked.status == BookingStatus.EXPIRED or (until and until <= locked.now):
        raise NotHeld("This hold ran out. While its seats are free, confirm it; or book others.")
    if until is None:
        status = BookingStatus(locked.status).label.lower()
        raise NotHeld(f"This booking is {status}: there is no hold to keep for longer.")
    return until
