"""What a transaction locks before it decides, always in one order: gate, user, show, booking.

On SQLite the whole transaction is alone (BEGIN IMMEDIATE), so the statements need no clause. On
PostgreSQL the weakest locks that do are taken:

- the gate of the show, an advisory lock, shared: see `catalog/gates.py`;
- the user NO KEY UPDATE: one customer's requests wait for each other, so that the seat limit
  counts them all; nobody else waits;
- the show KEY SHARE: bookings do not wait for each other, only for staff who change the show or
  call it off, which take FOR UPDATE;
- the booking NO KEY UPDATE: its changes come one after another.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Model

from marquee.accounts.errors import AccountClosed
from marquee.booking.models import Booking
from marquee.catalog.models import Auditorium, Cinema, Movie, Show
from marquee.core import clock

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a new booking stands on, as it is under the locks, and the database's clock.

    The show comes with its movie, auditorium and cinema, as far as an answer tells of them.
    """

    now: datetime
    show: Show
    card_version: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a booking and its show stand under the locks, and the database's clock.

    The show's times are by its cinema's clock, as refusals tell them.
    """

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


# What is read of a show and of what it is made of: enough to decide, and to tell of it. Fields
# stand in the order of their models, in which `from_db` takes them.
SHOW = (
    "id", "movie_id", "auditorium_id", "seat_plan_id", "price_card_id", "starts_at", "ends_at",
    "sales_until", "format", "language", "subtitles", "state",
)  # fmt: skip
MOVIE = ("id", "title", "runtime_minutes", "certificate")
AUDITORIUM = ("id", "cinema_id", "name")
CINEMA = ("id", "name", "city", "timezone", "cancel_until_minutes")


def _columns(table: str, fields: Iterable[str]) -> str:
    return ", ".join(f"{table}.{field}" for field in fields)


LOCKED = f"""
    SELECT account.is_active, account.token_epoch, {_columns("show", SHOW)}
    FROM {{gate}} account, show
    WHERE account.id = %(user)s AND show.id = %(show)s
"""  # noqa: S608 (names of our own)
FACTS = f"""
    , {_columns("movie", MOVIE)}, {_columns("auditorium", AUDITORIUM)},
    {_columns("cinema", CINEMA)}, price_card.version
"""


def for_booking(*, user_id: int, token_epoch: int, show_id: int) -> Ground:
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
        {"user": user_id, "show": show_id},
        told=FACTS,
        beside="""
        JOIN movie ON movie.id = locked.movie_id
        JOIN auditorium ON auditorium.id = locked.auditorium_id
        JOIN cinema ON cinema.id = auditorium.cinema_id
        JOIN price_card ON price_card.id = locked.price_card_id
        """,
    )
    if row is None:
        if Show.objects.filter(pk=show_id).exists():
            raise AccountClosed("This token is no longer good: log in again.")
        raise Show.DoesNotExist
    now, is_active, epoch, *facts, card_version = row
    if not is_active or epoch != token_epoch:
        raise AccountClosed("This token is no longer good: log in again.")
    return Ground(clock.from_sql(now), _show(iter(facts)), card_version)


def _show(facts: Iterator[Any]) -> Show:
    """Return a show with its movie, auditorium and cinema, of the columns that were read."""
    show = _made_of(Show, SHOW, facts)
    for field in ("starts_at", "ends_at", "sales_until"):
        setattr(show, field, clock.from_sql(getattr(show, field)))
    show.movie = _made_of(Movie, MOVIE, facts)
    show.auditorium = _made_of(Auditorium, AUDITORIUM, facts)
    show.auditorium.cinema = _made_of(Cinema, CINEMA, facts)
    return show


def _made_of(model: type[Row], fields: Sequence[str], facts: Iterator[Any]) -> Row:
    return model.from_db(connection.alias, fields, list(islice(facts, len(fields))))


def for_change(booking: Booking) -> Standing:
    """Lock a booking, with its customer and its show, for a change. Refuses with nothing."""
    row = _row(
        """
        SELECT show.state, show.starts_at, show.sales_until,
            cinema.cancel_until_minutes, cinema.timezone, booking.status, booking.held_until
        FROM {gate} booking
        JOIN account ON account.id = booking.user_id
        JOIN show ON show.id = booking.show_id
        JOIN auditorium ON auditorium.id = show.auditorium_id
        JOIN cinema ON cinema.id = auditorium.cinema_id
        WHERE booking.id = %(booking)s
        """,
        "FOR NO KEY UPDATE OF account FOR KEY SHARE OF show FOR NO KEY UPDATE OF booking",
        {"booking": booking.pk, "show": booking.show_id},
    )
    if row is None:
        raise Booking.DoesNotExist
    now, state, starts_at, sales_until, minutes, zone, status, held_until = row
    return Standing(
        now=clock.from_sql(now),
        show_state=state,
        starts_at=clock.from_sql(starts_at).astimezone(ZoneInfo(zone)),
        sales_until=clock.from_sql(sales_until).astimezone(ZoneInfo(zone)),
        cancel_until_minutes=minutes,
        status=status,
        held_until=held_until and clock.from_sql(held_until),
    )


# Evaluated before the rows are locked, as nothing can be moved past an OFFSET.
GATE = "(SELECT pg_advisory_xact_lock_shared(%(show)s) OFFSET 0) AS gate,"


def _row(
    sql: str, locking: str, parameters: dict[str, int], *, told: str = "", beside: str = ""
) -> tuple[Any, ...] | None:
    """Return the row that a statement locks, after what the database's clock showed by then.

    PostgreSQL reads a list of columns before it waits for the locks, so the clock is read around
    the statement. Read inside, it showed the time before the wait: a hold that ended meanwhile
    would be confirmed like one that had not, past the seat limit.

    Nor does it find, beside a row that it waited for, what was made and used during the wait, such
    as another price card. With the locks in hand, a second look does.
    """
    is_postgresql = connection.vendor == "postgresql"
    sql = sql.format(gate=GATE if is_postgresql else "")
    if is_postgresql:
        sql += locking
    sql = f"SELECT {clock.sql_now()}, locked.* {told} FROM ({sql}) AS locked {beside}"  # noqa: S608 (our own)
    with connection.cursor() as cursor:
        for _ in range(2):
            cursor.execute(sql, parameters)
            row: tuple[Any, ...] | None = cursor.fetchone()
            if row is not None:
                return row
    return None
