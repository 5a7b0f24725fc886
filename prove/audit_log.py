"""What the database holds after a run, and every version of every seat on the way there.

The product keeps, of a seat, its newest version and that version's number, `gen`. For the proof,
triggers that only the prover installs write down each version, whoever writes it, in a table of
their own: so every version is seen, and the API stays as it is. A trigger runs while the row it is
about is locked, so `n` has the order of a seat's versions even if `gen` should not. It adds to the
end of a table without an index, and waits for nobody.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import psycopg

# --- The triggers ---------------------------------------------------------------------------------

COLUMNS = "show_id, seat_id, gen, state, booking_id, was, had, in_time, expires_at, at"
# A booking that changes hands has no seat here: the new owner in place of `gen`, and the former one as `had`.
OWNER = "NEW.show_id, NULL, NEW.user_id, 'given', NEW.id, 'given', OLD.user_id, FALSE, NULL"
NEW = "NEW.show_id, NEW.seat_id, NEW.gen, NEW.state, NEW.booking_id"
POSTGRESQL = f"""
    CREATE SEQUENCE prove_n;
    CREATE TABLE prove_transition (
        n bigint NOT NULL DEFAULT nextval('prove_n'),
        tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
        show_id bigint, seat_id bigint, gen bigint, state text, booking_id bigint,
        was text, had bigint, in_time boolean, expires_at timestamptz,
        at timestamptz
    );
    CREATE FUNCTION prove_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO prove_transition ({COLUMNS})
            VALUES ({NEW}, 'free', NULL, FALSE, NEW.expires_at, clock_timestamp());
        ELSE
            INSERT INTO prove_transition ({COLUMNS})
            VALUES ({NEW}, OLD.state, OLD.booking_id,
                coalesce(OLD.expires_at > clock_timestamp(), FALSE), NEW.expires_at,
                clock_timestamp());
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER prove_claim AFTER INSERT OR UPDATE ON seat_claim
    FOR EACH ROW EXECUTE FUNCTION prove_claim();
    CREATE FUNCTION prove_show() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO prove_transition ({COLUMNS})
        VALUES (NEW.id, NULL, NULL, NEW.state, NULL, OLD.state, NULL, FALSE, NULL,
            clock_timestamp());
        RETURN NULL;
    END $$;
    CREATE TRIGGER prove_show AFTER UPDATE OF state ON show
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION prove_show();
    CREATE FUNCTION prove_owner() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO prove_transition ({COLUMNS})
        VALUES ({OWNER}, clock_timestamp());
        RETURN NULL;
    END $$;
    CREATE TRIGGER prove_owner AFTER UPDATE OF user_id ON booking
    FOR EACH ROW WHEN (OLD.user_id <> NEW.user_id) EXECUTE FUNCTION prove_owner();
"""
CLOCK = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
SQLITE = f"""
    CREATE TABLE prove_transition (
        n INTEGER PRIMARY KEY, tx INTEGER,
        show_id INTEGER, seat_id INTEGER, gen INTEGER, state TEXT, booking_id INTEGER,
        was TEXT, had INTEGER, in_time INTEGER, expires_at TEXT, at TEXT
    );
    CREATE TRIGGER prove_claim_insert AFTER INSERT ON seat_claim BEGIN
        INSERT INTO prove_transition ({COLUMNS})
        VALUES ({NEW}, 'free', NULL, 0, NEW.expires_at, {CLOCK});
    END;
    CREATE TRIGGER prove_claim_update AFTER UPDATE ON seat_claim BEGIN
        INSERT INTO prove_transition ({COLUMNS})
        VALUES ({NEW}, OLD.state, OLD.booking_id, coalesce(OLD.expires_at > {CLOCK}, 0),
            NEW.expires_at, {CLOCK});
    END;
    CREATE TRIGGER prove_show AFTER UPDATE OF state ON show WHEN OLD.state <> NEW.state BEGIN
        INSERT INTO prove_transition ({COLUMNS})
        VALUES (NEW.id, NULL, NULL, NEW.state, NULL, OLD.state, NULL, 0, NULL, {CLOCK});
    END;
    CREATE TRIGGER prove_owner AFTER UPDATE OF user_id ON booking
    WHEN OLD.user_id <> NEW.user_id BEGIN
        INSERT INTO prove_transition ({COLUMNS})
        VALUES ({OWNER}, {CLOCK});
    END;
"""


def install_triggers(url: str) -> None:
    """Install the triggers in a database that has the product's tables."""
    if is_sqlite(url):
        with closing(sqlite3.connect(sqlite_file(url))) as database:
            database.executescript(SQLITE)
    else:
        with psycopg.connect(url) as server:
            server.execute(POSTGRESQL)


# --- Reading it all -------------------------------------------------------------------------------


class Transition(NamedTuple):
    """One version of a seat; without a seat of a show's state, or of a booking's owner. Times in microseconds."""

    n: int
    tx: int | None  # PostgreSQL's number of the transaction
    show: int
    seat: int | None
    gen: int | None
    state: str
    booking: int | None
    was: str
    had: int | None
    in_time: bool  # it was a hold that the database's clock had not ended
    expires_at: int | None
    at: int


class Booking(NamedTuple):
    """A row of `booking`."""

    id: int
    reference: str
    user: int
    show: int
    status: str
    held_until: int | None
    total: int
    created_at: int
    key: str | None


class Ticket(NamedTuple):
    """A row of `ticket`."""

    booking: int
    seat: int
    type: str
    price: int
    status: str
    released_at: int | None = None  # when it was given up by itself


class Event(NamedTuple):
    """A row of `booking_event`."""

    booking: int
    kind: str
    at: int = 0


class Guest(NamedTuple):
    """A row of `account` that a visitor has. One without an address has not said yet who it is."""

    id: int
    visitor: str
    address: str


class Claim(NamedTuple):
    """A row of `seat_claim`."""

    show: int
    seat: int
    state: str
    booking: int | None
    expires_at: int | None
    gen: int


class Show(NamedTuple):
    """A row of `show`."""

    id: int
    auditorium: int
    plan: int
    state: str
    starts_at: int
    occupied_until: int


class Entry(NamedTuple):
    """A row of `audit_entry`; what changed as JSON."""

    id: int
    at: int
    actor: int | None
    action: str
    kind: str
    subject: str
    changes: str


class PriceCard(NamedTuple):
    """A row of `price_card`."""

    id: int
    name: str


class Seat(NamedTuple):
    """A row of `seat`."""

    id: int
    plan: int
    label: str
    category: str


@dataclass(slots=True)
class Tables:
    """The rows about some shows, as one moment shows them."""

    transitions: list[Transition] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)  # in the order of their keys
    claims: list[Claim] = field(default_factory=list)
    shows: list[Show] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)
    guests: list[Guest] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)  # in the order of their keys
    cards: list[PriceCard] = field(default_factory=list)

    def save(self, file: Path) -> None:
        """Keep them in a file."""
        rows = {name: [list(row) for row in getattr(self, name)] for name in QUERIES}
        file.write_bytes(orjson.dumps(rows))

    @classmethod
    def load(cls, file: Path) -> "Tables":
        """Return what a file has kept."""
        kept = orjson.loads(file.read_bytes())
        return cls(**{name: [KINDS[name](*row) for row in kept[name]] for name in QUERIES})


CINEMA = """SELECT cinema_id FROM show JOIN auditorium ON auditorium.id = auditorium_id
    WHERE show.id = %s"""
# {times} become microseconds: by PostgreSQL itself, and by `_micros` for SQLite's text. The shows
# of a round are those from its first one on: rounds on one database come one after another.
QUERIES = {
    "transitions": """
        SELECT n, {tx}, show_id, seat_id, gen, state, booking_id, was, had, in_time,
            {expires_at}, {at}
        FROM prove_transition WHERE show_id >= %s ORDER BY n""",
    "bookings": """
        SELECT id, reference, user_id, show_id, status, {held_until}, total, {created_at},
            idempotency_key
        FROM booking WHERE show_id >= %s ORDER BY id""",
    "tickets": """
        SELECT booking_id, seat_id, type_id, price, status, {released_at} FROM ticket
        WHERE booking_id IN (SELECT id FROM booking WHERE show_id >= %s) ORDER BY id""",
    "events": """
        SELECT booking_id, kind, {at} FROM booking_event JOIN booking ON booking.id = booking_id
        WHERE show_id >= %s ORDER BY booking_event.id""",
    "claims": """
        SELECT show_id, seat_id, state, booking_id, {expires_at}, gen
        FROM seat_claim WHERE show_id >= %s""",
    "shows": """
        SELECT id, auditorium_id, seat_plan_id, state, {starts_at}, {occupied_until}
        FROM show WHERE id >= %s ORDER BY id""",
    "seats": """
        SELECT id, plan_id, label, category FROM seat
        WHERE plan_id IN (SELECT seat_plan_id FROM show WHERE id >= %s)""",
    "guests": """
        SELECT id, replace(CAST(visitor AS text), '-', ''), contact_email FROM account
        WHERE visitor IS NOT NULL AND is_active AND %s > 0""",
    # Everything since the cinema of the shows was added, which is what a round begins with.
    "entries": f"""
        SELECT id, {{at}}, actor_id, action, subject_kind, subject_id, CAST(changes AS text)
        FROM audit_entry WHERE id >= (
            SELECT min(id) FROM audit_entry WHERE action = 'added' AND subject_kind = 'cinema'
                AND cinema_id = ({CINEMA})) ORDER BY id""",
    "cards": f"SELECT id, name FROM price_card WHERE cinema_id = ({CINEMA})",
}
TIMES = (
    "expires_at",
    "at",
    "held_until",
    "created_at",
    "starts_at",
    "occupied_until",
    "released_at",
)
KINDS = {
    "transitions": Transition,
    "bookings": Booking,
    "tickets": Ticket,
    "claims": Claim,
    "shows": Show,
    "seats": Seat,
    "guests": Guest,
    "entries": Entry,
    "cards": PriceCard,
    "events": Event,
}


def read(url: str, first_show: int) -> Tables:
    """Return all that the database knows of a show and all later ones, as one moment shows it."""
    with _snapshot(url) as rows_of:
        return Tables(
            **{
                name: [KINDS[name](*row) for row in rows_of(sql, first_show)]
                for name, sql in QUERIES.items()
            }
        )


def count_deadlocks(url: str) -> int:
    """Return how many deadlocks there were, as far as PostgreSQL's processes have reported them.

    They do once a second, and when they end.
    """
    if is_sqlite(url):
        return 0
    with psycopg.connect(url) as server:
        sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        row = server.execute(sql).fetchone()
        return int(row[0]) if row else 0


def execute(url: str, sql: str) -> None:
    """Run a statement that changes a database."""
    if is_sqlite(url):
        with closing(sqlite3.connect(sqlite_file(url), timeout=20)) as database, database:
            database.execute(sql)
    else:
        with psycopg.connect(url) as server:
            server.execute(sql)


def clear_transitions(url: str) -> None:
    """Empty the table of transitions, once they were checked."""
    execute(url, "DELETE FROM prove_transition" if is_sqlite(url) else "TRUNCATE prove_transition")


@contextmanager
def _snapshot(url: str) -> Iterator[Any]:
    if is_sqlite(url):
        with closing(sqlite3.connect(sqlite_file(url), timeout=20)) as database:
            database.execute("BEGIN")
            yield lambda sql, first: _sqlite_rows(database, sql, first)
        return
    with psycopg.connect(url) as server:
        server.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        micros = {name: f"(extract(epoch FROM {name}) * 1000000)::bigint" for name in TIMES}
        micros["tx"] = "tx::text::bigint"
        yield lambda sql, first: server.execute(sql.format(**micros), [first]).fetchall()


def _sqlite_rows(database: sqlite3.Connection, sql: str, first: int) -> Iterator[Sequence[Any]]:
    sql = sql.format(tx="tx", **{name: name for name in TIMES}).replace("%s", "?")
    cursor = database.execute(sql, [first])
    times = [n for n, column in enumerate(cursor.description) if column[0] in TIMES]
    for row in cursor:
        values = list(row)
        for n in times:
            values[n] = None if row[n] is None else _micros(row[n])
        yield values


def _micros(text: str) -> int:
    """Return microseconds of the text that Django, or SQLite's clock, writes in UTC."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def is_sqlite(url: str) -> bool:
    """Say which engine a DATABASE_URL is of."""
    return url.startswith("sqlite")


def sqlite_file(url: str) -> str:
    """Return the file of a DATABASE_URL of SQLite's."""
    return url.removeprefix("sqlite:///")
