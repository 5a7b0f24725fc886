"""The rules of the gate: which tickets admit, and when. Pure functions without queries."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings

from marquee.booking import rules
from marquee.booking.errors import NotAdmitted, TooEarly, TooLate
from marquee.booking.records import LockedBooking
from marquee.booking.states import BookingStatus
from marquee.catalog.states import ShowState
from marquee.core.errors import BadInput
from marquee.core.text import find_problem
from marquee.core.zones import isoformat_in, write_time

MAX_REASON_LENGTH = 500


def clean_reason(reason: str) -> str:
    """Return a reason as it is recorded, in one line. Refuses with BadInput an overlong or unreadable one."""
    reason = " ".join(reason.split())
    if problem := find_problem(reason):
        raise BadInput(problem, field="reason")
    if len(reason) > MAX_REASON_LENGTH:
        raise BadInput(f"A reason has at most {MAX_REASON_LENGTH} characters.", field="reason")
    return reason


def check_may_admit(locked: LockedBooking, *, reason: str) -> None:
    """Refuse with NotAdmitted the tickets of a booking that is not confirmed.

    Tickets admit on the evening of their show: from ADMIT_FROM_MINUTES before its start to its end.
    Refuses with TooEarly before and TooLate after that, unless there is a reason.
    """
    if locked.status != BookingStatus.CONFIRMED:
        raise NotAdmitted(_why_not_confirmed(locked))
    if not reason:
        _check_is_evening_of_show(locked)


def _why_not_confirmed(locked: LockedBooking) -> str:
    if locked.show_state == ShowState.CALLED_OFF:
        return "The show is called off, and the booking of this ticket with it."
    if locked.status == BookingStatus.CANCELLED:
        return "The booking of this ticket was cancelled."
    if rules.is_expired(locked):
        return "The booking of this ticket was a hold that ran out: confirm it first, if the seats are free."
    return "The booking of this ticket is only held: confirm it first."


def _check_is_evening_of_show(locked: LockedBooking) -> None:
    """Refuse with TooEarly or TooLate."""
    opens_at = locked.starts_at - timedelta(minutes=settings.ADMIT_FROM_MINUTES)
    window = {
        "admits_from": isoformat_in(opens_at, locked.zone),
        "admits_until": isoformat_in(locked.ends_at, locked.zone),
    }
    starts = write_time(locked.starts_at, locked.zone)
    if locked.now < opens_at:
        raise TooEarly(
            f"This ticket is for the show of {starts}, and admits from "
            f"{write_time(opens_at, locked.zone)}. To admit now, give a reason.",
            **window,
        )
    if locked.now > locked.ends_at:
        raise TooLate(
            f"This ticket was for the show of {starts}, which ended at "
            f"{write_time(locked.ends_at, locked.zone)}. To admit all the same, give a reason.",
            **window,
        )


def void(*, reference: str, seats_instead: Sequence[str]) -> NotAdmitted:
    """Return why a void ticket of a confirmed booking does not admit: it was exchanged, or cancelled by itself.

    `seats_instead` are the seats that the booking has now, if the ticket was given up for others.
    """
    if not seats_instead:
        return NotAdmitted("This ticket was cancelled.")
    return NotAdmitted(
        f"This ticket was exchanged: booking {reference} has {', '.join(seats_instead)} now. Ask for the "
        "newest mail, or look the booking up, and admit its valid tickets.",
        reference=reference,
        seats=[*seats_instead],
    )


def check_may_undo_admission(locked: LockedBooking, *, reason: str) -> None:
    """Refuse with BadInput to undo an admission without a reason, with NotAdmitted in a cancelled booking."""
    if not reason:
        raise BadInput("Say why the admission is undone.", field="reason")
    if locked.status != BookingStatus.CONFIRMED:
        raise NotAdmitted(f"{_why_not_confirmed(locked)} The admission stays as it was.")
