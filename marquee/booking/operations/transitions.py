"""The writes that operations share: status of bookings and tickets, and events."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from marquee.booking.models import Booking, Ticket
from marquee.booking.move_rules import MOVE_TOLERANCE
from marquee.booking.queries import seat_holders
from marquee.booking.records import Actor, SeatHolder
from marquee.booking.states import ActorKind, BookingStatus, TicketStatus
from marquee.catalog.queries import get_plan
from marquee.core import clock
from marquee.core.sql import fetch_all, key_in, keys_param

SET_STATUS_SQL = """
    UPDATE booking SET status = %(to)s, held_until = NULL, released_at = {released_at}
    WHERE {is_chosen} AND status IN ({out_of}) RETURNING id
"""
# An expired hold released its seats at `held_until`, whenever the worker records that.
RELEASED_AT_SQL: dict[str, str] = {
    BookingStatus.CONFIRMED: "NULL",
    BookingStatus.CANCELLED: "{now}",
    BookingStatus.EXPIRED: "held_until",
}


def set_status(booking_ids: Sequence[int], *, to: str, out_of: Iterable[str]) -> None:
    """Change the status of locked bookings, by compare-and-set on their own columns (DESIGN 5)."""
    sql = SET_STATUS_SQL.format(
        is_chosen=key_in("id", "bookings"),
        released_at=RELEASED_AT_SQL[to].format(now=clock.now_sql()),
        out_of=", ".join(f"'{status}'" for status in out_of),
    )
    changed = fetch_all(sql, {"bookings": keys_param(booking_ids), "to": to})
    if len(changed) != len(booking_ids):
        raise RuntimeError(f"Of the bookings {booking_ids} some changed under their own lock.")


def set_prices(booking: Booking, prices: Mapping[int, int]) -> None:
    """Give the tickets of a locked booking these prices, by ticket id, and the booking their sum."""
    tickets = [Ticket(pk=key, price=price) for key, price in prices.items()]
    Ticket.objects.bulk_update(tickets, ["price"])
    Booking.objects.filter(pk=booking.pk).update(total=sum(prices.values()))


VOID_TICKETS_SQL = (
    "UPDATE ticket SET status = 'void' WHERE {is_chosen} AND status = 'valid' RETURNING id"
)


def void_tickets(booking_ids: Iterable[int]) -> int:
    """Void the valid tickets of some bookings, and return how many there were."""
    sql = VOID_TICKETS_SQL.format(is_chosen=key_in("booking_id", "bookings"))
    return len(fetch_all(sql, {"bookings": keys_param(booking_ids)}))


def void_some_tickets(tickets: Collection[Ticket], at: datetime) -> None:
    """Void these valid tickets of a locked booking, by compare-and-set: each once."""
    keys = [ticket.pk for ticket in tickets]
    valid = Ticket.objects.filter(pk__in=keys, status=TicketStatus.VALID)
    if valid.update(status=TicketStatus.VOID, released_at=at) != len(keys):
        raise RuntimeError(f"Of the tickets {keys} some changed under their booking's lock.")


# A show that moved by more than the tolerance from what was sold gives time until its start. So does
# one that did so before: its bookings have a deadline that was not sold.
MOVE_TERMS_SQL = """
    UPDATE booking SET cancel_until = %(starts_at)s
    WHERE {is_chosen} AND (
        sold_starts_at < %(earliest)s OR sold_starts_at > %(latest)s
        OR cancel_until >= %(before)s AND cancel_until <> sold_starts_at)
"""
CHANGE_TERMS_SQL = "UPDATE booking SET cancel_until = %(starts_at)s WHERE {is_chosen}"


def move_terms(booking_ids: Iterable[int], *, before: datetime, starts_at: datetime) -> None:
    """Let bookings be cancelled until the new start, unless the show is near what was sold."""
    values = {
        "bookings": keys_param(booking_ids),
        "starts_at": clock.to_db_time(starts_at),
        "before": clock.to_db_time(before),
        "earliest": clock.to_db_time(starts_at - MOVE_TOLERANCE),
        "latest": clock.to_db_time(starts_at + MOVE_TOLERANCE),
    }
    fetch_all(MOVE_TERMS_SQL.format(is_chosen=key_in("id", "bookings")), values)


def change_terms(booking_ids: Iterable[int], *, starts_at: datetime) -> None:
    """Let bookings be cancelled until the start, as the show is no longer what was sold."""
    values = {"bookings": keys_param(booking_ids), "starts_at": clock.to_db_time(starts_at)}
    fetch_all(CHANGE_TERMS_SQL.format(is_chosen=key_in("id", "bookings")), values)


RECORD_EVENTS_SQL = """
    INSERT INTO booking_event (booking_id, kind, at, by, actor_id, reason)
    SELECT id, %(kind)s, %(at)s, %(by)s, {actor}, %(reason)s
    FROM booking WHERE {is_chosen} ORDER BY id
"""
ACTOR_SQL = "CAST(%(actor)s AS bigint)"
# Without an actor, the owner of each booking acts.
OWNER_SQL = "user_id"


def record_events(
    booking_ids: Iterable[int],
    kind: str,
    at: datetime,
    actor: Actor | None,
    *,
    reason: str = "",
) -> None:
    """Record what happened to some bookings: one event each, with who did it and why."""
    values = {
        "bookings": keys_param(booking_ids),
        "kind": kind,
        "at": clock.to_db_time(at),
        "by": actor.by if actor else ActorKind.CUSTOMER,
        "reason": reason,
    }
    if actor:
        values["actor"] = actor.user_id
    who = ACTOR_SQL if actor else OWNER_SQL
    fetch_all(RECORD_EVENTS_SQL.format(is_chosen=key_in("id", "bookings"), actor=who), values)


def seat_labels(seat_plan_id: int, seats: Iterable[int]) -> list[str]:
    """Return the labels of these seats, by ascending seat id."""
    by_id = get_plan(seat_plan_id).by_id
    return [by_id[seat].label for seat in sorted(seats)]


def holders_by_label(
    show_id: int, seat_plan_id: int, seats: Collection[int]
) -> Mapping[str, SeatHolder]:
    """Return who has these seats of a show, by label, for a refusal."""
    by_id = get_plan(seat_plan_id).by_id
    holders = seat_holders(show_id, seats)
    return {by_id[seat].label: holder for seat, holder in holders.items()}
