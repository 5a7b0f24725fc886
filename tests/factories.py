"""Factories of rows for tests: cinemas, auditoriums, prices, movies, shows, users and bookings.

They call the operations, so tests have only rows that users could have made.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from marquee.accounts.models import StaffRole, User
from marquee.accounts.states import Role
from marquee.booking.models import Booking, BookingEvent, SeatClaim, Ticket
from marquee.booking.operations import BookingResult, book
from marquee.booking.queries import UsageQuery, client_key, read_usage
from marquee.booking.records import Client, TicketRequest, Usage
from marquee.catalog.models import Auditorium, Cinema, Movie, PriceCard, Show
from marquee.catalog.operations import (
    PriceLine,
    add_auditorium,
    add_cinema,
    add_movie,
    add_price_card,
    add_show,
)
from marquee.core.errors import Refused

ROWS = ("A: sssss_sssss", "B: ppppp_ppppp", "C: ww_cc_rrrr")
PRICES = {
    ("standard", "adult"): "12.50",
    ("standard", "child"): "9.00",
    ("premium", "adult"): "15.00",
    ("premium", "child"): "11.50",
    ("recliner", "adult"): "19.90",
}
EARLY = "They came a day early."  # why staff admit tickets of a show tomorrow
CARER_PRICES = PRICES | {("standard", "carer"): "0.00"}
_number = count(1)


def make_cinema(**fields: Any) -> Cinema:
    """Return a new cinema in Vienna with prices in euros, by default."""
    defaults = {
        "name": f"Cinema {next(_number)}",
        "city": "Vienna",
        "timezone": "Europe/Vienna",
        "currency": "EUR",
    }
    return add_cinema(**defaults | fields)


def make_auditorium(
    cinema: Cinema | None = None, *, rows: Sequence[str] = ROWS, **fields: Any
) -> Auditorium:
    """Return a new auditorium with 28 seats and a turnaround of 15 minutes."""
    defaults = {"name": f"Screen {next(_number)}"}
    return add_auditorium(cinema=cinema or make_cinema(), rows=rows, **defaults | fields)


def make_price_card(
    cinema: Cinema | None = None,
    prices: dict[tuple[str, str], str] | None = None,
    *,
    default_type: str = "adult",
    name: str | None = None,
    counter_only: Collection[tuple[str, str]] = (),
    **fields: Any,
) -> PriceCard:
    """Return a new price card, by default with PRICES."""
    return add_price_card(
        cinema=cinema or make_cinema(),
        name=name or f"Prices {next(_number)}",
        default_type=default_type,
        prices=price_lines(prices or PRICES, counter_only=counter_only),
        **fields,
    )


def price_lines(
    prices: dict[tuple[str, str], str], *, counter_only: Collection[tuple[str, str]] = ()
) -> list[PriceLine]:
    """Return the lines of a price card. Those in `counter_only` are sold at the counter only."""
    lines = prices.items()
    return [PriceLine(*key, Decimal(amount), key in counter_only) for key, amount in lines]


def make_movie(**fields: Any) -> Movie:
    """Return a new movie of 100 minutes: two hours with the default adverts."""
    defaults: dict[str, Any] = {
        "title": f"Movie {next(_number)}",
        "runtime_minutes": 100,
        "original_language": "en",
    }
    return add_movie(**defaults | fields)


def make_show(
    auditorium: Auditorium | None = None,
    *,
    movie: Movie | None = None,
    price_card: PriceCard | None = None,
    starts_at: datetime | None = None,
    starts_in: timedelta = timedelta(days=1),
    rows: Sequence[str] = ROWS,
    **fields: Any,
) -> Show:
    """Return a new show, tomorrow at this time, in a new auditorium unless one is given."""
    auditorium = auditorium or make_auditorium(rows=rows)
    return add_show(
        movie=movie or make_movie(),
        auditorium=auditorium,
        price_card=price_card or make_price_card(auditorium.cinema),
        starts_at=starts_at or timezone.now() + starts_in,
        **fields,
    )


def make_user(name: str = "Alice", **fields: Any) -> User:
    """Return a new customer. Without a password, this takes no hash."""
    defaults = {"email": f"{name.lower()}{next(_number)}@example.com", "name": name}
    return User.objects.create_user(**defaults | fields)


def make_staff(
    role: Role | None = Role.MANAGER, *, cinema: Cinema | None = None, **fields: Any
) -> User:
    """Return a new member of staff with a role, or none, at a cinema, or at all."""
    staff = make_user("Staff", **{"is_staff": True} | fields)
    if role is not None and not staff.is_superuser:
        StaffRole.objects.create(user=staff, role=role, cinema=cinema)
    return staff


def make_superuser() -> User:
    """Return a new superuser with a password, which takes a hash."""
    return make_staff(is_superuser=True, password="correct horse battery")


def client_of(user: User | None = None) -> APIClient:
    """Return an API client, with the user's access token if a user is given."""
    client = APIClient()
    if user is not None:
        token = AccessToken.for_user(user)
        token["epoch"] = user.token_epoch
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def book_seats(user: User, show: Show, *labels: str, **options: Any) -> Booking:
    """Return a new booking of these seats, one adult each. Options as in `book`."""
    tickets = [TicketRequest(seat=label) for label in labels]
    return book_tickets(user, show, tickets, **options).booking


def book_tickets(
    user: User, show: Show, tickets: Sequence[TicketRequest], **options: Any
) -> BookingResult:
    """Book these tickets; return the result of `book`. `client` is a network, `language` a language."""
    epoch = user.token_epoch
    options["client"] = Client(options.pop("client", None), options.pop("language", ""))
    return book(user_id=user.pk, token_epoch=epoch, show_id=show.pk, tickets=tickets, **options)


def usage_of(user: User, show: Show, *, client: str | None = None, hold: bool = False) -> Usage:
    """Return the usage of a customer and a client at a show now."""
    query = UsageQuery(user.pk, show.pk, client_key(client), timezone.now(), hold)
    return read_usage(query)


def expire_hold(booking: Booking, *, seconds: float = -1) -> None:
    """Make a hold end so many seconds from now, without waiting or moving the database's clock."""
    end = timezone.now() + timedelta(seconds=seconds)
    Booking.objects.filter(pk=booking.pk).update(held_until=end)
    booking.claims.filter(state="held").update(expires_at=end)


def end_show(show: Show, *, ago: timedelta = timedelta(hours=1)) -> None:
    """Make a show have ended so long ago, without moving the database's clock."""
    end = timezone.now() - ago
    start = end - timedelta(hours=2)
    Show.objects.filter(pk=show.pk).update(
        starts_at=start, sales_until=start, ends_at=end, occupied_until=end
    )


def all_rows() -> dict[str, list[dict[str, Any]]]:
    """Return all rows of bookings, to assert that none changed."""
    kinds: tuple[Any, ...] = (Booking, Ticket, SeatClaim, BookingEvent)
    return {kind.__name__: list(kind.objects.order_by("pk").values()) for kind in kinds}


@contextmanager
def assert_refused(kind: type[Refused], **facts: Any) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """Assert that the block raises exactly this refusal, with these facts, and changes nothing.

    Yields what pytest knows of the refusal, for its text.
    """
    before = all_rows()
    with pytest.raises(Refused) as caught:
        yield caught
    assert type(caught.value) is kind
    assert caught.value.facts | facts == caught.value.facts
    assert all_rows() == before
