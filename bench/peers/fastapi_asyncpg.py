"""A peer: FastAPI with asyncpg, served by uvicorn with uvloop and httptools.

As FastAPI's documentation has it: a lifespan that opens the pool, dependencies for who is calling,
Pydantic models for the body and the response. As asyncpg's has it: a pool, a transaction block.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, ConfigDict, Field

from bench.peers import shared
from bench.peers.shared import Facts, Plan, Prices, Refusal, TokenUser

# --- The application, and its pool ------------------------------------------------------------------


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep a pool of connections as long as the process serves."""
    async with asyncpg.create_pool(os.environ["DATABASE_URL"]) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.exception_handler(Refusal)
async def refuse(request: Request, refusal: Refusal) -> JSONResponse:
    """Answer with a refusal."""
    kind = "application/problem+json"
    return JSONResponse(refusal.body(), refusal.status, media_type=kind)


async def pool_of(request: Request) -> asyncpg.Pool:
    """Return the pool."""
    return request.app.state.pool


Pool = Annotated[asyncpg.Pool, Depends(pool_of)]

# --- Who is calling ---------------------------------------------------------------------------------


bearer = OAuth2PasswordBearer(tokenUrl="api/v1/auth/login/")


async def verify_token(token: Annotated[str, Depends(bearer)]) -> TokenUser:
    """Return who is calling. Refuses with 401."""
    return shared.verify_token(token)


# --- Shapes -----------------------------------------------------------------------------------------


class Body(BaseModel):
    """A body, without unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TicketWish(Body):
    """One ticket asked for."""

    seat: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,12}$")]
    type: Annotated[str | None, Field(pattern=r"^[0-9a-z_-]{1,20}$")] = None


class BookingRequest(Body):
    """What a customer asks for."""

    tickets: Annotated[list[TicketWish], Field(min_length=1, max_length=100)]
    hold: bool = False


class Money(BaseModel):
    """An amount of a currency."""

    amount: str
    currency: str


class Movie(BaseModel):
    """A movie, in short."""

    id: int
    title: str
    runtime_minutes: int
    certificate: str


class Cinema(BaseModel):
    """A cinema, in short."""

    id: int
    name: str
    city: str
    timezone: str


class Auditorium(BaseModel):
    """An auditorium, in short."""

    id: int
    name: str


class Show(BaseModel):
    """A show, in short."""

    id: int
    movie: Movie
    cinema: Cinema
    auditorium: Auditorium
    starts_at: str
    ends_at: str
    sales_until: str
    format: str
    language: str
    subtitles: str
    status: str


class Ticket(BaseModel):
    """One admission."""

    seat: str
    type: str
    price: Money
    status: str
    code: str


class Booking(BaseModel):
    """A booking as its owner sees it."""

    reference: str
    status: str
    held_until: str | None
    cancel_until: str
    show: Show
    tickets: list[Ticket]
    total: Money
    created_at: str


class Availability(BaseModel):
    """Which seats are not free."""

    version: int
    left: int
    taken: list[str]


# --- What can be asked ------------------------------------------------------------------------------


@app.post("/api/v1/shows/{show_id}/bookings/", status_code=201, response_model=Booking)
async def book(
    show_id: int,
    body: BookingRequest,
    caller: Annotated[TokenUser, Depends(verify_token)],
    pool: Pool,
) -> Any:
    """Book or hold seats: all of them, or none."""
    ticket_requests = [
        (ticket_request.seat, ticket_request.type) for ticket_request in body.tickets
    ]
    async with pool.acquire() as connection, connection.transaction():
        facts = await _locked(connection, show_id, caller)
        plan = await _plan(connection, facts.plan_id)
        card = await _prices(connection, facts)
        order = shared.price_booking(facts, caller.id, ticket_requests, plan, card, hold=body.hold)
        made = await connection.fetchrow(shared.STORE, *order.values())
        order.check_stored(seats_before=made[1], won=made[2])
    return shared.booking_response(order)


@app.get("/api/v1/shows/{show_id}/availability/", response_model=Availability)
async def availability(show_id: int, pool: Pool) -> Any:
    """Return the seats that are not free."""
    async with pool.acquire() as connection:
        plan_id = await connection.fetchval(shared.SHOW_PLAN, show_id)
        if plan_id is None:
            raise shared.not_found()
        claims = await connection.fetch(shared.CLAIMS, show_id)
        plan = await _plan(connection, plan_id)
    return shared.availability_response(plan, claims)


async def _locked(connection: asyncpg.Connection, show_id: int, caller: TokenUser) -> Facts:
    row = await connection.fetchrow(shared.LOCK, show_id, caller.id)
    if row is None:
        found = await connection.fetchval(shared.SHOW_PLAN, show_id)
        raise shared.not_logged_in() if found else shared.not_found()
    facts = Facts(*row)
    shared.check_may_book(facts, caller.epoch)
    return facts


async def _plan(connection: asyncpg.Connection, plan_id: int) -> Plan:
    if plan := shared.plans.get(plan_id):
        return plan
    return shared.cache_plan(plan_id, await connection.fetch(shared.SEATS, plan_id))


async def _prices(connection: asyncpg.Connection, facts: Facts) -> Prices:
    if card := shared.prices.get((facts.card_id, facts.card_version)):
        return card
    rows = await connection.fetch(shared.PRICES, facts.card_id)
    return shared.cache_prices(facts.card_id, rows)
