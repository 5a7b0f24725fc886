"""The rules of how long a hold lasts, and what can be done with it: pure functions (DESIGN 6 and 16)."""

from datetime import datetime, timedelta

from django.conf import settings

from marquee.booking.errors import CannotExtend, NotHeld
from marquee.booking.records import LockedBooking
from marquee.booking.states import BookingStatus
from marquee.catalog.states import ShowState
from marquee.core.choices import Choices
from marquee.core.zones import isoformat_in, write_time


class HoldState(Choices):
    """What a customer can do with a booking that began as a hold."""

    HELD = "held", "Held: it can be confirmed"
    LAPSED = "lapsed", "Expired, with its seats still free: it can be confirmed"
    LOST = "lost", "Expired, and somebody else has seats of it"
    SALES_CLOSED = "closed", "Expired, and the show is no longer on sale"
    CONFIRMED = "confirmed", "Confirmed"
    GIVEN_BACK = "given_back", "Given back"
    CALLED_OFF = "called_off", "Ended with its show"


CAN_BE_CONFIRMED = (HoldState.HELD, HoldState.LAPSED)


def hold_state(
    *, status: str, show_state: str, sales_until: datetime, has_lost_seats: bool, now: datetime
) -> HoldState:
    """Return what can be done now. `status` is the effective one: see `rules.effective_status`."""
    if show_state == ShowState.CALLED_OFF:
        return HoldState.CALLED_OFF
    if status != BookingStatus.EXPIRED:
        return STATE_OF_STATUS[status]
    if now >= sales_until:
        return HoldState.SALES_CLOSED
    return HoldState.LOST if has_lost_seats else HoldState.LAPSED


STATE_OF_STATUS: dict[str, HoldState] = {
    BookingStatus.HELD: HoldState.HELD,
    BookingStatus.CONFIRMED: HoldState.CONFIRMED,
    BookingStatus.CANCELLED: HoldState.GIVEN_BACK,
}


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
    longer = _longer_until(until, locked.held_at_most_until, locked.now)
    if longer is None:
        raise CannotExtend(
            f"This hold is as long as a hold may be. {ends}", held_until=isoformat_in(until, zone)
        )
    return longer


def may_extend_until(
    *,
    until: datetime | None,
    at_most_until: datetime | None,
    extended_at: datetime | None,
    now: datetime,
) -> datetime | None:
    """Return until when a hold can be extended now; None if it cannot be."""
    is_live = until is not None and until > now
    if until is None or not is_live or extended_at is not None:
        return None
    return _longer_until(until, at_most_until, now)


def check_only_held(locked: LockedBooking) -> None:
    """Refuse with NotHeld to give back a booking that is confirmed by now."""
    if locked.status == BookingStatus.CONFIRMED:
        raise NotHeld("This booking is confirmed by now. Cancel it if you do not want it.")


def _longer_until(
    until: datetime, at_most_until: datetime | None, now: datetime
) -> datetime | None:
    longer = min(held_until(now), at_most_until or until)
    return longer if longer > until else None


def _live_until(locked: LockedBooking) -> datetime:
    until = locked.held_until
    if locked.status == BookingStatus.EXPIRED or (until and until <= locked.now):
        raise NotHeld("This hold ran out. While its seats are free, confirm it; or book others.")
    if until is None:
        status = BookingStatus(locked.status).label.lower()
        raise NotHeld(f"This booking is {status}: there is no hold to keep for longer.")
    return until
