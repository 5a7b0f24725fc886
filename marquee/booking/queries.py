"""What people and programs ask about seats and bookings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from marquee.booking.models import Booking, SeatClaim, Ticket
from marquee.catalog.models import Show
from marquee.core import clock
from marquee.core.clock import DatabaseNow

# A hold that the clock has ended is no hold any more, tidied up or not.
LIVE = Q(state=SeatClaim.State.SOLD) | Q(state=SeatClaim.State.HELD, expires_at__gt=DatabaseNow())
NOT_FREE = LIVE | Q(state=SeatClaim.State.BLOCKED)


def taken(show_id: int) -> set[int]:
    """Return the keys of the seats of a show that nobody can book now."""
    claims = SeatClaim.objects.filter(NOT_FREE, show_id=show_id)
    return set(claims.values_list("seat_id", flat=True))


def seats_left(shows: Iterable[Show]) -> dict[int, int]:
    """Return how many seats each show has left, by its key: one query for all of them.

    The shows come with their seat plans.
    """
    shows = list(shows)
    counts = dict(
        SeatClaim.objects.filter(NOT_FREE, show__in=[show.pk for show in shows])
        .values_list("show_id")
        .annotate(count=Count("seat_id"))
        .order_by()
    )
    return {show.pk: show.seat_plan.seats_total - counts.get(show.pk, 0) for show in shows}


@dataclass(frozen=True, slots=True)
class Availability:
    """Which seats of a show are not free, as one moment shows them.

    `version` goes up with every change that can be seen, so it can stand for the answer: twice
    the transitions of all seats, and one for each hold that the clock has ended but nobody has
    tidied. Ending adds one, tidying or taking over such a hold adds two and takes that one away.
    """

    version: int
    states: dict[int, str]


def availability(show_id: int) -> Availability:
    """Return the seats of a show that are not free, by one query."""
    rows = SeatClaim.objects.filter(show_id=show_id).annotate(now=DatabaseNow())
    version = 0
    states = {}
    for seat, state, gen, expires_at, now in rows.values_list(
        "seat_id", "state", "gen", "expires_at", "now"
    ):
        lapsed = expires_at is not None and expires_at <= now
        version += 2 * gen + lapsed
        if not lapsed and state != SeatClaim.State.FREE:
            states[seat] = state
    return Availability(version, states)


def bookings() -> QuerySet[Booking]:
    """Return bookings with all that an answer needs, and `now`, what the database's clock shows.

    Two queries whatever the number: the bookings with their shows, and the tickets.
    """
    tickets = Ticket.objects.annotate(
        booking_status=F("booking__status"), booking_held_until=F("booking__held_until")
    )
    return (
        Booking.objects.annotate(now=DatabaseNow())
        .select_related("show__movie", "show__auditorium__cinema")
        .prefetch_related(Prefetch("tickets", tickets))
    )


def tickets_of(booking: Booking) -> list[Ticket]:
    """Return the tickets of one of `bookings()`, and let it stand as it stood when they were read.

    They take a statement of their own, and a booking may be cancelled between the two: told as
    confirmed, with void tickets, it never stood so.
    """
    tickets: list[Any] = list(booking.tickets.all())
    for ticket in tickets:
        booking.status, booking.held_until = ticket.booking_status, ticket.booking_held_until
    return tickets


def has_status(status: str) -> Q:
    """Return the filter for a status as callers see it, the clock taken into account."""
    lapsed = Q(status=Booking.Status.HELD, held_until__lte=DatabaseNow())
    if status == Booking.Status.EXPIRED:
        return lapsed | Q(status=status)
    return Q(status=status) & ~lapsed if status == Booking.Status.HELD else Q(status=status)


def upcoming(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    """Keep the bookings of shows that have not ended."""
    return rows.filter(show__ends_at__gt=DatabaseNow())


def past(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    """Keep the bookings of shows that have ended."""
    return rows.filter(show__ends_at__lte=DatabaseNow())


def status_at(booking: Booking, now: datetime) -> str:
    """Return where a booking stands by the clock: a held one past its time has expired."""
    if booking.held_until is not None and booking.held_until <= now:
        return Booking.Status.EXPIRED
    return booking.status


def lapsed_holds() -> QuerySet[Booking]:
    """Return the holds that the clock has ended and nobody has tidied up, the oldest first."""
    lapsed = Booking.objects.filter(status=Booking.Status.HELD, held_until__lte=DatabaseNow())
    return lapsed.order_by("held_until")


def with_live_bookings(shows: QuerySet[Show]) -> QuerySet[Show]:
    """Return shows with `live_bookings`, how many would be cancelled with them."""
    live = Q(bookings__status__in=[Booking.Status.HELD, Booking.Status.CONFIRMED])
    rows = shows.select_related("movie", "auditorium__cinema")
    return rows.annotate(live_bookings=Count("bookings", filter=live))


def called_off_with_bookings() -> QuerySet[Show]:
    """Return the shows that are called off and yet have bookings that are not."""
    live = [Booking.Status.HELD, Booking.Status.CONFIRMED]
    bookings = Booking.objects.filter(show=OuterRef("pk"), status__in=live)
    return Show.objects.filter(Exists(bookings), state=Show.State.CALLED_OFF)


LIVE_SEATS = """
    SELECT COUNT(*) FROM booking JOIN ticket ON ticket.booking_id = booking.id
    WHERE booking.show_id = %s AND booking.user_id = %s AND (booking.status = 'confirmed'
        OR booking.status = 'held' AND booking.held_until > {now})
"""


def live_seats(*, user_id: int, show_id: int) -> int:
    """Return how many seats a customer has at a show now, held or sold."""
    with connection.cursor() as cursor:
        cursor.execute(LIVE_SEATS.format(now=clock.sql_now()), [show_id, user_id])
        count: int = cursor.fetchone()[0]
    return count
