"""Bookings as customers and staff read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from django.db.models import BooleanField, Count, Exists, Func, OuterRef, Q, QuerySet

from marquee.accounts.models import User
from marquee.accounts.permissions import sells_sql
from marquee.booking.models import Booking, Ticket
from marquee.booking.records import TicketRecord
from marquee.booking.states import AdmissionStatus, BookingStatus, Channel, TicketStatus
from marquee.catalog.models import Show
from marquee.catalog.queries import SHOW_JOINS, SHOW_RECORD_COLUMNS, ShowRecord, show_record
from marquee.catalog.states import ShowState
from marquee.core import clock
from marquee.core import sql as sql_of
from marquee.core.clock import DatabaseNow
from marquee.core.keyset import KeysetRows, Start
from marquee.core.sql import fetch_all, json_rows


@dataclass(frozen=True, slots=True)
class BookingDetails:
    """A booking with its tickets and its show, as they are at one moment."""

    now: datetime
    reference: str
    status: str
    held_until: datetime | None
    total: int
    currency: str
    created_at: datetime
    cancel_until: datetime
    tickets: list[TicketRecord]
    channel: str
    show: ShowRecord


BOOKING_DETAILS_SQL = f"""
    SELECT {{now}}, booking.reference, booking.status, booking.held_until, booking.total,
        booking.currency, booking.created_at, booking.cancel_until, {{tickets}}, booking.channel,
        {SHOW_RECORD_COLUMNS.format(show="show")}
    FROM booking JOIN show ON show.id = booking.show_id {SHOW_JOINS.format(show="show")}
    WHERE {{condition}} ORDER BY booking.created_at DESC, booking.id DESC
"""  # noqa: S608 (names of our own)
TICKETS_SQL = "SELECT * FROM ticket WHERE booking_id = booking.id ORDER BY ticket.id"


def get_booking_details(booking_id: int) -> BookingDetails | None:
    """Return the booking with this id, or None.

    One statement reads one moment. Two statements could return a confirmed booking with void tickets,
    if it was cancelled between them.
    """
    found = _read_details("booking.id = %(booking)s", {"booking": booking_id})
    return next(iter(found), None)


def list_booking_details(booking_ids: Iterable[int]) -> list[BookingDetails]:
    """Return the bookings with these ids, the newest first."""
    return _read_details(
        sql_of.key_in("booking.id", "bookings"), {"bookings": sql_of.keys_param(booking_ids)}
    )


def theirs_sql() -> str:
    """Return the condition that what staff sold at the counter is theirs: while they may sell at that cinema."""
    sells = sells_sql("booking.user_id", "booking.show_id")
    return f"(booking.channel <> '{Channel.COUNTER}' OR ({sells}))"


class IsTheirs(Func):
    """The condition of `theirs_sql`, for a QuerySet of bookings."""

    output_field = BooleanField()

    def as_sql(self, *arguments: Any, **options: Any) -> tuple[str, tuple[str | int, ...]]:
        """Return the condition, which has no parameters."""
        return theirs_sql(), ()


# The limit is part of the text, so that each has its own plan. For a limit given as a parameter,
# PostgreSQL assumes a tenth of all bookings, and scans all shows to join them.
USER_BOOKINGS_SQL = """
    booking.id IN (
        SELECT id FROM booking WHERE user_id = %(user)s AND {theirs} {beyond}
        ORDER BY created_at {order}, id {order} LIMIT {limit})
"""
# A comparison of rows with a subquery uses no index; the one before it, which follows from it, does.
BEYOND_SQL = """
    AND created_at {sign}= (SELECT created_at FROM booking WHERE {start})
    AND (created_at, id) {sign}{equal} (SELECT created_at, id FROM booking WHERE {start})
"""
START_SQL = "user_id = %(user)s AND reference = %(start)s"


class UserBookings:
    """The bookings of a customer, the newest first, read in windows: see `core.keyset`.

    A position is a reference, and not an id, which would reveal how many bookings there are.
    """

    def __init__(self, user_id: int, chosen: QuerySet[Booking] | None = None) -> None:
        """Take some of the customer's bookings, or all of them."""
        self.user_id, self.chosen = user_id, chosen

    @property
    def ordering(self) -> str:
        """The name of the list and its order: positions are good for one customer."""
        return f"bookings of {self.user_id}"

    def position(self, booking: BookingDetails) -> list[str]:
        """Return the position of a booking."""
        return [booking.reference]

    def read(self, start: Start | None, limit: int) -> list[BookingDetails]:
        """Return a window of the bookings; of all bookings by one query."""
        if self.chosen is not None:
            return self._read_chosen(start, limit)
        backwards = start is not None and start.backwards
        condition = USER_BOOKINGS_SQL.format(
            theirs=theirs_sql(),
            beyond=_beyond_sql(start),
            order="ASC" if backwards else "DESC",
            limit=int(limit),
        )
        reference = None if start is None else start.position[0]
        return _read_details(condition, {"user": self.user_id, "start": reference})

    def _read_chosen(self, start: Start | None, limit: int) -> list[BookingDetails]:
        chosen = self.chosen.filter(IsTheirs())  # type: ignore[union-attr]
        rows = KeysetRows(chosen.order_by("-created_at", "-id"))
        if start is not None:
            own = Booking.objects.filter(user=self.user_id, reference=start.position[0])
            start = start._replace(position=own.values_list("created_at", "id").get())
        return list_booking_details(booking.pk for booking in rows.read(start, limit))


def _beyond_sql(start: Start | None) -> str:
    if start is None:
        return ""
    sign, equal = ">" if start.backwards else "<", "=" if start.inclusive else ""
    return BEYOND_SQL.format(sign=sign, equal=equal, start=START_SQL)


def _read_details(condition: str, parameters: dict[str, Any]) -> list[BookingDetails]:
    tickets = json_rows("seat_id, type_id, price, status, code", TICKETS_SQL)
    sql = BOOKING_DETAILS_SQL.format(now=clock.now_sql(), tickets=tickets, condition=condition)
    return [_details(row) for row in fetch_all(sql, parameters)]


def _details(row: Sequence[Any]) -> BookingDetails:
    now, reference, status, held_until, total, currency, *rest = row
    created_at, cancel_until, tickets, channel, *show = rest
    return BookingDetails(
        now=clock.from_db_time(now),
        reference=reference,
        status=status,
        held_until=held_until and clock.from_db_time(held_until),
        total=total,
        currency=currency,
        created_at=clock.from_db_time(created_at),
        cancel_until=clock.from_db_time(cancel_until),
        tickets=[TicketRecord(*ticket) for ticket in orjson.loads(tickets)],
        channel=channel,
        show=show_record(show),
    )


OWN_BOOKING_SQL = """
    SELECT id, reference, user_id, show_id, channel FROM booking
    WHERE user_id = %(user)s AND reference = %(reference)s AND {theirs}
"""


def find_own_booking(*, user_id: int, reference: str) -> Booking | None:
    """Return a customer's booking with its ids and channel, for an operation; None if there is none."""
    fields = ["id", "reference", "user_id", "show_id", "channel"]
    sql = OWN_BOOKING_SQL.format(theirs=theirs_sql())
    for row in fetch_all(sql, {"user": user_id, "reference": reference}):
        return Booking.from_db(connection.alias, fields, row)
    return None


BOOKED_SEATS_SQL = "SELECT seat_id FROM ticket WHERE {condition}"
BY_KEY_SQL = """
    SELECT id, reference, user_id, show_id, request_digest FROM booking
    WHERE user_id = %(user)s AND idempotency_key = %(key)s
"""


def find_by_idempotency_key(*, user_id: int, key: str | None) -> Booking | None:
    """Return the booking that a customer's key made, with its ids and digest alone; None if there is none."""
    fields = ["id", "reference", "user_id", "show_id", "request_digest"]
    for row in fetch_all(BY_KEY_SQL, {"user": user_id, "key": key}):
        return Booking.from_db(connection.alias, fields, row)
    return None


def effective_status_q(status: str, *, booking: str = "") -> Q:
    """Return the condition for a status by the clock: see `rules.effective_status`.

    `booking` is the path to the booking, such as `booking__`.
    """
    is_status = Q(**{f"{booking}status": status})
    is_held = Q(**{f"{booking}status": BookingStatus.HELD})
    if status == BookingStatus.HELD:
        return is_held & Q(**{f"{booking}held_until__gt": DatabaseNow()})
    if status == BookingStatus.EXPIRED:
        return is_status | is_held & Q(**{f"{booking}held_until__lte": DatabaseNow()})
    return is_status


def admission_status_q(status: str) -> Q:
    """Return the condition for tickets that admit or do not: see `rules.admission_status`."""
    if status == AdmissionStatus.USED:
        return Q(status=status)
    valid = Q(status=TicketStatus.VALID)
    if status == AdmissionStatus.VOID:
        return Q(status=status) | valid & Q(booking__status=BookingStatus.CANCELLED)
    of_booking = BookingStatus.CONFIRMED if status == AdmissionStatus.VALID else status
    return valid & effective_status_q(of_booking, booking="booking__")


def live_q() -> Q:
    """Return the condition for live bookings: confirmed ones, and holds that have not expired."""
    return effective_status_q(BookingStatus.HELD) | effective_status_q(BookingStatus.CONFIRMED)


def is_live(booking: Booking) -> bool:
    """Return whether a booking is confirmed, or a hold that has not expired."""
    return Booking.objects.filter(live_q(), pk=booking.pk).exists()


def live_booking_ids(show: Show) -> list[int]:
    """Return the ids of the live bookings of a show, ascending."""
    rows = Booking.objects.filter(live_q(), show=show).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def booked_seat_ids(booking_ids: Iterable[int]) -> set[int]:
    """Return the ids of the seats that these bookings have tickets for."""
    sql = BOOKED_SEATS_SQL.format(condition=sql_of.key_in("booking_id", "bookings"))
    rows = fetch_all(sql, {"bookings": sql_of.keys_param(booking_ids)})
    return {seat for (seat,) in rows}


def filter_upcoming(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    """Keep the bookings of shows that have not ended."""
    return rows.filter(show__ends_at__gt=DatabaseNow())


def filter_past(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    """Keep the bookings of shows that have ended."""
    return rows.filter(show__ends_at__lte=DatabaseNow())


def expired_holds() -> QuerySet[Booking]:
    """Return the expired holds that are not yet recorded as expired, the oldest first."""
    expired = Booking.objects.filter(status=BookingStatus.HELD, held_until__lte=DatabaseNow())
    return expired.order_by("held_until")


def count_live_bookings(shows: QuerySet[Show]) -> int:
    """Return how many live bookings these shows have."""
    return Booking.objects.filter(live_q(), show__in=shows.order_by().values("pk")).count()


def count_valid_tickets(bookings: QuerySet[Booking]) -> int:
    """Return how many valid tickets these bookings have."""
    valid = Ticket.objects.filter(status=TicketStatus.VALID)
    return valid.filter(booking__in=bookings.order_by().values("pk")).count()


def count_bookings(accounts: QuerySet[User]) -> int:
    """Return how many bookings these accounts have, of any status."""
    return Booking.objects.filter(user__in=accounts.order_by().values("pk")).count()


def upcoming_bookings(accounts: QuerySet[User]) -> QuerySet[Booking]:
    """Return the confirmed bookings of these accounts for shows that have not ended, the next first.

    What staff sold at the counter is not theirs.
    """
    bookings = Booking.objects.exclude(channel=Channel.COUNTER).filter(
        user__in=accounts.order_by().values("pk"),
        status=BookingStatus.CONFIRMED,
        show__state=ShowState.SCHEDULED,
        show__ends_at__gt=DatabaseNow(),
    )
    return bookings.order_by("show__starts_at", "pk")


def count_upcoming_tickets(user: User) -> dict[str, int]:
    """Return how many tickets an account has for shows that have not ended, by booking reference."""
    bookings = upcoming_bookings(User.objects.filter(pk=user.pk))
    alive = Q(tickets__status__in=[TicketStatus.VALID, TicketStatus.USED])
    counted = bookings.annotate(alive=Count("tickets", filter=alive))
    return dict(counted.values_list("reference", "alive"))


def called_off_shows_with_bookings() -> QuerySet[Show]:
    """Return the shows called off that still have live bookings."""
    live = [BookingStatus.HELD, BookingStatus.CONFIRMED]
    bookings = Booking.objects.filter(show=OuterRef("pk"), status__in=live)
    return Show.objects.filter(Exists(bookings), state=ShowState.CALLED_OFF)
