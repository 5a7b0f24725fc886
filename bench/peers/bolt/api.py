"""What the django-bolt peer answers: asynchronous handlers, msgspec structs.

Its own `JWTAuthentication`, in Rust, refuses a token without `sub`, which Simple JWT does not
write: so PyJWT reads tokens here, too.

psycopg prepares the statements after a few uses, by its own default. They are written with
PostgreSQL's placeholders, which psycopg calls raw.
"""

import os
from functools import wraps
from typing import Annotated, Any

from django_bolt import JSON, BoltAPI
from django_bolt.params import Header
from msgspec import Meta, Struct
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg_pool import AsyncConnectionPool

from bench.peers import shared
from bench.peers.shared import Facts, Plan, Prices, Refusal, TokenUser

# wrk asks for no compression, and Marquee and the others have none.
api = BoltAPI(enable_logging=False, compression=False)
pool = AsyncConnectionPool(
    os.environ["DATABASE_URL"],
    open=False,  # there is a loop to open it in only when the server runs
    min_size=4,
    kwargs={"autocommit": True, "cursor_factory": AsyncRawCursor},
)


class TicketWish(Struct, forbid_unknown_fields=True):
    """One ticket asked for."""

    seat: Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{1,12}$")]
    type: Annotated[str, Meta(pattern=r"^[0-9a-z_-]{1,20}$")] | None = None


class BookingRequest(Struct, forbid_unknown_fields=True):
    """What a customer asks for."""

    tickets: Annotated[list[TicketWish], Meta(min_length=1, max_length=100)]
    hold: bool = False


def refusing(handler: Any) -> Any:
    """Let a handler answer with a refusal."""

    @wraps(handler)
    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return await handler(*args, **kwargs)
        except Refusal as refusal:
            headers = {"content-type": "application/problem+json"}
            return JSON(refusal.body(), refusal.status, headers)

    return wrapped


def verify_token(header: str) -> TokenUser:
    """Return who is calling, by the header `Authorization`. Refuses with 401."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise shared.not_logged_in()
    return shared.verify_token(token)


@api.post(
    "/api/v1/shows/{show_id}/bookings",
    status_code=201,
)
@refusing
async def book(
    show_id: int, body: BookingRequest, authorization: Annotated[str, Header()] = ""
) -> dict:
    """Book or hold seats: all of them, or none."""
    caller = verify_token(authorization)
    ticket_requests = [
        (ticket_request.seat, ticket_request.type) for ticket_request in body.tickets
    ]
    await pool.open()
    async with pool.connection() as connection, connection.transaction():
        facts = await _locked(connection, show_id, caller)
        plan = await _plan(connection, facts.plan_id)
        card = await _prices(connection, facts)
        order = shared.price_booking(facts, caller.id, ticket_requests, plan, card, hold=body.hold)
        made = await _row(connection, shared.STORE, order.values())
        order.check_stored(seats_before=made[1], won=made[2])
    return shared.booking_response(order)


@api.get("/api/v1/shows/{show_id}/availability")
@refusing
async def availability(show_id: int) -> dict:
    """Return the seats that are not free."""
    await pool.open()
    async with pool.connection() as connection:
        found = await _row(connection, shared.SHOW_PLAN, [show_id])
        if found is None:
            raise shared.not_found()
        claims = await _rows(connection, shared.CLAIMS, [show_id])
        plan = await _plan(connection, found[0])
    return shared.availability_response(plan, claims)


async def _row(connection: AsyncConnection, sql: str, parameters: list[Any]) -> Any:
    return await (await connection.execute(sql, parameters)).fetchone()


async def _rows(connection: AsyncConnection, sql: str, parameters: list[Any]) -> list[Any]:
    return await (await connection.execute(sql, parameters)).fetchall()


async def _locked(connection: AsyncConnection, show_id: int, caller: TokenUser) -> Facts:
    row = await _row(connection, shared.LOCK, [show_id, caller.id])
    if row is None:
        found = await _row(connection, shared.SHOW_PLAN, [show_id])
        raise shared.not_logged_in() if found else shared.not_found()
    facts = Facts(*row)
    shared.check_may_book(facts, caller.epoch)
    return facts


async def _plan(connection: AsyncConnection, plan_id: int) -> Plan:
    if plan := shared.plans.get(plan_id):
        return plan
    return shared.cache_plan(plan_id, await _rows(connection, shared.SEATS, [plan_id]))


async def _prices(connection: AsyncConnection, facts: Facts) -> Prices:
    if card := shared.prices.get((facts.card_id, facts.card_version)):
        return card
    rows = await _rows(connection, shared.PRICES, [facts.card_id])
    return shared.cache_prices(facts.card_id, rows)
