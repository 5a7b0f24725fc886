"""Close a customer's account, and cancel what may still be cancelled."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from marquee.accounts import operations as accounts
from marquee.accounts.models import User
from marquee.booking import claims, locks, rules
from marquee.booking.models import Booking
from marquee.booking.operations import transitions
from marquee.booking.records import Actor
from marquee.booking.states import BookingStatus, EventKind, TicketStatus
from marquee.core.transactions import transactional


def close_account(*, user: User, actor: Actor | None = None) -> None:
    """Cancel a customer's holds and all that may still be cancelled, and erase the personal data.

    What is too late to cancel, or partly used, stays, and counts towards the limits of the address.
    Closing twice changes nothing. Without an `actor` the customer closes it. Refuses with LastSuperuser, and then nothing is cancelled.
    """
    while not _close_once(user, actor):
        pass


@transactional
def _close_once(user: User, actor: Actor | None) -> bool:
    """Close the account. Return False if a booking was made while we waited for the locks.

    Its show must be locked before the account, so the caller starts again.
    """
    shows = set(_live_bookings(user).values_list("show_id", flat=True))
    locks.share_show_locks(shows)
    locks.lock_account(user.pk)
    bookings = list(_live_bookings(user).order_by("show_id", "pk"))
    if not {booking.show_id for booking in bookings} <= shows:
        return False
    _cancel_each(bookings, actor)
    accounts.delete_account(user=user)
    return True


def _live_bookings(user: User) -> QuerySet[Booking]:
    live = [BookingStatus.HELD, BookingStatus.CONFIRMED]
    return Booking.objects.filter(user=user.pk, status__in=live)


def _cancel_each(bookings: Iterable[Booking], actor: Actor | None) -> None:
    """Cancel the bookings that may be cancelled.

    Seats are released last, show by show in ascending order: every transaction claims them so.
    """
    cancelled: dict[int, list[int]] = defaultdict(list)  # booking ids by show id
    seats: dict[int, set[int]] = defaultdict(set)
    for booking in bookings:
        locked = locks.lock_for_change(booking)
        used = booking.tickets.filter(status=TicketStatus.USED)
        if not rules.ends_with_account(locked, has_used_ticket=used.exists()):
            continue
        transitions.set_status(
            [booking.pk],
            to=BookingStatus.CANCELLED,
            out_of=[BookingStatus.HELD, BookingStatus.CONFIRMED],
        )
        transitions.void_tickets([booking.pk])
        transitions.record_events([booking.pk], EventKind.CANCELLED, locked.now, actor)
        cancelled[booking.show_id].append(booking.pk)
        seats[booking.show_id] |= locked.seats
    for show_id, booking_ids in cancelled.items():
        claims.release_for_bookings(show_id, seats[show_id], booking_ids)
