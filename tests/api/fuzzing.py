"""What the fuzzer of test_schemathesis.py sends: whose requests they are, and which rows they name.

Schemathesis knows the schema alone. Its ids are of no row, its tokens of nobody: left to itself, it would
test 401, 404 and the first field of a body that is wrong. So most of its requests get ids and values of
a small world, in which there is something for each operation to do.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken
from schemathesis import Case, Response
from schemathesis.core.parameters import ParameterLocation

from marquee.accounts.models import User
from marquee.accounts.operations import add_guest
from marquee.accounts.states import LinkPurpose, Role
from marquee.catalog.models import Format
from marquee.catalog.operations import add_format
from marquee.core.cache import clear_caches
from tests.accounts.people import PASSWORD, ask_for_address, log_in, make_token
from tests.accounts.people import make_user as make_account
from tests.factories import (
    PRICES,
    book_seats,
    client_of,
    end_show,
    expire_hold,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_staff,
    make_user,
)

MOSTLY = 0.85
EMAIL = "owner@example.com"
# By whom an operation is for (`x-access` in the schema): mostly those who may, and sometimes anybody.
ACTORS = {
    "anyone": ("nobody", "owner", "guest"),
    "account": ("owner", "owner", "owner", "guest", "customer"),
    "owner": ("owner",),
    "staff": ("administrator", "manager", "manager"),
}
ANYBODY = (
    "administrator", "manager", "manager of another cinema", "counter", "owner", "customer", "guest",
    "expired token", "nobody",
)  # fmt: skip
LINKS = {
    "/api/v1/auth/verify-email/": LinkPurpose.VERIFY,
    "/api/v1/auth/password-reset/confirm/": LinkPurpose.RESET,
    "/api/v1/auth/change-email/confirm/": LinkPurpose.CHANGE_EMAIL,
    "/api/v1/auth/delete/confirm/": LinkPurpose.CLOSE,
}


class World(NamedTuple):
    """The actors' headers, ids by resource, values by field, and tokens of links by path."""

    headers: dict[str, dict[str, str]]
    ids: dict[str, list[int | str]]
    values: dict[str, list[Any]]
    links: dict[str, str]


def make_world() -> World:
    """Return a world: two cinemas, shows before, now and after, bookings held, confirmed and cancelled."""
    owner = make_account(EMAIL)
    guest, _ = add_guest(email="guest@example.com", name="Guest", networks=["192.0.2.1"])
    cinema, other = make_cinema(), make_cinema()
    show = make_show(make_auditorium(cinema))
    elsewhere = make_show(make_auditorium(other))
    past = make_show(show.auditorium, movie=show.movie, price_card=show.price_card,
                     starts_in=timedelta(days=3))  # fmt: skip
    unsold = make_show(make_auditorium(cinema), price_card=show.price_card)
    held = book_seats(owner, show, "B1", hold=True)
    expire_hold(held, seconds=60)  # it can be extended
    bookings = [
        held,
        book_seats(owner, show, "A1", "A2"),
        book_seats(owner, elsewhere, "A1"),
        book_seats(guest, show, "A6"),
        book_seats(owner, past, "A1"),
    ]
    end_show(past)
    people = {
        "administrator": make_staff(is_superuser=True),
        "manager": make_staff(),
        "manager of another cinema": make_staff(cinema=other),
        "counter": make_staff(Role.COUNTER, cinema=cinema),
        "owner": owner,
        "guest": guest,
        "customer": make_user(),
    }
    spare_card, spare_hall = make_price_card(cinema), make_auditorium(cinema)
    formats = [Format.objects.get(code=show.format).pk, add_format(code="5D", name="5D").pk]
    ids: dict[str, list[int | str]] = {
        "auditoriums": [show.auditorium_id, elsewhere.auditorium_id, spare_hall.pk],
        "bookings": [booking.reference for booking in bookings],
        "cinemas": [cinema.pk, other.pk, make_cinema().pk],
        "formats": [*formats],
        "movies": [show.movie_id, make_movie().pk],
        "price-cards": [show.price_card_id, elsewhere.price_card_id, spare_card.pk],
        "shows": [show.pk, elsewhere.pk, past.pk, unsold.pk],
    }  # fmt: skip
    headers = {name: headers_of(person) for name, person in people.items()}
    headers |= {"expired token": expired_headers(owner), "nobody": {}}
    return World(headers, ids, make_values(ids), make_links(owner, guest))


def headers_of(person: User) -> dict[str, str]:
    """Return the headers with which a person's client sends a token."""
    client: Any = client_of(person)
    return {"Authorization": client._credentials["HTTP_AUTHORIZATION"]}


def expired_headers(person: User) -> dict[str, str]:
    """Return the headers of a client that slept for an hour."""
    token = AccessToken.for_user(person)
    token["epoch"] = person.token_epoch
    token.set_exp(from_time=timezone.now() - timedelta(hours=1))
    return {"Authorization": f"Bearer {token}"}


def make_links(owner: User, guest: User) -> dict[str, str]:
    """Return the token of a mailed link for each operation that uses one."""
    ask_for_address(owner, "moved@example.com")
    people = {LinkPurpose.CLOSE: guest}
    return {path: make_token(people.get(kind, owner), kind) for path, kind in LINKS.items()}


def make_values(ids: dict[str, list[int | str]]) -> dict[str, list[Any]]:
    """Return values that are right, or nearly so, by the name of the field. The first ones fit together."""
    soon = [(timezone.now() + timedelta(days=days)).isoformat() for days in (7, 4, 300)]
    prices = [
        {"category": category, "type": kind, "amount": amount}
        for (category, kind), amount in PRICES.items()
    ]
    return {
        "accessible": [None, None, None, {"wheelchairs": 1, "companions": 1}],
        "amount": ["12.50", "25.00", "0.01"],
        "auditorium": ids["auditoriums"],
        "cancel_until_minutes": [None, 30],
        "category": [None, None, None, "standard", "premium"],
        "certificate": ["", "12"],
        "cinema": ids["cinemas"],
        "code": ["VR", "6D", ""],
        "confirm_bookings": [None, 2],
        "currency": ["EUR", "EUR", "USD"],
        "customer": [{"name": "Ada", "email": ""}],
        "default_type": ["adult"],
        "email": [EMAIL, "new@example.com", "guest@example.com"],
        "ends_at": [None],
        "expected_total": [None, None, {"amount": "12.50", "currency": "EUR"}],
        "format": ["2D", "5D"],
        "genres": [["Noir"], []],
        "language": ["en", "de"],
        "movie": ids["movies"],
        "name": ["Screen 7", "Rex"],
        "new_password": ["staple wagon meadow"],
        "old_password": [PASSWORD],
        "original_language": ["en"],
        "password": [PASSWORD],
        "poster": ["", "https://example.com/poster.jpg"],
        "price_card": ids["price-cards"],
        "prices": [prices, prices[:1]],
        "refresh": [log_in(EMAIL).refresh],
        "rows": [["A: sssss_sssss", "B: ppppp_ppppp", "C: ww_cc_rrrr"], ["A: ss"]],
        "sales_from": [None],
        "sales_until": [None],
        "seats": [["A3"], ["A4", "A5"], ["B1"]],
        "starts_at": soon,
        "subtitle_languages": [None, ["de"]],
        "subtitles": ["", "de"],
        "tickets": [[{"seat": "A3"}], [{"seat": "A4", "type": "child"}, {"seat": "A5"}], [{}]],
        "time_zone": ["Europe/Vienna"],
        "timezone": ["Europe/Vienna"],
        "trailer": [""],
        "translations": [[], [{"language": "de", "title": "Metropolis"}]],
        "type": ["adult", "child"],
    }


class Sender:
    """Sends requests as anybody, undoes what they did, checks the responses, and counts them."""

    def __init__(self, world: World, checks: list[Any]) -> None:
        self.world, self.checks = world, checks
        self.sent: Counter[tuple[str, int]] = Counter()
        self.total: Counter[tuple[str, int]] = Counter()

    def send(self, case: Case[Any], dice: Random) -> None:
        """Send a request, adapted to the world. Raises what Schemathesis finds in the response."""
        adapt(case, self.world, dice)
        actor = self.pick_actor(case, dice)
        with undone():
            self.call(case, actor)

    def pick_actor(self, case: Case[Any], dice: Random) -> str:
        """Return whose request it is: nobody's where the case is about a wrong header."""
        if case.meta is not None and case.meta.is_negative_at(ParameterLocation.HEADER):
            return "nobody"
        audience = case.operation.definition.raw["x-access"]["audience"]
        return dice.choice(ACTORS[audience] if dice.random() < 0.7 else ANYBODY)

    def call(self, case: Case[Any], actor: str, **context: Any) -> Response:
        """Send a request, count its response, check it and return it."""
        headers = self.world.headers[actor]
        response = case.call(headers=headers)
        kind = case.meta.generation.mode.value if case.meta else "unknown"
        self.sent[kind, response.status_code] += 1
        again = {"headers": headers}  # for checks that send another request
        case.validate_response(
            response, self.checks, headers=headers, transport_kwargs=again, **context
        )
        return response

    @contextmanager
    def counting(self, operation: str) -> Iterator[Counter[tuple[str, int]]]:
        """Count the requests of an operation, and write the counts down where `make fuzz` reads them."""
        self.sent = Counter()
        try:
            yield self.sent
        finally:
            self.total += self.sent
            if directory := os.environ.get("FUZZ_COUNTS"):
                line = json.dumps([operation, [[*key, n] for key, n in self.sent.items()]])
                with (Path(directory) / str(os.getpid())).open("a") as file:
                    file.write(f"{line}\n")

    def share(self, kind: str, statuses: range) -> float:
        """Return which part of all requests were of a kind, and got one of these statuses."""
        found = sum(
            n for (one, status), n in self.total.items() if one == kind and status in statuses
        )
        return found / self.total.total()


def adapt(case: Case[Any], world: World, dice: Random, *, path: bool = True) -> None:
    """Let most requests name rows of the world, and have values that pass. Others stay as they are.

    Schemathesis validates what changed: an invalid request that becomes valid counts as valid.
    """
    if path and case.path_parameters and dice.random() < MOSTLY:
        resource = case.path.removeprefix("/api/v1/").partition("/")[0]
        ids = world.ids[resource][:: -1 if case.method == "DELETE" else 1]
        for name in case.path_parameters:
            case.path_parameters[name] = pick(ids, dice)
    if dice.random() < MOSTLY:
        if isinstance(case.body, dict | list):
            case.body = adapted(case.body, values_for(case, world), dice)
        for name in ("If-Match", "If-None-Match"):
            case.headers.pop(name, None)
        case.query.pop("cursor", None)
        for name in case.query.keys() & {"cinema", "movie", "format"}:
            case.query[name] = pick(world.values[name], dice)


def values_for(case: Case[Any], world: World) -> dict[str, list[Any]]:
    """Return the values by field, with those that fit this operation alone."""
    own: dict[str, list[Any]] = {}
    if case.path in world.links:
        own["token"] = [world.links[case.path]]
    if "/formats/" in case.path:
        own["code"] = ["2D", "VR"]
    if case.path.endswith("/cancel/"):
        own["tickets"] = [None, ["A1"], ["A2"]]
    if case.path.endswith("/exchange/"):
        own["tickets"] = [[{"seat": "A5"}], [{"seat": "A3"}, {"seat": "A4"}]]
    return world.values | own


def adapted(value: Any, values: dict[str, list[Any]], dice: Random) -> Any:
    """Return a body in which most fields that the world knows have one of its values."""
    if isinstance(value, list):
        return [adapted(item, values, dice) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: pick(values[name], dice)
        if name in values and dice.random() < MOSTLY
        else adapted(item, values, dice)
        for name, item in value.items()
    }


def pick(values: list[Any], dice: Random) -> Any:
    """Return one of some values, more often the first."""
    return values[0] if dice.random() < 0.5 else dice.choice(values)


@contextmanager
def undone() -> Iterator[None]:
    """Undo what a request did, so that every other one finds the same world."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        undo(point)


def undo(point: str) -> None:
    """Undo all since a savepoint, and forget what was cached of it."""
    transaction.savepoint_rollback(point)
    clear_caches()
