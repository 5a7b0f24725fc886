"""Check that a show's bookings, claims and events are consistent after a race, whatever its outcome.

A trigger of the tests writes every version of every claim to the table `claim_history`, so that no
change between two reads is missed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from marquee.booking.models import Booking, SeatClaim, Ticket
from marquee.catalog.models import Show

COLUMNS = "show_id, seat_id, gen, state, booking_id, was, had, in_time"
NEW = "NEW.show_id, NEW.seat_id, NEW.gen, NEW.state, NEW.booking_id"
TABLE = """
    CREATE TABLE claim_history (n {key}, show_id BIGINT, seat_id BIGINT, gen BIGINT, state TEXT,
        booking_id BIGINT, was TEXT, had BIGINT, in_time BOOLEAN)
"""
POSTGRESQL = [
    TABLE.format(key="BIGSERIAL"),
    f"""
    CREATE FUNCTION write_claim_history() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO claim_history ({COLUMNS}) VALUES ({NEW}, 'free', NULL, FALSE);
        ELSE
            INSERT INTO claim_history ({COLUMNS}) VALUES ({NEW}, OLD.state, OLD.booking_id,
                coalesce(OLD.expires_at > clock_timestamp(), FALSE));
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER claim_history AFTER INSERT OR UPDATE OF state, booking_id, gen ON seat_claim
    FOR EACH ROW EXECUTE FUNCTION write_claim_history()
    """,
]
SQLITE = [
    TABLE.format(key="INTEGER PRIMARY KEY AUTOINCREMENT"),
    f"""
    CREATE TRIGGER claim_history_insert AFTER INSERT ON seat_claim BEGIN
        INSERT INTO claim_history ({COLUMNS}) VALUES ({NEW}, 'free', NULL, FALSE); END
    """,
    f"""
    CREATE TRIGGER claim_history_update AFTER UPDATE OF state, booking_id, gen ON seat_claim BEGIN
        INSERT INTO claim_history ({COLUMNS}) VALUES ({NEW}, OLD.state, OLD.booking_id,
            coalesce(OLD.expires_at > strftime('%Y-%m-%d %H:%M:%f', 'now'), FALSE)); END
    """,
]
UNDO_POSTGRESQL = [
    "DROP TRIGGER claim_history ON seat_claim",
    "DROP FUNCTION write_claim_history",
    "DROP TABLE claim_history",
]
UNDO_SQLITE = [
    "DROP TRIGGER claim_history_insert",
    "DROP TRIGGER claim_history_update",
    "DROP TABLE claim_history",
]

# DESIGN 6: which event may follow which in a booking's history.
NEXT = {
    None: {"held", "confirmed"},
    "held": {"confirmed", "cancelled", "expired", "called_off"},
    "expired": {"confirmed"},
    "confirmed": {"cancelled", "called_off", "admitted"},
    "admitted": {"admitted", "undone", "called_off"},
    "undone": {"admitted", "undone", "cancelled", "called_off"},
    "cancelled": set(),
    "called_off": set(),
}
STATUS = {"called_off": "cancelled", "admitted": "confirmed", "undone": "confirmed"}


@contextmanager
def kept_history() -> Iterator[None]:
    """Record every version of every claim for the length of the block."""
    on_postgresql = connection.vendor == "postgresql"
    _run(POSTGRESQL if on_postgresql else SQLITE)
    try:
        yield
    finally:
        _run(UNDO_POSTGRESQL if on_postgresql else UNDO_SQLITE)


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@dataclass(frozen=True)
class Version:
    """One transition of one seat: its new state and booking, and its state and booking before."""

    gen: int
    state: str
    booking: int | None
    was: str
    had: int | None
    in_time: bool  # a hold was replaced that had not expired


def history(show: Show) -> dict[int, list[Version]]:
    """Return every version of each seat's claim, in the order in which they were written."""
    seats: dict[int, list[Version]] = defaultdict(list)
    sql = "SELECT seat_id, gen, state, booking_id, was, had, in_time FROM claim_history"
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} WHERE show_id = %s ORDER BY n", [show.pk])
        for seat, *version in cursor.fetchall():
            seats[seat].append(Version(*version))
    return seats


def check(show: Show) -> None:
    """Raise AssertionError unless the show's bookings, claims and events are consistent."""
    bookings = list(
        Booking.objects.filter(show=show).prefetch_related("tickets", "events").order_by("id")
    )
    claims = {claim.seat_id: claim for claim in SeatClaim.objects.filter(show=show)}
    versions = history(show)
    for booking in bookings:
        check_is_whole(booking)
        check_has_its_seats(booking, claims)
        check_events(booking)
        check_each_event_moved_its_seats(booking, versions)
    check_every_claim_has_its_ticket(bookings, claims)
    for seat, line in versions.items():
        check_versions(line)
        assert line[-1].gen == claims[seat].gen, "the newest version of a claim is not the last"
    assert versions.keys() == claims.keys(), "a claim was written past the history"
    check_limit(bookings)


def check_is_whole(booking: Booking) -> None:
    """Assert that a booking has tickets, of the right status, and that the total is their sum."""
    tickets = booking.tickets.all()
    assert tickets, f"{booking} has no tickets: half a booking"
    total = sum(ticket.price for ticket in tickets if ticket.released_at is None)
    assert booking.total == total, "the total is not the sum"
    found = {ticket.status for ticket in tickets if ticket.released_at is None}
    called_off = any(event.kind == "called_off" for event in booking.events.all())
    allowed = {
        "held": {"valid"},
        "expired": {"valid"},
        "confirmed": {"valid", "used"},
        "cancelled": {"void", "used"} if called_off else {"void"},
    }
    assert found <= allowed[booking.status], f"{booking.status}, with tickets {found}"


def kept_tickets(booking: Booking) -> list[Ticket]:
    """Return the tickets that were not cancelled by themselves."""
    return [ticket for ticket in booking.tickets.all() if ticket.released_at is None]


def check_has_its_seats(booking: Booking, claims: dict[int, Any]) -> None:
    """Assert that a confirmed booking has all its seats, and that an ended booking has none."""
    own_claims = [claims[ticket.seat_id] for ticket in kept_tickets(booking)]
    states = {claim.state if claim.booking_id == booking.pk else "not mine" for claim in own_claims}
    allowed = {"confirmed": {"sold"}, "held": {"held"}}.get(booking.status, {"not mine"})
    if booking.status == "held" and not is_live(booking):
        allowed = {"held", "not mine"}
    assert states <= allowed, f"{booking.status}, with seats {states}"


def check_every_claim_has_its_ticket(bookings: list[Booking], claims: dict[int, Any]) -> None:
    """Assert that each claimed seat has a live booking with a ticket for it."""
    tickets = {
        (booking.pk, ticket.seat_id): booking.status
        for booking in bookings
        for ticket in kept_tickets(booking)
    }
    for claim in claims.values():
        if claim.booking_id is not None:
            status = tickets.get((claim.booking_id, claim.seat_id), "no ticket")
            wanted = "confirmed" if claim.state == "sold" else "held"
            assert status == wanted, f"a {claim.state} seat, and its booking: {status}"


# Events that leave the status as it is.
BESIDE = {"reduced", "moved", "changed", "joined", "extended", "exchanged"}


def check_events(booking: Booking) -> None:
    """Assert one event per transition, in a legal order, of which the last matches the status."""
    kinds = [event.kind for event in booking.events.all() if event.kind not in BESIDE]
    for before, after in zip([None, *kinds], kinds, strict=False):
        assert after in NEXT[before], f"history of {booking}: {kinds}"
    assert kinds, "a booking without history"
    assert STATUS.get(kinds[-1], kinds[-1]) == booking.status, f"{booking.status} after {kinds}"
    used = sum(ticket.status == Ticket.Status.USED for ticket in booking.tickets.all())
    admissions = kinds.count("admitted") - kinds.count("undone")
    assert admissions == used, f"{used} used tickets after {kinds}"


def check_each_event_moved_its_seats(booking: Booking, versions: dict[int, list[Version]]) -> None:
    """Assert that each hold, extension and confirmation claimed each seat of the booking once.

    An exchange claims seats, too: those that it brought are left out.
    """
    kinds = Counter(event.kind for event in booking.events.all())
    for ticket in kept_tickets(booking):
        if ticket.seat_id in exchanged_seats(booking):
            continue
        given = Counter(
            line.state for line in versions[ticket.seat_id] if line.booking == booking.pk
        )
        assert given["held"] == kinds["held"] + kinds["extended"], (
            f"held {given} times, said {kinds}"
        )
        assert given["sold"] == kinds["confirmed"], f"sold {given} times, said {kinds}"


def exchanged_seats(booking: Booking) -> set[int]:
    """Return the seats of tickets that an exchange made: as many as it voided, after the others."""
    tickets = sorted(booking.tickets.all(), key=lambda ticket: ticket.pk)
    exchanged_at = {event.at for event in booking.events.all() if event.kind == "exchanged"}
    made = sum(ticket.released_at in exchanged_at for ticket in tickets)
    return {ticket.seat_id for ticket in tickets[len(tickets) - made :]}


def check_versions(line: list[Version]) -> None:
    """Assert that `gen` has no gaps, and that DESIGN 6 allows each transition."""
    assert [version.gen for version in line] == list(range(1, len(line) + 1)), f"a gap: {line}"
    for before, after in pairwise(line):
        assert (after.was, after.had) == (before.state, before.booking), f"unseen: {line}"
    for version in line:
        assert is_legal(version), f"illegal: {version}"


def is_legal(version: Version) -> bool:
    """Say whether DESIGN 6 allows this transition of a seat."""
    step = (version.was, version.state)
    if step == ("held", "held"):
        is_extension = version.booking == version.had
        return is_extension == version.in_time
    if step == ("held", "sold"):
        return version.booking == version.had or not version.in_time
    others = {("free", "held"), ("free", "sold"), ("free", "blocked"), ("blocked", "free")}
    return step in others | {("held", "free"), ("sold", "free")} or (
        step == ("held", "blocked") and not version.in_time
    )


def check_limit(bookings: list[Booking]) -> None:
    """Assert that no customer exceeds the seat limit."""
    seats: Counter[int] = Counter()
    for booking in bookings:
        if is_live(booking):
            seats[booking.user_id] += len(kept_tickets(booking))
    assert all(count <= settings.SEAT_LIMIT for count in seats.values()), "over the limit"


def is_live(booking: Booking) -> bool:
    """Say whether a booking is confirmed, or a hold that has not expired."""
    return booking.status == "confirmed" or (
        booking.held_until is not None and booking.held_until > timezone.now()
    )
