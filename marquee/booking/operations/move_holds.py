"""Give the holds of a visitor to the account that it logs in to, or opens, half way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from marquee.accounts.models import User
from marquee.accounts.queries import guests_of_visitor
from marquee.booking import locks
from marquee.booking.models import Booking, Ticket
from marquee.booking.operations import new_owner, transitions
from marquee.booking.records import Actor
from marquee.booking.states import BookingStatus, EventKind, TicketStatus
from marquee.core.clock import database_now
from marquee.core.errors import Refused
from marquee.core.transactions import transactional


@dataclass(frozen=True, slots=True)
class MovedHolds:
    """The references of the holds that are the account's now, and why others are not."""

    moved: Sequence[str] = ()
    refused: Mapping[str, Refused] = field(default_factory=dict)


def move_holds(*, visitor: UUID, user: User) -> MovedHolds:
    """Give the live holds of a visitor's guests to an account, in one transaction.

    What was confirmed or has ended stays the guests'. So do the holds at a show of which the account
    would have too many seats: they are returned with a SeatLimit, UnpaidLimit or WheelchairLimit.
    """
    while (moved := _move_once(visitor, user)) is None:
        pass
    return moved


@transactional
def _move_once(visitor: UUID, user: User) -> MovedHolds | None:
    """Return None if a guest held seats of another show while we waited for the locks.

    Its show must be locked before the guest, so the caller starts again.
    """
    guests = guests_of_visitor(visitor)
    shows = _shows_with_holds(guests)
    if not shows:
        return MovedHolds()
    locks.share_show_locks(shows)
    locks.lock_counters(user.pk)
    for pk in sorted({user.pk, *guests}):
        locks.lock_account(pk)
    holds = locks.lock_holds(guests)
    if not {hold.show_id for hold in holds} <= shows:
        return None
    now = database_now()
    live = [hold for hold in holds if hold.held_until and hold.held_until > now]
    if not User.objects.filter(pk=user.pk, is_active=True, email__isnull=False).exists():
        return MovedHolds()
    return _move(live, user, now)


def _shows_with_holds(guests: Sequence[int]) -> set[int]:
    holds = Booking.objects.filter(user__in=guests, status=BookingStatus.HELD)
    return set(holds.values_list("show_id", flat=True))


def _move(holds: Sequence[Booking], user: User, now: datetime) -> MovedHolds:
    moved: list[str] = []
    refused: dict[str, Refused] = {}
    for show_id in sorted({hold.show_id for hold in holds}):
        here = [hold for hold in holds if hold.show_id == show_id]
        references = [hold.reference for hold in here]
        try:
            _move_at(show_id, [hold.pk for hold in here], user, now)
        except Refused as refusal:
            refused |= dict.fromkeys(references, refusal)
        else:
            moved += references
    return MovedHolds(moved, refused)


@transaction.atomic
def _move_at(show_id: int, bookings: list[int], user: User, now: datetime) -> None:
    """Move the holds of one show, and undo that if the account has too many seats of it then."""
    tickets = Ticket.objects.filter(booking__in=bookings, status=TicketStatus.VALID)
    seats = set(tickets.values_list("seat_id", flat=True))
    new_owner.give(bookings, user.pk)
    transitions.record_events(bookings, EventKind.JOINED, now, Actor.customer(user.pk))
    new_owner.check_limits(show_id, seats, user.pk, now=now)
