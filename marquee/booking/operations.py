"""The verbs of a booking's life: confirm, cancel, close an account, call off, expire, admit.

Each owns its transaction, locks in one order (locks.py), asks the rules (rules.py), moves the
seats (claims.py) and writes down what happened. A refusal leaves everything as it was.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from marquee.accounts import operations as accounts
from marquee.accounts.errors import AccountClosed
from marquee.accounts.models import User
from marquee.booking import claims, locks, queries, rules, terms
from marquee.booking.errors import (
    AlreadyUsed,
    HoldExpired,
    NotAdmitted,
    NotHeld,
    SeatsTaken,
    ShowCalledOff,
    UnknownSeat,
)
from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.usage import UsageQuery, read_usage
from marquee.catalog.errors import RemovedMeanwhile
from marquee.catalog.locks import lock_catalog, lock_show_exclusively
from marquee.catalog.models import Show
from marquee.catalog.queries import get_plan
from marquee.core import clock
from marquee.core.clock import DatabaseNow
from marquee.core.sql import fetch_all
from marquee.core.transactions import run_in_transaction

HELD, CONFIRMED, CANCELLED, EXPIRED = (
    Booking.Status.HELD,
    Booking.Status.CONFIRMED,
    Booking.Status.CANCELLED,
    Booking.Status.EXPIRED,
)
Kind = BookingEvent.Kind


def confirm(*, booking: Booking) -> None:
    """Turn a hold into a confirmed booking. Confirming twice changes nothing.

    A hold that ran out is still good while nobody else took its seats: then all of them are had
    again, or none. Refuses with HoldExpired, NotHeld (it was cancelled) or ShowCalledOff; one that
    ran out also with AccountClosed, SalesClosed, SeatLimit, UnpaidLimit and what `terms.check` refuses, like a new
    booking.
    """

    def work() -> None:
        at = locks.for_change(booking, counting=True)
        if at.status == CONFIRMED:
            return
        if at.show_state == Show.State.CALLED_OFF:
            raise ShowCalledOff("This show is called off, and the booking with it.")
        if at.status == CANCELLED:
            raise NotHeld("This booking was cancelled. Book the seats anew.")
        if at.has_lapsed:
            _check_may_regain(booking, at)
        _sell(booking, at.seats)
        _move(booking, to=CONFIRMED, out_of=[HELD, EXPIRED])
        _record(booking, Kind.CONFIRMED, at.now)

    run_in_transaction(work)


def _check_may_regain(booking: Booking, at: locks.LockedBooking) -> None:
    """Refuse what would be refused to a new booking: the clock gave these seats up."""
    if not at.is_active:
        raise AccountClosed("The account of this booking was closed. Book the seats anew.")
    rules.check_on_sale(state=at.show_state, sales_until=at.sales_until, zone=at.zone, now=at.now)
    query = UsageQuery(booking.user_id, booking.show_id, at.client_key, at.now, hold=True)
    usage, wants = read_usage(query), len(at.seats)
    rules.check_seat_limit(has=usage.customer_seats, wants=wants)
    if not at.is_staff:
        capacity = len(get_plan(at.seat_plan_id).places)
        rules.check_unpaid_limit(usage=usage, wants=wants, capacity=capacity)
        terms.check_again(booking, query)


def _sell(booking: Booking, seats: set[int]) -> None:
    won = claims.sell(booking.show_id, seats, booking.pk)
    if lost := seats - won:
        labels = labels_of(booking.show, lost)
        raise HoldExpired(
            f"The hold ran out, and somebody else has {', '.join(labels)}. Choose other seats.",
            seats=labels,
        )


def cancel(*, booking: Booking) -> None:
    """Give the seats back and void the tickets. Cancelling twice changes nothing.

    Refuses with TooLateToCancel, AlreadyUsed, or NotHeld (the hold ran out by itself).
    """

    def work() -> None:
        at = locks.for_change(booking)
        if at.status == CANCELLED:
            return
        if at.has_lapsed:
            raise NotHeld("This hold ran out by itself; its seats are free again.")
        if at.status == CONFIRMED:
            until = rules.cancel_until(at.starts_at, at.cancel_until_minutes)
            rules.check_may_cancel(until=until, zone=at.zone, now=at.now)
        _move(booking, to=CANCELLED, out_of=[HELD, CONFIRMED])
        claims.release(booking.show_id, at.seats, booking.pk)
        _void_tickets(booking, at.seats, at.zone)
        _record(booking, Kind.CANCELLED, at.now)

    run_in_transaction(work)


VOIDED = """
    UPDATE ticket SET status = 'void' WHERE booking_id = %(booking)s AND status = 'valid' RETURNING id
"""


def _void_tickets(booking: Booking, seats: set[int], zone: str) -> None:
    """Void every ticket, or refuse with AlreadyUsed: the gate may have been a moment faster."""
    voided = fetch_all(VOIDED, {"booking": booking.pk})
    if len(voided) == len(seats):
        return
    if used := Ticket.objects.filter(booking=booking, status=Ticket.Status.USED).first():
        raise _already_used(used, zone)


def close_account(*, user: User) -> None:
    """Cancel a customer's holds and all that may still be cancelled, and forget who it was.

    What is too late to cancel, or partly used, stays, and counts towards the limits of the address.
    Closing twice changes nothing. Refuses with LastSuperuser, and then nothing is cancelled.
    """

    def work() -> bool:
        shows = set(_live_bookings(user).values_list("show_id", flat=True))
        locks.share_gates(shows)
        locks.lock_account(user.pk)
        bookings = list(_live_bookings(user).order_by("show_id", "pk"))
        if not {booking.show_id for booking in bookings} <= shows:
            return False  # made while we waited: its show must be locked before the account
        _give_up(bookings)
        accounts.delete_account(user=user)
        return True

    while not run_in_transaction(work):
        pass


def _live_bookings(user: User) -> QuerySet[Booking]:
    return Booking.objects.filter(user=user.pk, status__in=[HELD, CONFIRMED])


def _give_up(bookings: Iterable[Booking]) -> None:
    """Cancel those of the bookings that may be. Seats come last, show by show, in their one order."""
    given_up: dict[int, list[int]] = defaultdict(list)  # bookings by show
    seats: dict[int, set[int]] = defaultdict(set)
    for booking in bookings:
        at = locks.for_change(booking)
        if not _goes_with_account(booking, at):
            continue
        _move(booking, to=CANCELLED, out_of=[HELD, CONFIRMED])
        fetch_all(VOIDED, {"booking": booking.pk})
        _record(booking, Kind.CANCELLED, at.now)
        given_up[booking.show_id].append(booking.pk)
        seats[booking.show_id] |= at.seats
    for show_id, keys in given_up.items():
        claims.release_of(show_id, seats[show_id], keys)


def _goes_with_account(booking: Booking, at: locks.LockedBooking) -> bool:
    return rules.goes_with_account(
        status=at.status,
        has_used_ticket=booking.tickets.filter(status=Ticket.Status.USED).exists(),
        until=rules.cancel_until(at.starts_at, at.cancel_until_minutes),
        now=at.now,
    )


def call_off(*, show: Show) -> None:
    """Call a show off, and cancel every booking it has. Doing it again finishes what is left.

    Refuses with RemovedMeanwhile.
    """

    def work() -> None:
        lock_catalog()
        now = _lock_show(show)
        Show.objects.filter(pk=show.pk).update(state=Show.State.CALLED_OFF)
        live = queries.has_status(HELD) | queries.has_status(CONFIRMED)
        bookings = list(Booking.objects.filter(live, show=show).order_by("pk"))
        for booking in bookings:
            _move(booking, to=CANCELLED, out_of=[HELD, CONFIRMED])
        tickets = Ticket.objects.filter(booking__in=[booking.pk for booking in bookings])
        claims.release_all(show.pk, set(tickets.values_list("seat_id", flat=True)))
        tickets.filter(status=Ticket.Status.VALID).update(status=Ticket.Status.VOID)
        _record_all(bookings, Kind.CALLED_OFF, now)

    run_in_transaction(work)


def _lock_show(show: Show) -> datetime:
    """Wait for every booking under way at this show, let no further one begin; return when.

    Refuses with RemovedMeanwhile.
    """
    lock_show_exclusively(show)
    shows = Show.objects.filter(pk=show.pk)
    try:
        shows.select_for_update().get()
    except Show.DoesNotExist:
        raise RemovedMeanwhile("The show was removed a moment ago.") from None
    # Another query: PostgreSQL reads the columns of a locking one before it waits.
    return shows.annotate(now=DatabaseNow()).values_list("now", flat=True).get()


def expire(*, booking: Booking) -> None:
    """Tidy up a hold that the clock has ended: free the seats nobody took over meanwhile."""

    def work() -> None:
        at = locks.for_change(booking)
        if at.status == HELD and at.has_lapsed:
            _move(booking, to=EXPIRED, out_of=[HELD])
            claims.release(booking.show_id, at.seats, booking.pk)
            _record(booking, Kind.EXPIRED, at.now)

    run_in_transaction(work)


def admit(*, ticket: Ticket) -> None:
    """Let the bearer of a ticket in, once. Refuses with AlreadyUsed or NotAdmitted."""

    def work() -> None:
        at = locks.for_change(ticket.booking)
        if at.status != CONFIRMED:
            raise NotAdmitted("The booking of this ticket is not confirmed.")
        one = Ticket.objects.filter(pk=ticket.pk)
        valid = one.filter(status=Ticket.Status.VALID)
        if not valid.update(status=Ticket.Status.USED, used_at=at.now):
            raise _already_used(one.get(), at.zone)
        _record(ticket.booking, Kind.ADMITTED, at.now)

    run_in_transaction(work)


def block(*, show: Show, seats: set[int]) -> None:
    """Take seats off sale, all or none: house seats, broken seats.

    Refuses with SeatsTaken, RemovedMeanwhile, and UnknownSeat when the show has moved to another
    auditorium.
    """

    def work() -> None:
        _lock_show(show)
        _check_not_moved(show, seats)
        if lost := seats - claims.block(show.pk, seats):
            labels = labels_of(show, lost)
            raise SeatsTaken(f"Not free to block: {', '.join(labels)}.", seats=labels)

    run_in_transaction(work)


def _check_not_moved(show: Show, seats: set[int]) -> None:
    """Refuse with UnknownSeat if the show, as it is under the lock, has another seat plan."""
    if not Show.objects.filter(pk=show.pk, seat_plan=show.seat_plan_id).exists():
        labels = labels_of(show, seats)
        raise UnknownSeat(
            "The show has moved to another auditorium. Choose seats there.",
            field="seats",
            seats=labels,
        )


def unblock(*, show: Show, seats: set[int]) -> None:
    """Put blocked seats back on sale. Seats that are not blocked stay as they are.

    Refuses with RemovedMeanwhile.
    """

    def work() -> None:
        _lock_show(show)
        claims.unblock(show.pk, seats)

    run_in_transaction(work)


def labels_of(show: Show, seats: Iterable[int]) -> list[str]:
    """Return what is printed on these seats, in their order in the auditorium."""
    by_id = get_plan(show.seat_plan_id).by_id
    return [by_id[seat].label for seat in sorted(seats)]


MOVED = """
    UPDATE booking SET status = %(to)s, held_until = NULL, released_at = {released_at}
    WHERE id = %(booking)s AND status IN ({out_of}) RETURNING id
"""
# A hold that ran out gave its seats back when it did, whenever it is tidied up.
RELEASED_AT: dict[str, str] = {CONFIRMED: "NULL", CANCELLED: "{now}", EXPIRED: "held_until"}


def _move(booking: Booking, *, to: str, out_of: list[str]) -> None:
    """Change the status by compare-and-set on the row's own columns: see DESIGN 5."""
    sql = MOVED.format(
        released_at=RELEASED_AT[to].format(now=clock.now_sql()),
        out_of=", ".join(f"'{status}'" for status in out_of),
    )
    if not fetch_all(sql, {"booking": booking.pk, "to": to}):
        raise RuntimeError(f"Booking {booking.reference} changed under its own lock.")


EVENT = "INSERT INTO booking_event (booking_id, kind, at) VALUES (%(booking)s, %(kind)s, %(at)s)"


def _record(booking: Booking, kind: str, at: datetime) -> None:
    fetch_all(EVENT, {"booking": booking.pk, "kind": kind, "at": clock.to_db_time(at)})


def _record_all(bookings: Iterable[Booking], kind: str, at: datetime) -> None:
    BookingEvent.objects.bulk_create(
        BookingEvent(booking=booking, kind=kind, at=at) for booking in bookings
    )


def _already_used(ticket: Ticket, zone: str) -> AlreadyUsed:
    used_at = ticket.used_at and clock.isoformat_in(ticket.used_at, zone)
    return AlreadyUsed("This ticket was used at the door already.", used_at=used_at)
