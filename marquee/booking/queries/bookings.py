"""Bookings as customers and staff read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from marquee.accounts.models import User
from marquee.booking.models import Booking, Ticket
from marquee.catalog.models import Show
from marquee.catalog.queries import SHOW_FACTS, SHOW_JOINS, ShowRecord, show_facts
from marquee.core import clock
from marquee.core import sql as sql_of
from marquee.core.clock import DatabaseNow
from marquee.core.sql import fetch_all, json_rows


class TicketRecord(NamedTuple):
    """One ticket, as far as an answer tells of it."""

    seat_id: int
    type_id: str
    price: int
    status: str
    code: str


@dataclass(frozen=True, slots=True)
class BookingDetails:
    """A booking with all that an answer tells of it, as one moment has it."""

    now: datetime
    reference: str
    status: str
    held_until: datetime | None
    total: int
    currency: str
    created_at: datetime
    tickets: list[TicketRecord]
    show: ShowRecord


TOLD = f"""
    SELECT {{now}}, booking.reference, booking.status, booking.held_until, booking.total,
        booking.currency, booking.created_at, {{tickets}}, {SHOW_FACTS.format(show="show")}
    FROM booking JOIN show ON show.id = booking.show_id {SHOW_JOINS.format(show="show")}
    WHERE {{chosen}} ORDER BY booking.created_at DESC, booking.id DESC
"""  # noqa: S608 (names of our own)
TICKETS = "SELECT * FROM ticket WHERE booking_id = booking.id ORDER BY ticket.id"


def told(key: int) -> BookingDetails | None:
    """Return the booking with this key, if there is one.

    One statement, so one moment: read by two, a booking cancelled between them would be told as
    confirmed, with void tickets, as it never stood.
    """
    return next(iter(_read_told("booking.id = %(booking)s", {"booking": key})), None)


def all_told(keys: Iterable[int]) -> list[BookingDetails]:
    """Return the bookings with these keys, the newest first."""
    return _read_told(
        sql_of.key_in("booking.id", "bookings"), {"bookings": sql_of.keys_param(keys)}
    )


# The limit stands in the text, for one plan each: PostgreSQL would take one that it is told later for
# a tenth of all bookings, and read every show there is beside them.
THEIRS = """
    booking.id IN (
        SELECT id FROM booking WHERE user_id = %(user)s
        ORDER BY created_at DESC, id DESC LIMIT {most} OFFSET %(start)s)
"""


class UserBookings:
    """The bookings of a customer, the newest first; a slice of them is read when it is taken."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id

    def __getitem__(self, window: slice) -> list[BookingDetails]:
        """Return those from a start up to a stop, by one query."""
        most = window.stop - window.start
        chosen = THEIRS.format(most=most)
        return _read_told(chosen, {"user": self.user_id, "start": window.start})


def _read_told(chosen: str, parameters: dict[str, Any]) -> list[BookingDetails]:
    tickets = json_rows("seat_id, type_id, price, status, code", TICKETS)
    sql = TOLD.format(now=clock.now_sql(), tickets=tickets, chosen=chosen)
    return [_told(row) for row in fetch_all(sql, parameters)]


def _told(row: Sequence[Any]) -> BookingDetails:
    now, reference, status, held_until, total, currency, created_at, tickets, *show = row
    return BookingDetails(
        now=clock.from_db_time(now),
        reference=reference,
        status=status,
        held_until=held_until and clock.from_db_time(held_until),
        total=total,
        currency=currency,
        created_at=clock.from_db_time(created_at),
        tickets=[TicketRecord(*ticket) for ticket in orjson.loads(tickets)],
        show=show_facts(show),
    )


FOUND = "SELECT id, reference, user_id, show_id FROM booking WHERE user_id = %(user)s AND reference = %(reference)s"


def find(*, user_id: int, reference: str) -> Booking | None:
    """Return a customer's booking with only its keys read, for an operation; None if it is not theirs."""
    fields = ["id", "reference", "user_id", "show_id"]
    for row in fetch_all(FOUND, {"user": user_id, "reference": reference}):
        return Booking.from_db(connection.alias, fields, row)
    return None


MADE_WITH = """
    SELECT id, reference, user_id, show_id, request_digest FROM booking
    WHERE user_id = %(user)s AND idempotency_key = %(key)s
"""


def made_with(*, user_id: int, key: str | None) -> Booking | None:
    """Return what a customer's key has made, with its keys and digest read; None if nothing."""
    fields = ["id", "reference", "user_id", "show_id", "request_digest"]
    for row in fetch_all(MADE_WITH, {"user": user_id, "key": key}):
        return Booking.from_db(connection.alias, fields, row)
    return None


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


def status_at(booking: Booking | BookingDetails, now: datetime) -> str:
    """Return where a booking stands by the clock: a held one past its time has expired."""
    if booking.held_until is not None and booking.held_until <= now:
        return Booking.Status.EXPIRED
    return booking.status


def lapsed_holds() -> QuerySet[Booking]:
    """Return the holds that the clock has ended and nobody has tidied up, the oldest first."""
    lapsed = Booking.objects.filter(status=Booking.Status.HELD, held_until__lte=DatabaseNow())
    return lapsed.order_by("held_until")


def count_live_bookings(shows: QuerySet[Show]) -> int:
    """Return how many bookings would be cancelled with these shows."""
    live = has_status(Booking.Status.HELD) | has_status(Booking.Status.CONFIRMED)
    return Booking.objects.filter(live, show__in=shows.order_by().values("pk")).count()


def count_valid_tickets(bookings: QuerySet[Booking]) -> int:
    """Return how many tickets would be void without these bookings."""
    valid = Ticket.objects.filter(status=Ticket.Status.VALID)
    return valid.filter(booking__in=bookings.order_by().values("pk")).count()


def count_bookings_of(accounts: QuerySet[User]) -> int:
    """Return how many bookings these accounts have, of whatever status."""
    return Booking.objects.filter(user__in=accounts.order_by().values("pk")).count()


def called_off_with_bookings() -> QuerySet[Show]:
    """Return the shows that are called off and yet have bookings that are not."""
    live = [Booking.Status.HELD, Booking.Status.CONFIRMED]
    bookings = Booking.objects.filter(show=OuterRef("pk"), status__in=live)
    return Show.objects.filter(Exists(bookings), state=Show.State.CALLED_OFF)
