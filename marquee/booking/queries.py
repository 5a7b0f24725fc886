"""What people and programs ask about seats and bookings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, cast

import orjson
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from marquee.accounts.models import User
from marquee.booking.models import Booking, Ticket
from marquee.catalog import queries as catalog
from marquee.catalog.models import Show
from marquee.catalog.queries import SHOW_FACTS, SHOW_JOINS, ShowRecord, show_facts
from marquee.core import clock
from marquee.core import sql as sql_of
from marquee.core.clock import DatabaseNow
from marquee.core.snapshot import MOMENT, Seen, fetch_unless_seen, unless_seen
from marquee.core.sql import fetch_all, json_lists_where, json_rows, json_rows_agg

# A hold that the clock has ended is no hold any more, tidied up or not.
TAKEN = "(state IN ('sold', 'blocked') OR state = 'held' AND expires_at > {now})"
SEATS_TAKEN = f"SELECT seat_id FROM seat_claim WHERE show_id = %(show)s AND {TAKEN}"  # noqa: S608


def taken(show_id: int) -> set[int]:
    """Return the keys of the seats of a show that nobody can book now."""
    rows = fetch_all(SEATS_TAKEN.format(now=clock.now_sql()), {"show": show_id})
    return {seat for (seat,) in rows}


class ShowListItem(NamedTuple):
    """A show with what lists tell of it beside its facts."""

    facts: ShowRecord
    card_version: int
    poster: str
    seats_total: int
    seats_left: int


LISTED = f"""
    SELECT price_card.version, movie.poster,
        (SELECT COUNT(*) FROM seat_claim WHERE show_id = show.id AND {TAKEN}),
        {SHOW_FACTS.format(show="show")}
    FROM show {SHOW_JOINS.format(show="show")}
        JOIN price_card ON price_card.id = show.price_card_id
    WHERE {{chosen}} ORDER BY show.starts_at, show.id
"""  # noqa: S608 (names of our own)


def listed_shows(keys: Iterable[int]) -> list[ShowListItem]:
    """Return the shows with these keys, in the order in which they start: by one query."""
    return _listed_shows(sql_of.key_in("show.id", "shows"), {"shows": sql_of.keys_param(keys)})


def listed_show(key: int) -> ShowListItem | None:
    """Return the show with this key, if there is one. PostgreSQL plans for one what is for one."""
    return next(iter(_listed_shows("show.id = %(show)s", {"show": key})), None)


def _listed_shows(chosen: str, parameters: dict[str, Any]) -> list[ShowListItem]:
    sql = LISTED.format(now=clock.now_sql(), chosen=chosen)
    return [_listed(*row) for row in fetch_all(sql, parameters)]


COUNTED = f"""
    SELECT MIN(ends) AS ends, (SELECT value FROM catalog_revision) AS revision, {{taken}} AS taken
    FROM (
        SELECT show_id, COUNT(*) AS taken, MIN(CASE WHEN state = 'held' THEN expires_at END) AS ends
        FROM seat_claim WHERE {{these}} AND {TAKEN.format(now=MOMENT)} GROUP BY show_id
    ) AS one
"""  # noqa: S608 (names of our own)


class SeatsTaken(NamedTuple):
    """How many seats of some shows nobody could book, and the catalogue's revision, at one moment."""

    revision: int | None
    counts: dict[int, int]  # of the shows that have any
    seen: Seen | None


def seats_taken(keys: Iterable[int], known: SeatsTaken | None = None) -> SeatsTaken:
    """Return this of some shows, by one query: what is known of the same shows, while it holds."""
    answer = fetch_unless_seen(
        _seats_taken_sql(), {"shows": sql_of.keys_param(keys)}, known and known.seen
    )
    if answer is None:
        return cast("SeatsTaken", known)
    (revision, counts), seen = answer
    return SeatsTaken(revision, dict(orjson.loads(counts or "[]")), seen)


@cache
def _seats_taken_sql() -> str:
    these = sql_of.key_in("show_id", "shows")
    counted = COUNTED.format(these=these, taken=json_rows_agg("show_id, taken"))
    return unless_seen("revision, taken", counted)


def _listed(card_version: int, poster: str, taken: int, *columns: Any) -> ShowListItem:
    facts = show_facts(columns)
    seats_total = len(catalog.get_plan(facts.seat_plan_id).places)
    return ShowListItem(facts, card_version, poster, seats_total, seats_total - taken)


class AvailabilityVersion(NamedTuple):
    """What an availability was read at. Whoever reads the same mark later reads the same seats.

    Every transition of a seat raises `gen`, for good; and which holds the clock has ended can, with
    the same transitions, only differ by how many. So both together tell, even if the clock steps.
    What the seats are, and cost, the catalogue tells.
    """

    revision: int | None  # of the catalogue
    gen: int  # of all seats together
    lapsed: int  # holds that the clock has ended and nobody has tidied

    @property
    def version(self) -> int:
        """What callers follow: it goes up with every change that can be seen of the seats.

        Ending adds one; tidying or taking over such a hold adds two and takes that one away.
        """
        return 2 * self.gen + self.lapsed


@dataclass(frozen=True, slots=True)
class Availability:
    """Which seats of a show are not free, as one moment shows them, and what they are seats of."""

    mark: AvailabilityVersion
    seat_plan_id: int
    price_card_id: int
    card_version: int
    states: dict[int, str]


LAPSED = f"claim.state = 'held' AND claim.expires_at <= {MOMENT}"
# Which seats are shown as not free, and when.
SHOWN = {
    "blocked": "claim.state = 'blocked'",
    "sold": "claim.state = 'sold'",
    "held": f"claim.state = 'held' AND NOT ({LAPSED})",
}
MARK = f"""
    WITH moment AS (SELECT {{now}} AS now)
    SELECT (SELECT value FROM catalog_revision), CAST(COALESCE(SUM(claim.gen), 0) AS bigint) AS gen,
        COUNT(CASE WHEN {LAPSED} THEN 1 END) AS lapsed {{lists}}
    FROM seat_claim AS claim WHERE claim.show_id = %(show)s
"""  # noqa: S608 (names of our own)
AVAILABILITY = """
    SELECT show.seat_plan_id, show.price_card_id, price_card.version, claims.*
    FROM ({mark}) AS claims, show JOIN price_card ON price_card.id = show.price_card_id
    WHERE show.id = %(show)s
"""


def availability(show_id: int) -> Availability:
    """Return the seats of a show that are not free, by one query. Raises Show.DoesNotExist.

    The database lists them: to fetch a row a seat would take longer than all the rest.
    """
    rows = fetch_all(_availability_sql(), {"show": show_id})
    if not rows:
        raise Show.DoesNotExist
    (seat_plan_id, price_card_id, card_version, *mark, listings) = rows[0]
    # A show that was moved to another room may have blocks left of seats in the one before.
    here = catalog.get_plan(seat_plan_id).by_id
    states = {
        seat: state
        for state, listing in zip(SHOWN, orjson.loads(listings), strict=True)
        for seat in listing or ()
        if seat in here
    }
    return Availability(
        AvailabilityVersion(*mark), seat_plan_id, price_card_id, card_version, states
    )


def availability_since(show_id: int, known: AvailabilityVersion | None) -> Availability | None:
    """Return the same, or None while it has the mark that is known. Raises Show.DoesNotExist.

    The mark alone costs the database less than all of it (docs/decisions/0012).
    """
    if known is not None and fetch_all(_mark_sql(), {"show": show_id})[0] == known:
        return None
    return availability(show_id)


@cache
def _mark_sql() -> str:
    return MARK.format(now=clock.now_sql(), lists="")


@cache
def _availability_sql() -> str:
    lists = json_lists_where("claim.seat_id", list(SHOWN.values()))
    return AVAILABILITY.format(
        mark=MARK.format(now=clock.now_sql(), lists=f", {lists} AS listings")
    )


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
