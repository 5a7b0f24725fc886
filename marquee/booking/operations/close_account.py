"""Close a customer's account, and cancel what may still be cancelled."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from django.db.models import QuerySet

from marquee.accounts import operations as accounts
from marquee.accounts.models import User
from marquee.booking import claims, locks, queries, rules
from marquee.booking.models import Booking
from marquee.booking.operations import transitions
from marquee.booking.records import Actor
from marquee.booking.states import (
    ActorKind,
    BookingStatus,
    Channel,
    EventKind,
    TicketStatus,
    UpcomingBookings,
)
from marquee.core.clock import DatabaseNow
from marquee.core.transactions import transactional


def close_own_account(
    *,
    user: User,
    password: str | None,
    networks: Sequence[str],
    upcoming: UpcomingBookings | None,
    actor: Actor | None = None,
    language: str = "",
) -> bool:
    """Close the account of a customer who gives its password: see `close_account`. Return True.

    A guest has no password. It gets a mail with a link that closes it (`close_by_link`): return False.
    `networks` are those of the client, and `language` is that of the request. Refuses with
    TooManyAttempts, PasswordRequired, WrongPassword or GuestAccount, too.
    """
    if user.is_guest and password is None:
        accounts.ask_to_close(user=user, networks=networks, language=language)
        return False
    accounts.confirm_password(user=user, password=password, networks=networks)
    close_account(user=user, upcoming=upcoming, actor=actor)
    return True


def close_account(
    *,
    user: User,
    upcoming: UpcomingBookings | None = None,
    actor: Actor | None = None,
    proof: Callable[[], object] = lambda: None,
) -> None:
    """Cancel a customer's holds, cancel or keep the bookings to come, and erase the personal data.

    What is too late to cancel, or partly used, is kept, and counts towards the limits of the address.
    Kept bookings are a guest's from then on, with the customer's name and address, for mails about the
    shows, until the day after the last of them. Closing twice changes nothing. Without an `actor` the
    customer closes it. `proof` is called under the locks, and may refuse. Nothing is mailed: the address is erased in this transaction.

    Refuses with HasUpcomingBookings unless it is said what becomes of them, and with LastSuperuser.
    Then nothing is cancelled.
    """
    while not _close_once(user, upcoming, actor, proof):
        pass


@transactional
def _close_once(
    user: User,
    upcoming: UpcomingBookings | None,
    actor: Actor | None,
    proof: Callable[[], object],
) -> bool:
    """Close the account. Return False if a booking was made while we waited for the locks.

    Its show must be locked before the account, so the caller starts again.
    """
    shows = set(_live_bookings(user).values_list("show_id", flat=True))
    locks.share_show_locks(shows)
    locks.lock_account(user.pk)
    bookings = list(_live_bookings(user).order_by("show_id", "pk"))
    if not {booking.show_id for booking in bookings} <= shows:
        return False
    proof()
    rules.check_upcoming_bookings(queries.count_upcoming_tickets(user), choice=upcoming)
    _cancel_each(bookings, upcoming, actor)
    _keep_the_others(user)
    by_staff = actor is not None and actor.by == ActorKind.STAFF
    accounts.delete_account(user=user, staff=User(pk=actor.user_id) if actor and by_staff else None)
    return True


def _keep_the_others(user: User) -> None:
    """Move the bookings to come that stay to a guest of their own."""
    kept = _live_bookings(user).filter(show__ends_at__gt=DatabaseNow())
    owner = User.objects.get(pk=user.pk)
    if not owner.is_closed and kept.exists():
        # A key serves only its own user's retries, who has no token any more.
        keeper = accounts.add_keeper(user=owner)
        kept.update(user=keeper, idempotency_key=None, request_digest="")


def _live_bookings(user: User) -> QuerySet[Booking]:
    live = [BookingStatus.HELD, BookingStatus.CONFIRMED]
    # What staff sold at the counter belongs to others.
    return Booking.objects.filter(user=user.pk, status__in=live).exclude(channel=Channel.COUNTER)


def _cancel_each(
    bookings: Iterable[Booking], upcoming: UpcomingBookings | None, actor: Actor | None
) -> None:
    """Cancel the bookings that may be cancelled.

    Seats are released last, show by show in ascending order: every transaction claims them so.
    """
    cancelled: dict[int, list[int]] = defaultdict(list)  # booking ids by show id
    seats: dict[int, set[int]] = defaultdict(set)
    for booking in bookings:
        locked = locks.lock_for_change(booking)
        used = booking.tickets.filter(status=TicketStatus.USED)
        if not rules.ends_with_account(locked, has_used_ticket=used.exists(), choice=upcoming):
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
