"""Close a customer's account, and cancel what may still be cancelled."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from marquee.accounts import operations as accounts
from marquee.accounts.models import User
from marquee.booking import claims, locks, rules
from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.operations import transitions
from marquee.booking.operations.transitions import CANCELLED, CONFIRMED, HELD
from marquee.core.transactions import transactional


def close_account(*, user: User) -> None:
    """Cancel a customer's holds and all that may still be cancelled, and erase the personal data.

    What is too late to cancel, or partly used, stays, and counts towards the limits of the address.
    Closing twice changes nothing. Refuses with LastSuperuser, and then nothing is cancelled.
    """
    while not _close_once(user):
        pass


@transactional
def _close_once(user: User) -> bool:
    """Close the account; return False if it was booked with meanwhile, so that we must lock again."""
    shows = set(_live_bookings(user).values_list("show_id", flat=True))
    locks.share_gates(shows)
    locks.lock_account(user.pk)
    bookings = list(_live_bookings(user).order_by("show_id", "pk"))
    if not {booking.show_id for booking in bookings} <= shows:
        return False  # made while we waited: its show must be locked before the account
    _cancel_each(bookings)
    accounts.delete_account(user=user)
    return True


def _live_bookings(user: User) -> QuerySet[Booking]:
    return Booking.objects.filter(user=user.pk, status__in=[HELD, CONFIRMED])


def _cancel_each(bookings: Iterable[Booking]) -> None:
    """Cancel those of the bookings that may be. Seats come last, show by show, in their one order."""
    cancelled: dict[int, list[int]] = defaultdict(list)  # booking ids by show id
    seats: dict[int, set[int]] = defaultdict(set)
    for booking in bookings:
        locked = locks.for_change(booking)
        if not _goes_with_account(booking, locked):
            continue
        transitions.set_status(booking, to=CANCELLED, out_of=[HELD, CONFIRMED])
        transitions.void_tickets(booking)
        transitions.record_event(booking, BookingEvent.Kind.CANCELLED, locked.now)
        cancelled[booking.show_id].append(booking.pk)
        seats[booking.show_id] |= locked.seats
    for show_id, booking_ids in cancelled.items():
        claims.release_of(show_id, seats[show_id], booking_ids)


def _goes_with_account(booking: Booking, locked: locks.LockedBooking) -> bool:
    return rules.goes_with_account(
        status=locked.status,
        has_used_ticket=booking.tickets.filter(status=Ticket.Status.USED).exists(),
        until=rules.cancel_until(locked.starts_at, locked.cancel_until_minutes),
        now=locked.now,
    )
