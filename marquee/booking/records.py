"""Plain, immutable records that rules decide by. Importing this loads no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from marquee.booking.states import ActorKind, Channel
from marquee.catalog.records import PlanSeat, ShowRecord, Terms
from marquee.core.money import Money


class Actor(NamedTuple):
    """Who makes a change, as its event says: a customer, a member of staff, or the worker."""

    by: str
    user_id: int | None = None

    @classmethod
    def customer(cls, user_id: int) -> "Actor":
        """Return a customer, who changes a booking of their own."""
        return cls(ActorKind.CUSTOMER, user_id)

    @classmethod
    def staff(cls, user_id: int) -> "Actor":
        """Return a member of staff. The door has checked their rights."""
        return cls(ActorKind.STAFF, user_id)


WORKER = Actor(ActorKind.WORKER)
UNRECORDED = Actor("")  # a script: the history does not say who ran it


class Client(NamedTuple):
    """Where a request comes from: its network, by which limits count, its language, and its channel.

    No network limit counts a request without a network. A blank language is that of the account.
    """

    network: str | None = None
    language: str = ""
    channel: str = Channel.API


UNKNOWN_CLIENT = Client()


class Contact(NamedTuple):
    """Who a guest says to be, and the language in which it wants its mails."""

    name: str
    email: str
    language: str = ""


# A ticket at its three stages. Each stage knows what the one before cannot.


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """A requested ticket: a seat by its label, or any seat; a ticket type, or the default one."""

    seat: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class SeatChoice:
    """What narrows the choice of seats for tickets that name none."""

    category: str | None = None
    wheelchairs: int = 0
    companions: int = 0


@dataclass(frozen=True, slots=True)
class CounterTerms:
    """What staff record of a booking at the counter: who it is for, and what was paid, if anything.

    Without an `amount` the total was paid, in the currency of the cinema.
    """

    tender: str = ""
    amount: Decimal | None = None
    currency: str = ""
    customer_name: str = ""
    customer_email: str = ""


@dataclass(frozen=True, slots=True)
class PricedSeat:
    """A ticket priced, for the rules: the seat with its kind, the price in minor units, the terms."""

    seat: PlanSeat
    type: str
    price: int
    terms: Terms | None = None


class TicketRecord(NamedTuple):
    """A ticket stored: ids, a status and a code. A tuple, as a page of bookings has hundreds."""

    seat_id: int
    type_id: str
    price: int
    status: str
    code: str


@dataclass(frozen=True, slots=True)
class LockedShow:
    """A show and its customer as they are under the locks, and the database's clock."""

    now: datetime
    show: ShowRecord
    card_version: int
    is_active: bool  # the customer's account
    is_verified: bool  # the customer's address
    is_staff: bool  # who may sell at the counter: limits and terms of customers do not apply
    token_epoch: int


@dataclass(frozen=True, slots=True)
class LockedBooking:
    """A booking, its show and its customer as they are under the locks, and the database's clock."""

    now: datetime
    show_state: str
    starts_at: datetime
    ends_at: datetime
    sales_from: datetime | None
    sales_until: datetime
    seat_plan_id: int
    zone: str  # the cinema's time zone, in which refusals give times
    cancel_until_minutes: int | None  # the cinema's, for bookings made now
    sold_starts_at: datetime  # when the show was to start when the seats were held
    cancel_until: datetime
    user_id: int  # the customer
    is_active: bool  # the customer's account
    is_verified: bool  # the customer's address
    is_staff: bool  # who may sell at the counter: limits and terms of customers do not apply
    has_address: bool  # whether the customer has one: a provisional guest has not
    client_key: int | None
    status: str
    held_until: datetime | None
    held_at_most_until: datetime | None
    extended_at: datetime | None
    total: Money
    channel: str
    seats: set[int]  # of the tickets that are not void


class SeatHolder(NamedTuple):
    """Who has a seat that is not free: a booking, or nobody if it is blocked."""

    state: str
    user_id: int | None
    reference: str | None
    held_until: datetime | None


class Usage(NamedTuple):
    """What a customer and a client have at one moment, without the new booking."""

    customer_seats: int  # live, held or sold, at the show
    client_seats: int  # the same of everybody from the client's network
    client_holds: int  # live, at all shows
    client_holds_until: datetime | None  # when the first of them expires
    recent: int  # holds, or bookings cancelled, at the show within RECENT_PERIOD
    recent_since: (
        datetime | None
    )  # when the oldest of the last HOLD_LIMIT was made, if there are so many
    lapsed_seats: int  # held seats at the show that expired within RECENT_PERIOD
    lapsed_last: datetime | None  # when the last of them expired
    cooling: Mapping[int, datetime]  # seats given up too often, and when they were given up
