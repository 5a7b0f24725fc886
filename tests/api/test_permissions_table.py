"""docs/permissions.md is what the code says, and each of its cells is what a request gets."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from rest_framework.test import APIClient

from marquee.accounts.models import StaffRole, User
from marquee.accounts.operations import add_guest
from marquee.accounts.states import Role
from marquee.api.permissions_table import PREFIX, api_rows, page, page_rows
from marquee.booking.models import Booking, SeatClaim
from marquee.catalog.models import Cinema, Genre, Movie, Price, PriceCard, Show
from tests.api.acts import ACTS, make_requests
from tests.api.operations import operations
from tests.factories import (
    book_seats,
    client_of,
    make_auditorium,
    make_cinema,
    make_show,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db

FILE = Path(__file__).parents[2] / "docs" / "permissions.md"
REFUSED = {"401", "403", "404"}
# What an operation needs to go through; the others get an empty object.
BODIES: dict[str, Any] = {
    "POST shows/{}/bookings/": {"tickets": [{"seat": "A5"}]},
    "POST bookings/{}/exchange/": {"tickets": [{"seat": "A3"}, {"seat": "A4"}]},
}


def test_the_page_is_what_the_code_says():
    assert FILE.read_text(encoding="utf-8") == page(), "Type `make schema`."


def make_clients(own: Cinema, owner: User) -> list[tuple[str, APIClient]]:
    """Return people of each column: the column, and the person's client."""
    guest, _ = add_guest(email="guest@example.com", name="Guest", networks=["192.0.2.1"])
    customers = [make_user(), guest, make_staff(None), make_staff(is_staff=False)]
    deactivated, other = make_staff(), make_cinema()
    clients = [
        ("anonymous", client_of()),
        ("anonymous", client_of(deactivated)),
        *(("customer", client_of(person)) for person in customers),
        ("owner", client_of(owner)),
        ("administrator", client_of(make_staff(is_superuser=True))),
    ]
    User.objects.filter(pk=deactivated.pk).update(is_active=False)
    for role in Role:
        for place, cinema in {"own": own, "other": other, "all": None}.items():
            clients.append((f"{role}, {place}", client_of(make_staff(role, cinema=cinema))))
    return clients


def shape(path: str) -> str:
    """Return a path with `{}` for its ids."""
    return re.sub(r"{[^}]*}|(?<=/)[0-9]+(?=/)", "{}", path.removeprefix(PREFIX))


def make_acts(booking: Booking, cinema: Cinema) -> Iterator[tuple[str, str, str, Any]]:
    """Yield the requests of each row: the row, the method, the URL and the body."""
    of_staff = make_requests(cinema)
    # A movie without shows is any manager's.
    of_staff["delete a movie"] = ("delete", of_staff["change a movie"][1], None)
    needs_role = {f"{method.upper()} {shape(url)}" for method, url, _ in of_staff.values()}
    for method, url, body in of_staff.values():
        yield f"{method.upper()} {shape(url)}", method, url, body
    for operation in operations():
        row = f"{operation.method.upper()} {shape(operation.path)}"
        if row not in needs_role:
            body = BODIES.get(row, {}) if operation.method != "get" else None
            yield row, operation.method, operation.address(booking), body


def rows_of_the_catalog() -> list[Any]:
    kinds: tuple[Any, ...] = (Cinema, Movie, Genre, Price, PriceCard, Show, SeatClaim, StaffRole)
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


def test_every_act_has_its_request():
    assert list(make_requests(make_cinema())) == ACTS


def test_each_request_is_let_in_or_refused_as_its_row_says():
    cinema, owner = make_cinema(), make_user()
    booking = book_seats(owner, make_show(make_auditorium(cinema)), "A1", "A2", hold=True)
    acts, clients = list(make_acts(booking, cinema)), make_clients(cinema, owner)
    rows = {shape(row.request): row for row in api_rows()}
    before, wrong = rows_of_the_catalog(), []
    for name, *request in acts:
        for column, client in clients:
            with undone():
                found = send(client, *request)
                if found in REFUSED:
                    assert rows_of_the_catalog() == before, (name, column)
            if found != rows[name].cells[column]:
                wrong.append(f"{name} as {column}: {found}")
    assert not wrong, "\n".join(wrong)
    assert {name for name, *_ in acts} == set(rows)


@contextmanager
def undone() -> Iterator[None]:
    """Undo what a block does."""
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)


def send(client: APIClient, method: str, url: str, body: Any) -> str:
    """Send a request, and return what the table says of such a response."""
    status = str(getattr(client, method)(url, body).status_code)
    return status if status in REFUSED else "yes"


def test_each_page_is_shown_as_its_row_says():
    owner, movie_show = make_user(), make_show()
    booking = book_seats(owner, movie_show, "A1", hold=True)
    people = {
        "anonymous": None,
        "logged in": make_staff(),
        "owner": owner,
        "administrator": make_staff(is_superuser=True),
    }
    ids = {
        "movie_id": movie_show.movie_id,
        "show_id": movie_show.pk,
        "cinema_id": movie_show.auditorium.cinema_id,
        "reference": booking.reference,
        "factor_id": 7,
    }
    wrong = []
    for row in page_rows():
        method, path = row.request.lower().split(" ", 1)
        path = re.sub(r"<\w+:(\w+)>", lambda found: str(ids[found[1]]), path)
        for column, person in people.items():
            if path.endswith("/delete-data/") and column == "owner":
                continue  # for guests alone: tests/web/test_closing_pages.py
            found = visit(method, path, person)
            if found != row.cells[column]:
                wrong.append((row.request, column, found))
    assert not wrong, "\n".join(map(str, wrong))


def test_pages_have_no_other_methods_than_their_rows():
    user = make_user()
    paths = {re.sub("<[^>]+>", "7", row.request.split(" ", 1)[1]) for row in page_rows()}
    # Those about second factors lead elsewhere first.
    others = {path for path in paths if path != "/admin/" and "/second-factor/" not in path}
    assert {path for path in others if visit("put", path, user) not in {"404", "405"}} == set()


def visit(method: str, path: str, person: User | None) -> str:
    """Open a page, or send its empty form, undo it, and return what the table says of the response."""
    client = Client()
    with undone():
        if person is not None:
            client.force_login(person)
        response: Any = getattr(client, method)(path, follow=True)
    if any(re.match("/log-in/|/admin/login/", url) for url, _ in response.redirect_chain):
        return "log in"
    status = str(response.status_code)
    return status if status in {*REFUSED, "405"} else "yes"
