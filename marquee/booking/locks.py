"""What a transaction locks before it decides, always in one order: gate, counters, user, show,
booking.

On SQLite the whole transaction is alone (BEGIN IMMEDIATE), so the statements need no clause. On
PostgreSQL the weakest locks that do are taken:

- the gate of the show, an advisory lock, shared: see `catalog/gates.py`;
- advisory locks of the customer's addresses and of the client, where limits are counted;
- the user NO KEY UPDATE: one customer's requests wait for each other, so that the seat limit
  counts them all; nobody else waits;
- the show KEY SHARE: bookings do not wait for each other, only for staff who change the show or
  call it off, which take FOR UPDATE;
- the booking NO KEY UPDATE: its changes come one after another.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from marquee.accounts.errors import AccountClosed
from marquee.booking.models import Booking
from marquee.catalog.errors import RemovedMeanwhile
from marquee.catalog.locks import lock_show_exclusively
from marquee.catalog.models import Show
from marquee.catalog.queries import SHOW_FACTS, SHOW_JOINS, ShowRecord, show_facts
from marquee.core import clock
from marquee.core.clock import DatabaseNow
from marquee.core.sql import fetch_all, is_postgresql, json_rows


@dataclass(frozen=True, slots=True)
class LockedShow:
    """What a new booking stands on, as it is under the locks, and the database's clock."""

    now: datetime
    show: ShowRecord
    card_version: int
    is_staff: bool


@dataclass(frozen=True, slots=True)
class LockedBooking:
    """Where a booking and its show stand under the locks, and the database's clock."""

    now: datetime
    show_state: str
    starts_at: datetime
    sales_until: datetime
    seat_plan_id: int
    zone: str  # the cinema's, by whose clock refusals tell times
    cancel_until_minutes: int | None
    is_active: bool
    is_staff: bool
    client_key: int | None
    status: str
    held_until: datetime | None
    seats: set[int]

    @property
    def has_lapsed(self) -> bool:
        """Whether it was a hold that the clock has ended, tidied up or not."""
        lapsed = self.held_until is not None and self.held_until <= self.now
        return self.status == Booking.Status.EXPIRED or lapsed


LOCKED = """
    SELECT account.is_active, account.is_staff, account.token_epoch, show.*
    FROM {gate} account, show
    WHERE account.id = %(user)s AND show.id = %(show)s
"""
TOLD = f"""
    locked.is_active, locked.is_staff, locked.token_epoch, price_card.version, {SHOW_FACTS.format(show="locked")}
"""


def for_booking(
    *, user_id: int, token_epoch: int, show_id: int, client_key: int | None = None
) -> LockedShow:
    """Lock a customer and a show for a new booking, and read what there is to tell of the show.

    Raises Show.DoesNotExist. Refuses with AccountClosed when the account was deactivated, deleted
    or called its tokens back: a token is believed without a query, so this is where it is checked.

    What the show is made of is joined from outside of what is locked. PostgreSQL, having waited
    for staff who gave the show another price card, would inside look for the new card in the row
    of the old one, and answer with no row at all.
    """
    row = _row(
        LOCKED,
        "FOR NO KEY UPDATE OF account FOR KEY SHARE OF show",
        {"user": user_id, "show": show_id, "client": client_key},
        keys=KEYS_OF_BOOKER,
        told=TOLD,
        beside=SHOW_JOINS.format(show="locked")
        + "JOIN price_card ON price_card.id = locked.price_card_id",
    )
    if row is None:
        if Show.objects.filter(pk=show_id).exists():
            raise AccountClosed("This token is no longer good: log in again.")
        raise Show.DoesNotExist
    now, is_active, is_staff, epoch, card_version, *facts = row
    if not is_active or epoch != token_epoch:
        raise AccountClosed("This token is no longer good: log in again.")
    return LockedShow(clock.from_db_time(now), show_facts(facts), card_version, bool(is_staff))


def share_gates(show_ids: Iterable[int]) -> None:
    """Lock the gates of several shows like a customer's, before anything else, in ascending order."""
    if is_postgresql():
        for show_id in sorted(show_ids):
            fetch_all("SELECT pg_advisory_xact_lock_shared(%(show)s)", {"show": show_id})


def lock_account(user_id: int) -> None:
    """Keep a customer from booking or changing anything until this transaction ends."""
    clause = "FOR NO KEY UPDATE" if is_postgresql() else ""
    fetch_all(f"SELECT id FROM account WHERE id = %(user)s {clause}", {"user": user_id})  # noqa: S608


def lock_show(show: Show) -> datetime:
    """Wait for every booking under way at this show, keep further ones out, and return the time.

    Refuses with RemovedMeanwhile.
    """
    lock_show_exclusively(show)
    shows = Show.objects.filter(pk=show.pk)
    try:
        shows.select_for_update().get()
    except Show.DoesNotExist:
        raise RemovedMeanwhile("The show was removed a moment ago.") from None
    # A second query: PostgreSQL evaluates the columns of a locking query before it waits.
    return shows.annotate(now=DatabaseNow()).values_list("now", flat=True).get()


CHANGED = """
    SELECT show.state, show.starts_at, show.sales_until, show.seat_plan_id, cinema.timezone,
        cinema.cancel_until_minutes, account.is_active, account.is_staff, booking.client_key, booking.status, booking.held_until, booking.id AS booking_id
    FROM {gate} booking
    JOIN account ON account.id = booking.user_id
    JOIN show ON show.id = booking.show_id
    JOIN auditorium ON auditorium.id = show.auditorium_id
    JOIN cinema ON cinema.id = auditorium.cinema_id
    WHERE booking.id = %(booking)s
"""
# For ever those that the booking was made with.
SEATS = "SELECT seat_id FROM ticket WHERE booking_id = locked.booking_id"


def for_change(booking: Booking, *, counting: bool = False) -> LockedBooking:
    """Lock a booking, with its customer and its show, for a change. Refuses with nothing.

    `counting` also locks what limits are counted by: its customer's addresses, and its client.
    """
    row = _row(
        CHANGED,
        "FOR NO KEY UPDATE OF account FOR KEY SHARE OF show FOR NO KEY UPDATE OF booking",
        {"booking": booking.pk, "show": booking.show_id},
        told=f"{json_rows('seat_id', SEATS)}, locked.*",
        keys=KEYS_OF_BOOKING if counting else "",
    )
    if row is None:
        raise Booking.DoesNotExist
    now, seats, state, starts_at, sales_until, plan_id, zone, minutes, *rest = row
    is_active, is_staff, client_key, status, held_until, _ = rest
    return LockedBooking(
        now=clock.from_db_time(now),
        show_state=state,
        starts_at=clock.from_db_time(starts_at),
        sales_until=clock.from_db_time(sales_until),
        seat_plan_id=plan_id,
        zone=zone,
        cancel_until_minutes=minutes,
        is_active=bool(is_active),
        is_staff=bool(is_staff),
        client_key=client_key,
        status=status,
        held_until=held_until and clock.from_db_time(held_until),
        seats={seat for (seat,) in orjson.loads(seats)},
    )


# Evaluated before the rows are locked, as nothing can be moved past an OFFSET.
GATE = "(SELECT pg_advisory_xact_lock_shared(%(show)s) {keys} OFFSET 0) AS gate,"
# The limits of a customer and of a client count under these locks, ascending. The account's own lock
# does not do: several accounts can share an address, and a client has many customers.
KEYS = """, (
    SELECT COUNT(pg_advisory_xact_lock(key)) FROM ({these} ORDER BY key OFFSET 0) AS keys
)"""
KEYS_OF_BOOKER = KEYS.format(
    these="""SELECT key FROM address_key WHERE user_id = %(user)s
        UNION SELECT CAST(%(client)s AS bigint)"""
)
KEYS_OF_BOOKING = KEYS.format(
    these="""SELECT key FROM address_key
        WHERE user_id = (SELECT user_id FROM booking WHERE id = %(booking)s)
        UNION SELECT client_key FROM booking WHERE id = %(booking)s"""
)


def _row(
    sql: str,
    locking: str,
    parameters: dict[str, Any],
    *,
    told: str = "locked.*",
    beside: str = "",
    keys: str = "",
) -> tuple[Any, ...] | None:
    """Return the row that a statement locks, after what the database's clock showed by then.

    PostgreSQL reads a list of columns before it waits for the locks, so the clock is read around
    the statement. Read inside, it showed the time before the wait: a hold that ended meanwhile
    would be confirmed like one that had not, past the seat limit.

    Nor does it find, beside a row that it waited for, what was made and used during the wait, such
    as another price card. With the locks in hand, a second look does.
    """
    sql = sql.format(gate=GATE.format(keys=keys) if is_postgresql() else "")
    if is_postgresql():
        sql += locking
    sql = f"SELECT {clock.now_sql()}, {told} FROM ({sql}) AS locked {beside}"  # noqa: S608 (our own)
    for _ in range(2):
        if rows := fetch_all(sql, parameters):
            return rows[0]
    return None
