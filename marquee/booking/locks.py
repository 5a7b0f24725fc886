"""What a transaction locks before it decides, always in one order: user, show, booking.

On SQLite the whole transaction is alone (BEGIN IMMEDIATE), so the statements need no clause. On
PostgreSQL the weakest locks that do are taken:

- the user NO KEY UPDATE: one customer's requests wait for each other, so that the seat limit
  counts them all; nobody else waits;
- the show KEY SHARE: bookings do not wait for each other, only for staff who change the show or
  call it off, which take FOR UPDATE;
- the booking NO KEY UPDATE: its changes come one after another.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from marquee.accounts.errors import AccountClosed
from marquee.booking.models import Booking
from marquee.catalog.models import Show
from marquee.core import clock


@dataclass(frozen=True, slots=True)
class Ground:
    """What a new booking stands on, as it is under the locks, and the database's clock."""

    now: datetime
    state: str
    sales_until: datetime
    plan_id: int
    card_id: int
    card_version: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a booking and its show stand under the locks, and the database's clock."""

    now: datetime
    show_state: str
    starts_at: datetime
    sales_until: datetime
    cancel_until_minutes: int | None
    status: str
    held_until: datetime | None

    @property
    def has_lapsed(self) -> bool:
        """Whether it was a hold that the clock has ended, tidied up or not."""
        lapsed = self.held_until is not None and self.held_until <= self.now
        return self.status == Booking.Status.EXPIRED or lapsed


def for_booking(*, user_id: int, token_epoch: int, show_id: int) -> Ground:
    """Lock a customer and a show for a new booking.

    Raises Show.DoesNotExist. Refuses with AccountClosed when the account was deactivated, deleted
    or called its tokens back: a token is believed without a query, so this is where it is checked.

    The card's version is no join: PostgreSQL, having waited for staff who gave the show another
    card, would look for the new card in the row of the old one, and answer with no row at all.
    """
    row = _row(
        """
        SELECT account.is_active, account.token_epoch, show.state, show.sales_until,
            show.seat_plan_id, show.price_card_id,
            (SELECT version FROM price_card WHERE price_card.id = show.price_card_id)
        FROM account, show
        WHERE account.id = %s AND show.id = %s
        """,
        "FOR NO KEY UPDATE OF account FOR KEY SHARE OF show",
        [user_id, show_id],
    )
    if row is None:
        if Show.objects.filter(pk=show_id).exists():
            raise AccountClosed("This token is no longer good: log in again.")
        raise Show.DoesNotExist
    now, is_active, epoch, state, sales_until, *keys = row
    if not is_active or epoch != token_epoch:
        raise AccountClosed("This token is no longer good: log in again.")
    return Ground(clock.from_sql(now), state, clock.from_sql(sales_until), *keys)


def for_change(booking: Booking) -> Standing:
    """Lock a booking, with its customer and its show, for a change. Refuses with nothing."""
    row = _row(
        """
        SELECT show.state, show.starts_at, show.sales_until,
            cinema.cancel_until_minutes, booking.status, booking.held_until
        FROM booking
        JOIN account ON account.id = booking.user_id
        JOIN show ON show.id = booking.show_id
        JOIN auditorium ON auditorium.id = show.auditorium_id
        JOIN cinema ON cinema.id = auditorium.cinema_id
        WHERE booking.id = %s
        """,
        "FOR NO KEY UPDATE OF account FOR KEY SHARE OF show FOR NO KEY UPDATE OF booking",
        [booking.pk],
    )
    if row is None:
        raise Booking.DoesNotExist
    now, state, starts_at, sales_until, minutes, status, held_until = row
    return Standing(
        now=clock.from_sql(now),
        show_state=state,
        starts_at=clock.from_sql(starts_at),
        sales_until=clock.from_sql(sales_until),
        cancel_until_minutes=minutes,
        status=status,
        held_until=held_until and clock.from_sql(held_until),
    )


def _row(sql: str, locking: str, parameters: list[Any]) -> tuple[Any, ...] | None:
    """Return the row that a statement locks, after what the database's clock showed by then.

    PostgreSQL reads a list of columns before it waits for the locks, so the clock is read around
    the statement. Read inside, it showed the time before the wait: a hold that ended meanwhile
    would be confirmed like one that had not, past the seat limit.
    """
    if connection.vendor == "postgresql":
        sql += locking
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {clock.sql_now()}, locked.* FROM ({sql}) AS locked", parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row
