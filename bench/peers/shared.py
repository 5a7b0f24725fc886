"""What the peers without an ORM share: Marquee's statements, its rules, and the shape of its responses.

So that a run compares frameworks and drivers, and nothing else. The statements are those of
`marquee/booking`: `locks.py` (LOCK), `operations/insert.py` with `claims.py` and the count of `queries/`
(STORE), `queries.py` (CLAIMS). Change them there, then here and in `limit.sql`. Left out, as no
benchmark of the peers asks for it: the best available seats, Idempotency-Key, alternatives to taken seats.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import jwt

from marquee.core.codes import new_reference, new_ticket_code
from marquee.core.money import Money

SEAT_LIMIT = int(os.environ.get("SEAT_LIMIT", "10"))
HOLD = timedelta(minutes=float(os.environ.get("HOLD_MINUTES", "8")))
CANCEL_UNTIL_MINUTES = int(os.environ.get("CANCEL_UNTIL_MINUTES", "30"))

# --- The statements, with the placeholders of PostgreSQL's own protocol -----------------------------

# $1 show, $2 user
LOCK = """
    SELECT clock_timestamp(), locked.is_active, locked.token_epoch, price_card.version,
        locked.starts_at, locked.ends_at, locked.sales_until, locked.id, locked.seat_plan_id,
        locked.price_card_id, locked.format, locked.language, locked.subtitles, locked.state,
        movie.id, movie.title, movie.runtime_minutes, movie.certificate,
        auditorium.id, auditorium.name, cinema.id, cinema.name, cinema.city, cinema.timezone,
        cinema.cancel_until_minutes
    FROM (
        SELECT account.is_active, account.token_epoch, show.*
        FROM (SELECT pg_advisory_xact_lock_shared($1) OFFSET 0) AS gate, account, show
        WHERE account.id = $2 AND show.id = $1
        FOR NO KEY UPDATE OF account FOR KEY SHARE OF show
    ) AS locked
    JOIN movie ON movie.id = locked.movie_id
    JOIN auditorium ON auditorium.id = locked.auditorium_id
    JOIN cinema ON cinema.id = auditorium.cinema_id
    JOIN price_card ON price_card.id = locked.price_card_id
"""
# As `NewBooking.values` gives them: $1 reference, $2 user, $3 show, $4 status, $5 held until, $6 total,
# $7 currency, $8 now, $9 seats, $10 types, $11 prices, $12 codes, $13 state of the claims,
# $14 start of the show, $15 cancellable until.
STORE = """
    WITH had AS (
        SELECT COUNT(*) FROM booking JOIN ticket ON ticket.booking_id = booking.id
        WHERE booking.show_id = $3 AND booking.user_id = $2 AND (booking.status = 'confirmed'
            OR booking.status = 'held' AND booking.held_until > clock_timestamp())
    ), made AS (
        INSERT INTO booking (reference, user_id, show_id, status, held_until, total, currency,
            created_at, sold_starts_at, cancel_until, idempotency_key, request_digest)
        VALUES ($1, $2, $3, $4::text, $5, $6, $7, $8, $14, $15, NULL, '')
        RETURNING id
    ), issued AS (
        INSERT INTO ticket (booking_id, seat_id, type_id, price, status, code)
        SELECT made.id, one.seat, one.type, one.price, 'valid', one.code
        FROM made, unnest($9::bigint[], $10::text[], $11::integer[], $12::text[])
            AS one (seat, type, price, code)
    ), noted AS (
        INSERT INTO booking_event (booking_id, kind, at, by, actor_id)
        SELECT made.id, $4::text, $8, 'customer', $2 FROM made
    ), claimed AS (
        INSERT INTO seat_claim (show_id, seat_id, state, booking_id, expires_at, gen)
        SELECT $3, seat, $13::text, made.id, $5, 1
        FROM made, unnest($9::bigint[]) AS seat ORDER BY seat
        ON CONFLICT (show_id, seat_id) DO UPDATE SET
            state = excluded.state, booking_id = excluded.booking_id,
            expires_at = excluded.expires_at, gen = seat_claim.gen + 1
        WHERE seat_claim.state = 'free'
            OR seat_claim.state = 'held' AND seat_claim.expires_at <= clock_timestamp()
        RETURNING seat_id
    )
    SELECT made.id, had.count, ARRAY(SELECT seat_id FROM claimed) FROM made, had
"""
# $1 show
CLAIMS = """
    SELECT seat_id, state, gen, expires_at, clock_timestamp() FROM seat_claim WHERE show_id = $1
"""
SHOW_PLAN = "SELECT seat_plan_id FROM show WHERE id = $1"
SEATS = "SELECT id, label, category FROM seat WHERE plan_id = $1 ORDER BY y, x"
PRICES = """
    SELECT card.version, cinema.currency, card.default_type_id, price.category, price.type_id,
        price.amount
    FROM price JOIN price_card card ON card.id = price.card_id
    JOIN cinema ON cinema.id = card.cinema_id
    WHERE card.id = $1
"""


# --- Who is calling, and no ---------------------------------------------------------------------------------------------


class Refusal(Exception):
    """What was asked for is not done. `body()` tells why, as RFC 9457 has it."""

    def __init__(self, status: int, code: str, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.facts = status, code, detail, facts

    def body(self) -> dict[str, Any]:
        """Return the members of problem+json, with the facts of this case."""
        kind = f"urn:marquee:problem:{self.code}"
        members = {"type": kind, "status": self.status, "detail": self.detail, "code": self.code}
        return members | self.facts


def not_logged_in() -> Refusal:
    """Return the response to a missing or bad token."""
    return Refusal(401, "not_authenticated", "Log in first.")


def not_found() -> Refusal:
    """Return the response for a show that is not there."""
    return Refusal(404, "not_found", "There is no such show.")


class TokenUser(NamedTuple):
    """Whom a token names, not yet checked against the account."""

    id: int
    epoch: int


JWT_KEY = os.environ.get("JWT_SIGNING_KEY", "")
MARQUEE = "marquee"
LEEWAY_SECONDS = 30


def verify_token(token: str) -> TokenUser:
    """Return who is calling, by PyJWT. Refuses with 401."""
    try:
        claims = jwt.decode(
            token,
            JWT_KEY,
            algorithms=["HS256"],
            issuer=MARQUEE,
            audience=MARQUEE,
            leeway=LEEWAY_SECONDS,
        )
        if claims["token_type"] != "access":
            raise not_logged_in()
        return TokenUser(int(claims["user_id"]), int(claims["epoch"]))
    except (jwt.InvalidTokenError, KeyError, ValueError):
        raise not_logged_in() from None


# --- What stays in memory: it never changes, or has a version ------------------------------------


class Seat(NamedTuple):
    """A seat of a plan."""

    id: int
    label: str
    category: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The seats of a plan, by their labels, from the screen back."""

    by_label: Mapping[str, Seat]


@dataclass(frozen=True, slots=True)
class Prices:
    """A version of a price card: minor units by (seat category, ticket type)."""

    version: int
    currency: str
    default_type: str
    amounts: Mapping[tuple[str, str], int]


plans: dict[int, Plan] = {}
prices: dict[tuple[int, int], Prices] = {}


def cache_plan(plan_id: int, rows: Iterable[Sequence[Any]]) -> Plan:
    """Keep the rows of SEATS as a plan, and return it."""
    plan = plans[plan_id] = Plan({row[1]: Seat(*row) for row in rows})
    return plan


def cache_prices(card_id: int, rows: Sequence[Sequence[Any]]) -> Prices:
    """Keep the rows of PRICES under the version that they are of, and return them."""
    version, currency, default_type = rows[0][:3]
    card = Prices(version, currency, default_type, {(row[3], row[4]): row[5] for row in rows})
    prices[card_id, version] = card
    return card


# --- A booking ------------------------------------------------------------------------------------


class Facts(NamedTuple):
    """A row of LOCK."""

    now: datetime
    is_active: bool
    token_epoch: int
    card_version: int
    starts_at: datetime
    ends_at: datetime
    sales_until: datetime
    show_id: int
    plan_id: int
    card_id: int
    format: str
    language: str
    subtitles: str
    state: str
    movie_id: int
    title: str
    runtime_minutes: int
    certificate: str
    auditorium_id: int
    auditorium: str
    cinema_id: int
    cinema: str
    city: str
    timezone: str
    cancel_until_minutes: int | None

    @property
    def cancel_until(self) -> datetime:
        """Until when a booking made now may be cancelled."""
        minutes = self.cancel_until_minutes
        return self.starts_at - timedelta(
            minutes=CANCEL_UNTIL_MINUTES if minutes is None else minutes
        )


class PricedSeat(NamedTuple):
    """Who sits where at what price, and with which code."""

    seat_id: int
    label: str
    type: str
    price: int
    code: str


TicketRequest = tuple[str, str | None]  # a seat by its label, and a ticket type or the usual one


def check_may_book(facts: Facts, epoch: int) -> None:
    """Refuse a closed account, a show called off, and one whose sales are closed."""
    if not facts.is_active or facts.token_epoch != epoch:
        raise not_logged_in()
    if facts.state == "called_off":
        raise Refusal(409, "show_called_off", "This show is called off.")
    if facts.now >= facts.sales_until:
        raise Refusal(409, "sales_closed", "Sales for this show are closed.")


@dataclass(slots=True)
class NewBooking:
    """A new booking, settled but for its claims."""

    facts: Facts
    user_id: int
    hold: bool
    currency: str
    seats: list[PricedSeat]
    reference: str
    held_until: datetime | None
    total: int

    @property
    def status(self) -> str:
        """Where the booking stands, and what happened to it."""
        return "held" if self.hold else "confirmed"

    def values(self) -> list[Any]:
        """Return the parameters of STORE."""
        seats = self.seats
        return [
            self.reference,
            self.user_id,
            self.facts.show_id,
            self.status,
            self.held_until,
            self.total,
            self.currency,
            self.facts.now,
            [one.seat_id for one in seats],
            [one.type for one in seats],
            [one.price for one in seats],
            [one.code for one in seats],
            "held" if self.hold else "sold",
            self.facts.starts_at,
            self.facts.cancel_until,
        ]

    def check_stored(self, *, seats_before: int, won: Sequence[int]) -> None:
        """Refuse too many seats for a customer, and seats that somebody else has: roll back."""
        left = max(0, SEAT_LIMIT - seats_before)
        if len(self.seats) > left:
            detail = f"At most {SEAT_LIMIT} seats a customer and show: {left} more can be booked."
            raise Refusal(409, "seat_limit", detail, limit=SEAT_LIMIT, left=left)
        if len(won) < len(self.seats):
            labels = [one.label for one in self.seats if one.seat_id not in won]
            detail = f"Somebody else has {', '.join(labels)}. Choose other seats."
            raise Refusal(409, "seats_taken", detail, seats=labels, alternatives=[])


def price_booking(
    facts: Facts,
    user_id: int,
    ticket_requests: Sequence[TicketRequest],
    plan: Plan,
    card: Prices,
    *,
    hold: bool,
) -> NewBooking:
    """Return the booking to store. Refuses seats and ticket types that are not known."""
    seats = sorted(
        _price_seat(label.upper(), type_, plan, card) for label, type_ in ticket_requests
    )
    if len({one.seat_id for one in seats}) < len(seats):
        raise Refusal(400, "invalid", "A seat is named more than once.")
    return NewBooking(
        facts=facts,
        user_id=user_id,
        hold=hold,
        currency=card.currency,
        seats=seats,
        reference=new_reference(),
        held_until=facts.now + HOLD if hold else None,
        total=sum(one.price for one in seats),
    )


def _price_seat(label: str, type_: str | None, plan: Plan, card: Prices) -> PricedSeat:
    seat = plan.by_label.get(label)
    if seat is None:
        raise Refusal(400, "unknown_seat", f"This auditorium has no seat {label}.", seats=[label])
    type_ = type_ or card.default_type
    price = card.amounts.get((seat.category, type_))
    if price is None:
        detail = f"Seat {label} is not sold as {type_}."
        raise Refusal(400, "unknown_ticket_type", detail, types=[type_])
    return PricedSeat(seat.id, label, type_, price, new_ticket_code())


# --- Responses ----------------------------------------------------------------------------------------


def booking_response(order: NewBooking) -> dict[str, Any]:
    """Return a booking as its owner sees it: Marquee's `booking_response`."""
    facts, zone = order.facts, ZoneInfo(order.facts.timezone)
    return {
        "reference": order.reference,
        "status": order.status,
        "held_until": order.held_until and _local(order.held_until, zone),
        "cancel_until": _local(facts.cancel_until, zone),
        "show": _show_response(facts, zone),
        "tickets": [_ticket_response(one, order.currency) for one in order.seats],
        "total": _money(order.total, order.currency),
        "created_at": _local(facts.now, zone),
    }


def _show_response(facts: Facts, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": facts.show_id,
        "movie": {
            "id": facts.movie_id,
            "title": facts.title,
            "runtime_minutes": facts.runtime_minutes,
            "certificate": facts.certificate,
        },
        "cinema": {
            "id": facts.cinema_id,
            "name": facts.cinema,
            "city": facts.city,
            "timezone": facts.timezone,
        },
        "auditorium": {"id": facts.auditorium_id, "name": facts.auditorium},
        "starts_at": _local(facts.starts_at, zone),
        "ends_at": _local(facts.ends_at, zone),
        "sales_until": _local(facts.sales_until, zone),
        "format": facts.format,
        "language": facts.language,
        "subtitles": facts.subtitles,
        "status": facts.state,
    }


def _ticket_response(one: PricedSeat, currency: str) -> dict[str, Any]:
    return {
        "seat": one.label,
        "type": one.type,
        "price": _money(one.price, currency),
        "status": "valid",
        "code": one.code,
    }


def _money(minor: int, currency: str) -> dict[str, str]:
    return {"amount": Money(minor, currency).amount, "currency": currency}


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="seconds")


def availability_response(plan: Plan, claims: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """Return which seats are not free, of the rows of CLAIMS: Marquee's `availability`."""
    version = 0
    taken = set()
    for seat, state, gen, expires_at, now in claims:
        is_expired = expires_at is not None and expires_at <= now
        version += 2 * gen + is_expired
        if not is_expired and state != "free":
            taken.add(seat)
    return {
        "version": version,
        "left": len(plan.by_label) - len(taken),
        "taken": [seat.label for seat in plan.by_label.values() if seat.id in taken],
    }
