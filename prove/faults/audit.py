"""The database, asked itself, against what customers were told.

After any fault: every acknowledged change is there, a no left no trace, what nobody heard of happened once or not
at all; and the books are whole, whoever was killed when.
"""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from prove.faults.persistent_clients import Journal
from prove.faults.server_under_test import ServerUnderTest
from prove.results import Violation

PROBE = "probe-"  # begins the keys of those who are not of the crowd
Rows = Callable[[str], list[tuple[Any, ...]]]

# Each finds rows that must not be. A ticket with a time of release was given up for another seat, and is void.
CONSISTENCY_QUERIES = {
    "one seat, one owner": """
        SELECT booking.show_id, ticket.seat_id, count(*) FROM ticket
        JOIN booking ON booking.id = ticket.booking_id
        WHERE booking.status = 'confirmed' AND ticket.released_at IS NULL
        GROUP BY booking.show_id, ticket.seat_id HAVING count(*) > 1""",
    "no orphan claim": """
        SELECT seat_claim.show_id, seat_claim.seat_id, seat_claim.state, booking.reference,
            booking.status
        FROM seat_claim LEFT JOIN booking ON booking.id = seat_claim.booking_id
            AND booking.show_id = seat_claim.show_id
        LEFT JOIN ticket ON ticket.booking_id = booking.id AND ticket.seat_id = seat_claim.seat_id
            AND ticket.released_at IS NULL
        WHERE seat_claim.state IN ('held', 'sold') AND (ticket.id IS NULL
            OR booking.status <>
                CASE seat_claim.state WHEN 'sold' THEN 'confirmed' ELSE 'held' END)""",
    "a live booking has its seats": """
        SELECT booking.reference, booking.status, ticket.seat_id, seat_claim.state FROM booking
        JOIN ticket ON ticket.booking_id = booking.id AND ticket.released_at IS NULL
        LEFT JOIN seat_claim ON seat_claim.show_id = booking.show_id
            AND seat_claim.seat_id = ticket.seat_id AND seat_claim.booking_id = booking.id
        WHERE booking.status IN ('held', 'confirmed') AND (seat_claim.state IS NULL
            OR seat_claim.state <>
                CASE booking.status WHEN 'confirmed' THEN 'sold' ELSE 'held' END)""",
    "no half-done booking": """
        SELECT booking.reference, booking.status, booking.total,
            (SELECT sum(price) FROM ticket WHERE booking_id = booking.id AND released_at IS NULL)
        FROM booking WHERE booking.total IS DISTINCT FROM
            (SELECT sum(price) FROM ticket WHERE booking_id = booking.id AND released_at IS NULL)""",
    "tickets follow their booking": """
        SELECT booking.reference, booking.status, ticket.status FROM booking
        JOIN ticket ON ticket.booking_id = booking.id AND ticket.released_at IS NULL
        WHERE (booking.status = 'cancelled') <> (ticket.status = 'void')""",
    "the last event is the status": """
        SELECT booking.reference, booking.status, last.kind FROM booking
        LEFT JOIN booking_event AS last ON last.id =
            (SELECT max(id) FROM booking_event WHERE booking_event.booking_id = booking.id
                AND kind NOT IN ('reduced', 'moved', 'changed', 'exchanged'))
        WHERE last.kind IS NULL OR booking.status <>
            CASE last.kind WHEN 'called_off' THEN 'cancelled' ELSE last.kind END""",
    "a show that is called off has one audit entry": """
        SELECT show.id, show.state, count(entry.id) FROM show LEFT JOIN audit_entry AS entry
            ON entry.action = 'called_off' AND entry.subject_id = CAST(show.id AS text)
        GROUP BY show.id, show.state
        HAVING count(entry.id) <> CASE show.state WHEN 'called_off' THEN 1 ELSE 0 END""",
    "versions without a gap": """
        SELECT show_id, seat_id, count(*), max(gen) FROM prove_transition
        WHERE seat_id IS NOT NULL
        GROUP BY show_id, seat_id HAVING count(*) <> max(gen) OR count(DISTINCT gen) <> count(*)""",
    "legal transitions only": """
        SELECT * FROM prove_transition WHERE seat_id IS NOT NULL AND (
            was = 'sold' AND state <> 'free'
            OR was = 'held' AND state = 'held' AND (in_time OR had = booking_id)
            OR was = 'held' AND state = 'sold' AND had <> booking_id AND in_time
            OR was = 'free' AND state = 'free')""",
    "the newest version is the claim": """
        SELECT seat_claim.show_id, seat_claim.seat_id, seat_claim.gen, newest.gen
        FROM seat_claim LEFT JOIN (SELECT show_id, seat_id, max(gen) AS gen FROM prove_transition
            GROUP BY show_id, seat_id) AS newest
        ON newest.show_id = seat_claim.show_id AND newest.seat_id = seat_claim.seat_id
        WHERE newest.gen IS DISTINCT FROM seat_claim.gen""",
}
SQLITE_HAS = ("IS DISTINCT FROM", "IS NOT")  # SQLite 3.39 has both; older ones only this


def audit(target: ServerUnderTest, journal: Journal) -> list[Violation]:
    """Return what is wrong with the books, and where they are not what customers were told."""
    return [
        *check_consistency(target),
        *compare_with_responses(target, journal),
        *compare_names(target, journal),
    ]


def check_consistency(target: ServerUnderTest) -> list[Violation]:
    """Return what is wrong with the books by themselves."""
    found = []
    for invariant, sql in CONSISTENCY_QUERIES.items():
        query = sql if target.cluster else sql.replace(*SQLITE_HAS)
        found += [Violation(invariant, target.engine, str(row)) for row in target.rows(query)]
    return found


BOOKINGS = """
    SELECT booking.idempotency_key, booking.reference, booking.status, booking.show_id, seat.label
    FROM booking LEFT JOIN ticket ON ticket.booking_id = booking.id AND ticket.released_at IS NULL
    LEFT JOIN seat ON seat.id = ticket.seat_id
"""


def compare_with_responses(target: ServerUnderTest, journal: Journal) -> list[Violation]:
    """Return where the database is not what customers were told."""
    return list(_compare(stored(target.rows), journal))


NAMES = """
    SELECT CAST(entry.changes AS text), card.name FROM price_card AS card LEFT JOIN audit_entry AS entry
        ON entry.action = 'changed' AND entry.subject_kind = 'price_card'
        AND entry.subject_id = CAST(card.id AS text)
    WHERE card.id = {card} ORDER BY entry.id
"""


def compare_names(target: ServerUnderTest, journal: Journal) -> Iterator[Violation]:
    """Yield where the audit log has other names of the clerk's price card than were acknowledged, each once."""
    found = target.rows(NAMES.format(card=target.clerks_card))
    pairs = [json.loads(changes)["name"] for changes, _ in found if changes]
    said = [after for _, after in pairs]
    is_chain = all(one[1] == other[0] for one, other in pairwise(pairs))
    is_complete = set(said) == journal.names.keys() and (not said or said[-1] == found[0][1])
    is_often = any(said.count(name) > 1 + lost for name, lost in journal.names.items())
    if is_often or not (is_chain and is_complete):
        what = f"{found[0][1]} now; {said} in the log; {journal.names} acknowledged"
        yield Violation("one audit entry per act", target.engine, what)


def stored(rows: Rows) -> dict[str, tuple[str | None, str, int, list[str]]]:
    """Return each booking by its reference: its key, status, show and labels."""
    found: dict[str, tuple[str | None, str, int, list[str]]] = {}
    for key, reference, status, show, label in rows(BOOKINGS):
        found.setdefault(reference, (key, status, show, []))[3].append(label)
    return found


def lost_bookings(target: ServerUnderTest, journal: Journal) -> list[str]:
    """Return the bookings that were acknowledged and are not there, or not as they were told."""
    return sorted(
        {
            one.where
            for one in compare_with_responses(target, journal)
            if one.invariant == "every acknowledged change is stored"
        }
    )


def _compare(
    stored_bookings: dict[str, tuple[str | None, str, int, list[str]]], journal: Journal
) -> Iterator[Violation]:
    for reference, expected in journal.bookings.items():
        key, status, show, labels = stored_bookings.get(reference, (None, "missing", 0, []))
        same = (key, show) == (expected.key, expected.show)
        same &= tuple(sorted(labels)) in {expected.seats, expected.other_seats}
        allowed = {"cancelled"} if show in journal.called_off else expected.statuses
        if status not in allowed or not same:
            what = f"{status} {labels} of key {key}; expected {expected}"
            yield Violation("every acknowledged change is stored", reference, what)
    keys: dict[str | None, str] = {}
    for reference, (key, status, _, labels) in stored_bookings.items():
        if (key or "").startswith(PROBE):
            continue
        if key in keys:
            yield Violation("one effect per key", f"key {key}", f"{keys[key]} and {reference}")
        keys[key] = reference
        if key in journal.refused:
            yield Violation(
                "refused requests change nothing", reference, f"{status} {labels} of key {key}"
            )
        elif reference not in journal.bookings and key not in journal.pending_keys:
            yield Violation(
                "every booking was requested", reference, f"{status} {labels} of key {key}"
            )
