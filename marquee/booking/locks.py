"""The locks of a transaction, always in one order: the show's advisory lock, counters, user, show,
booking.

SQLite has one writer at a time (BEGIN IMMEDIATE), so its statements need no locking clause. On
PostgreSQL we take the weakest locks that suffice:

- the advisory lock of the show, shared: see `catalog/locks.py`;
- advisory locks of the customer's addresses and of the client, where limits are counted;
- the user NO KEY UPDATE: the requests of one customer are serialised, so that the seat limit counts
  all of them;
- the show KEY SHARE: bookings do not wait for each other, but they wait for staff who change the show
  or call it off, and take FOR UPDATE;
- the booking NO KEY UPDATE: its changes are serialised.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from marquee.accounts.errors import AccountClosed
from marquee.accounts.models import address_key
from marquee.accounts.permissions import may_sell_at_counter
from marquee.booking.models import Booking
from marquee.booking.records import LockedBooking, LockedShow
from marquee.booking.states import BookingStatus
from marquee.catalog.errors import RemovedMeanwhile
from marquee.catalog.locks import lock_show_exclusively
from marquee.catalog.models import Show
from marquee.catalog.queries import SHOW_JOINS, SHOW_RECORD_COLUMNS, show_record
from marquee.core import clock
from marquee.core.clock import DatabaseNow
from marquee.core.money import Money
from marquee.core.sql import fetch_all, is_postgresql, json_rows

LOCK_CUSTOMER_AND_SHOW_SQL = """
    SELECT account.is_active, account.email_verified_at, account.is_staff, account.token_epoch,
        show.*
    FROM {advisory_locks} account, show
    WHERE account.id = %(user)s AND show.id = %(show)s
"""
LOCKED_SHOW_COLUMNS = f"""
    locked.is_active, locked.email_verified_at, locked.is_staff, locked.token_epoch,
    price_card.version, {SHOW_RECORD_COLUMNS.format(show="locked")}
"""


def lock_for_booking(*, user_id: int, show_id: int, client_key: int | None = None) -> LockedShow:
    """Lock a customer and a show for a new booking, and return both as they are then.

    Raises Show.DoesNotExist. Refuses with AccountClosed when there is no such account.

    Joins stand outside the locking subquery. After a lock wait PostgreSQL rechecks a join inside it
    against the old `price_card` row (EvalPlanQual) and may return nothing.
    """
    row = _fetch_locked(
        LOCK_CUSTOMER_AND_SHOW_SQL,
        "FOR NO KEY UPDATE OF account FOR KEY SHARE OF show",
        {"user": user_id, "show": show_id, "client": client_key},
        counter_locks=BOOKER_COUNTER_LOCKS_SQL,
        columns=LOCKED_SHOW_COLUMNS,
        joins=SHOW_JOINS.format(show="locked")
        + "JOIN price_card ON price_card.id = locked.price_card_id",
    )
    if row is None:
        if Show.objects.filter(pk=show_id).exists():
            raise AccountClosed("This token is no longer good: log in again.")
        raise Show.DoesNotExist
    now, is_active, verified_at, is_staff, token_epoch, card_version, *show = row
    return LockedShow(
        now=clock.from_db_time(now),
        show=show_record(show),
        card_version=card_version,
        is_active=bool(is_active),
        is_verified=verified_at is not None,
        is_staff=bool(is_staff) and may_sell_at_counter(user_id, show_id),
        token_epoch=token_epoch,
    )


def share_show_locks(show_ids: Iterable[int]) -> None:
    """Share the advisory locks of several shows, as customers do: before all other locks, ascending."""
    if is_postgresql():
        for show_id in sorted(show_ids):
            fetch_all("SELECT pg_advisory_xact_lock_shared(%(show)s)", {"show": show_id})


def lock_account(user_id: int) -> None:
    """Keep a customer from booking or changing anything until this transaction ends."""
    clause = "FOR NO KEY UPDATE" if is_postgresql() else ""
    fetch_all(f"SELECT id FROM account WHERE id = %(user)s {clause}", {"user": user_id})  # noqa: S608


def lock_counters(user_id: int) -> None:
    """Take the counter locks of a customer's addresses: after those of shows, before the account's."""
    if is_postgresql() and USER_COUNTER_LOCKS_SQL:
        fetch_all(USER_COUNTER_LOCKS_SQL, {"user": user_id})


def lock_holds(user_ids: Iterable[int]) -> list[Booking]:
    """Lock the holds of these customers, whose accounts are locked, and return them; expired ones, too."""
    holds = Booking.objects.filter(user__in=user_ids, status=BookingStatus.HELD)
    return list(holds.select_for_update(no_key=True).order_by("pk"))


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


LOCK_BOOKING_SQL = """
    SELECT show.state, show.starts_at, show.ends_at, show.sales_from, show.sales_until,
        show.seat_plan_id, cinema.timezone, cinema.cancel_until_minutes, booking.sold_starts_at,
        booking.cancel_until, booking.user_id, account.is_active, account.email_verified_at, account.is_staff,
        account.email IS NOT NULL OR account.contact_email <> '' AS has_address, booking.client_key,
        booking.status, booking.held_until, booking.held_at_most_until, booking.extended_at,
        booking.total, booking.currency,
        booking.channel, booking.id AS booking_id{version}
    FROM {advisory_locks} booking
    JOIN account ON account.id = booking.user_id
    JOIN show ON show.id = booking.show_id
    JOIN auditorium ON auditorium.id = show.auditorium_id
    JOIN cinema ON cinema.id = auditorium.cinema_id
    WHERE booking.id = %(booking)s
"""
# PostgreSQL reads the tickets as they were before it waited for the locks. If the booking was changed
# meanwhile, its row has another version, and we read again: an exchange gave it other tickets.
VERSION_SQL = ", booking.xmin AS version"
IS_CURRENT_SQL = (
    "(SELECT seen.xmin FROM booking AS seen WHERE seen.id = locked.booking_id) = locked.version"
)
# A void ticket gave its seat back.
BOOKING_SEATS_SQL = (
    "SELECT seat_id FROM ticket WHERE booking_id = locked.booking_id AND status <> 'void'"
)


def lock_for_change(
    booking: Booking, *, with_counters: bool = False, new_address: str = ""
) -> LockedBooking:
    """Lock a booking, with its customer and its show, for a change. Refuses nothing.

    `with_counters` also takes the counter locks: of the customer's addresses, of the client, and of
    the `new_address` that the change gives to the customer.
    """
    row = _fetch_locked_booking(
        {
            "booking": booking.pk,
            "show": booking.show_id,
            "address": address_key(new_address) if new_address else None,
        },
        counter_locks=BOOKING_COUNTER_LOCKS_SQL if with_counters else "",
    )
    now, seats, state, starts_at, ends_at, sales_from, sales_until, plan_id, *rest = row
    zone, minutes, sold_starts_at, cancel_until, user_id, is_active, verified_at, *rest = rest
    is_staff, has_address, client_key, status, held_until, at_most_until, extended_at, *rest = rest
    total, currency, channel, *_ = rest
    return LockedBooking(
        now=clock.from_db_time(now),
        show_state=state,
        starts_at=clock.from_db_time(starts_at),
        ends_at=clock.from_db_time(ends_at),
        sales_from=sales_from and clock.from_db_time(sales_from),
        sales_until=clock.from_db_time(sales_until),
        seat_plan_id=plan_id,
        zone=zone,
        cancel_until_minutes=minutes,
        sold_starts_at=clock.from_db_time(sold_starts_at),
        cancel_until=clock.from_db_time(cancel_until),
        user_id=user_id,
        is_active=bool(is_active),
        is_verified=verified_at is not None,
        is_staff=bool(is_staff) and may_sell_at_counter(user_id, booking.show_id),
        has_address=bool(has_address),
        client_key=client_key,
        status=status,
        held_until=held_until and clock.from_db_time(held_until),
        held_at_most_until=at_most_until and clock.from_db_time(at_most_until),
        extended_at=extended_at and clock.from_db_time(extended_at),
        total=Money(total, currency),
        channel=channel,
        seats={seat for (seat,) in orjson.loads(seats or "[]")},
    )


def _fetch_locked_booking(parameters: dict[str, Any], *, counter_locks: str) -> tuple[Any, ...]:
    """Return the locked row, with the seats of now: these are so at the second try at the latest."""
    has_versions = is_postgresql()
    is_current = IS_CURRENT_SQL if has_versions else "TRUE"
    for _ in range(2):
        row = _fetch_locked(
            LOCK_BOOKING_SQL.replace("{version}", VERSION_SQL if has_versions else ""),
            "FOR NO KEY UPDATE OF account FOR KEY SHARE OF show FOR NO KEY UPDATE OF booking",
            parameters,
            columns=f"{is_current}, {json_rows('seat_id', BOOKING_SEATS_SQL)}, locked.*",
            counter_locks=counter_locks,
        )
        if row is None:
            raise Booking.DoesNotExist
        now, is_current_row, *rest = row
        if is_current_row:
            break
    return (now, *rest)


# Evaluated before the rows are locked, as PostgreSQL moves nothing past an OFFSET.
SHOW_ADVISORY_LOCK_SQL = (
    "(SELECT pg_advisory_xact_lock_shared(%(show)s) {counter_locks} OFFSET 0) AS show_lock,"
)
# The limits of a customer and of a client count under these locks, ascending. The account's own lock
# is not enough: several accounts can share an address, and a client has many customers.
COUNTER_LOCKS_SQL = """, (
    SELECT COUNT(pg_advisory_xact_lock(key)) FROM ({keys} ORDER BY key OFFSET 0) AS keys
)"""
BOOKER_COUNTER_LOCKS_SQL = COUNTER_LOCKS_SQL.format(
    keys="""SELECT key FROM address_key WHERE user_id = %(user)s
        UNION SELECT CAST(%(client)s AS bigint)"""
)
BOOKING_COUNTER_LOCKS_SQL = COUNTER_LOCKS_SQL.format(
    keys="""SELECT key FROM address_key
        WHERE user_id = (SELECT user_id FROM booking WHERE id = %(booking)s)
        UNION SELECT client_key FROM booking WHERE id = %(booking)s
        UNION SELECT CAST(%(address)s AS bigint)"""
)
USER_COUNTER_LOCKS_SQL = """
    SELECT COUNT(pg_advisory_xact_lock(key)) FROM (
        SELECT key FROM address_key WHERE user_id = %(user)s ORDER BY key OFFSET 0
    ) AS keys
"""


def _fetch_locked(
    sql: str,
    locking: str,
    parameters: dict[str, Any],
    *,
    columns: str = "locked.*",
    joins: str = "",
    counter_locks: str = "",
) -> tuple[Any, ...] | None:
    """Return the database's time under the locks, and the row that a statement locks.

    PostgreSQL evaluates a list of columns before it waits for locks, so an outer statement reads the
    clock. Read inside, it would give the time before the wait: a hold that expired meanwhile would
    be confirmed as if it had not, past the seat limit.

    Nor do joins find rows that were committed during the wait, such as another price card. Retry
    once: holding the locks, we now see the new rows.
    """
    if is_postgresql():
        advisory_locks = SHOW_ADVISORY_LOCK_SQL.format(counter_locks=counter_locks)
        sql = sql.format(advisory_locks=advisory_locks) + locking
    else:
        sql = sql.format(advisory_locks="")
    sql = f"SELECT {clock.now_sql()}, {columns} FROM ({sql}) AS locked {joins}"  # noqa: S608 (our own)
    for _ in range(2):
        if rows := fetch_all(sql, parameters):
            return rows[0]
    return None
