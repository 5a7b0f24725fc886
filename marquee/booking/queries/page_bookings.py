"""Bookings as their pages show them: with owner, show, title and tickets, read by one statement each.

A page of one booking is asked for by each customer several times, and the ORM needs 1.1 ms for the six
tables alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from marquee.accounts.models import User
from marquee.booking.models import Booking
from marquee.booking.states import BookingStatus, Channel, EventKind
from marquee.catalog.queries import SHOW_JOINS, SHOW_RECORD_COLUMNS, ShowRecord, show_record
from marquee.catalog.states import ShowState
from marquee.core import clock
from marquee.core import sql as sql_of
from marquee.core.sql import fetch_all, json_rows


class NamedTicket(NamedTuple):
    """A ticket with the label of its seat and the name of its type."""

    seat_id: int
    seat: str
    type_id: str
    type: str
    price: int
    status: str


@dataclass(frozen=True, slots=True)
class PageBooking:
    """A booking at one moment, with all that its pages say of it.

    `booking` and its user have only the columns that pages read. `title` is the movie's in the language
    asked for, else its own. Tickets given up for other seats are left out, others that are void are not.
    """

    now: datetime
    booking: Booking
    title: str
    show: ShowRecord
    tickets: list[NamedTicket]


# In the order of the models' fields, as `from_db` expects them.
BOOKING_FIELDS = (
    "id", "reference", "user_id", "show_id", "status", "held_until", "held_at_most_until", "extended_at",
    "total", "currency", "sold_starts_at", "cancel_until", "channel", "link_epoch",
)  # fmt: skip
TIMES = {"held_until", "held_at_most_until", "extended_at", "sold_starts_at", "cancel_until"}
OWNER_FIELDS = ("id", "email", "contact_email", "visitor", "name", "is_active")
PAGE_SQL = f"""
    SELECT {{now}}, {", ".join(f"booking.{field}" for field in BOOKING_FIELDS)},
        {", ".join(f"owner.{field}" for field in OWNER_FIELDS)},
        COALESCE(said.title, movie.title), {{tickets}}, {SHOW_RECORD_COLUMNS.format(show="show")}
    FROM booking JOIN account AS owner ON owner.id = booking.user_id
        JOIN show ON show.id = booking.show_id {SHOW_JOINS.format(show="show")}
        LEFT JOIN movie_translation AS said
            ON said.movie_id = movie.id AND said.language = %(language)s
    WHERE {{condition}}
"""  # noqa: S608 (names of our own)
TICKETS_SQL = f"""
    SELECT ticket.seat_id, seat.label, ticket.type_id, ticket_type.name, ticket.price, ticket.status
    FROM ticket JOIN seat ON seat.id = ticket.seat_id
        JOIN ticket_type ON ticket_type.code = ticket.type_id
    WHERE ticket.booking_id = booking.id AND (ticket.released_at IS NULL OR NOT EXISTS (
        SELECT 1 FROM booking_event AS exchange WHERE exchange.booking_id = booking.id
            AND exchange.kind = '{EventKind.EXCHANGED}' AND exchange.at = ticket.released_at))
    ORDER BY ticket.id
"""  # noqa: S608 (a constant of our own)
TICKET_COLUMNS = "seat_id, label, type_id, name, price, status"


def find_page_booking(reference: str, language: str) -> PageBooking | None:
    """Return the booking with this reference; None if there is none. Whose it is the caller checks."""
    parameters = {"reference": reference, "language": language}
    found = _read("booking.reference = %(reference)s", parameters)
    return next(iter(found), None)


def list_page_bookings(ids: Sequence[int], language: str) -> list[PageBooking]:
    """Return the bookings with these ids, in this order."""
    if not ids:
        return []
    chosen = sql_of.key_in("booking.id", "bookings")
    rows = _read(chosen, {"bookings": sql_of.keys_param(ids), "language": language})
    found = {row.booking.pk: row for row in rows}
    return [found[booking_id] for booking_id in ids]


# To come are live bookings, and those of shows called off, until their show has ended.
TO_COME_SQL = f"""
    (show.ends_at > {{now}} AND (booking.status = '{BookingStatus.CONFIRMED}'
        OR booking.status = '{BookingStatus.HELD}' AND booking.held_until > {{now}}
        OR booking.status = '{BookingStatus.CANCELLED}' AND show.state = '{ShowState.CALLED_OFF}'))
"""
IDS_SQL = f"""
    SELECT booking.id FROM booking JOIN show ON show.id = booking.show_id
    WHERE {{owned}} AND booking.channel <> '{Channel.COUNTER}' AND {{chosen}}
"""  # noqa: S608 (names and constants of our own)
UPCOMING_SQL = f"{IDS_SQL} ORDER BY show.starts_at, booking.id"
PAST_SQL = f"""
    {IDS_SQL} ORDER BY show.starts_at DESC, booking.id DESC LIMIT %(limit)s OFFSET %(start)s
"""


def upcoming_booking_ids(owner_ids: Iterable[int]) -> list[int]:
    """Return the bookings of these customers that are to come: the next show first.

    What staff sold at the counter is not theirs. A show that was called off is to come until its end.
    """
    return _ids(UPCOMING_SQL, owner_ids, TO_COME_SQL, {})


def past_booking_ids(owner_ids: Iterable[int], *, start: int, limit: int) -> list[int]:
    """Return some of their other bookings, from a position in their order on: the latest show first."""
    return _ids(PAST_SQL, owner_ids, f"NOT {TO_COME_SQL}", {"start": start, "limit": limit})


def _ids(sql: str, owner_ids: Iterable[int], chosen: str, window: dict[str, int]) -> list[int]:
    owned = sql_of.key_in("booking.user_id", "owners")
    text = sql.format(owned=owned, chosen=chosen.format(now=clock.now_sql()))
    rows = fetch_all(text, {"owners": sql_of.keys_param(owner_ids)} | window)
    return [booking_id for (booking_id,) in rows]


def _read(condition: str, parameters: dict[str, Any]) -> list[PageBooking]:
    tickets = json_rows(TICKET_COLUMNS, TICKETS_SQL)
    sql = PAGE_SQL.format(now=clock.now_sql(), tickets=tickets, condition=condition)
    return [_page_booking(*row) for row in fetch_all(sql, parameters)]


def _page_booking(now: Any, *row: Any) -> PageBooking:
    end = len(BOOKING_FIELDS)
    owner_end = end + len(OWNER_FIELDS)
    title, tickets, *show = row[owner_end:]
    booking = _booking(row[:end])
    booking.user = _owner(*row[end:owner_end])
    return PageBooking(
        now=clock.from_db_time(now),
        booking=booking,
        title=title,
        show=show_record(show),
        tickets=[NamedTicket(*ticket) for ticket in orjson.loads(tickets)],
    )


def _booking(columns: Sequence[Any]) -> Booking:
    values = [
        clock.from_db_time(value) if value and name in TIMES else value
        for name, value in zip(BOOKING_FIELDS, columns, strict=True)
    ]
    return Booking.from_db(connection.alias, BOOKING_FIELDS, values)


def _owner(*columns: Any) -> User:
    key, email, contact_email, visitor, *rest = columns
    visitor = UUID(visitor) if isinstance(visitor, str) else visitor  # SQLite has it as text
    values = [key, email, contact_email, visitor, *rest]
    return User.from_db(connection.alias, OWNER_FIELDS, values)
