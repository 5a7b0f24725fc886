"""Who may do what of staff: every operation of the API, by role, at one's own cinema and at another."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from marquee.accounts.models import User
from marquee.accounts.operations import give_role, take_role
from marquee.accounts.states import Role
from marquee.booking.errors import CounterOnly, UnpaidLimit
from marquee.booking.models import Booking, SeatClaim, Ticket
from marquee.booking.operations import confirm
from marquee.booking.records import TicketRequest
from marquee.catalog.models import Cinema, Genre, Movie, Price, PriceCard, Show
from marquee.catalog.operations import add_format
from tests.api.operations import staff_operations
from tests.factories import (
    assert_refused,
    book_seats,
    book_tickets,
    client_of,
    expire_hold,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db

API = "/api/v1"
LINE = {"category": "standard", "type": "adult", "amount": "0.01"}
# Where a role must be held: at the cinema of the row, at all cinemas, or at any cinema.
HERE, EVERYWHERE, ANYWHERE = "here", "everywhere", "anywhere"


def make_requests(cinema: Cinema) -> dict[str, tuple[Any, ...]]:
    """Return a request for each act of staff: method, address, body, and where its role must be held."""
    auditorium, card = make_auditorium(cinema), make_price_card(cinema)
    show, spare = make_show(auditorium), make_show(make_auditorium(cinema))
    movie, unused, empty = show.movie, make_auditorium(cinema), make_cinema()
    spare_format = add_format(code="5D", name="5D").pk
    new_movie = {"title": "Metropolis", "runtime_minutes": 153}
    new_cinema = {"name": "Rex", "city": "Graz", "timezone": "Europe/Vienna", "currency": "EUR"}
    new_card = {"cinema": cinema.pk, "name": "New", "default_type": "adult", "prices": [LINE]}
    rows = {"rows": ["A: ss"]}
    new_show = {
        "movie": movie.pk,
        "auditorium": auditorium.pk,
        "price_card": card.pk,
        "starts_at": (timezone.now() + timedelta(days=9)).isoformat(),
    }
    moved = {"starts_at": (timezone.now() + timedelta(days=3)).isoformat()}
    seats = {"seats": ["A1"]}
    on_show = f"{API}/shows/{show.pk}"
    of_card = f"{API}/price-cards/{card.pk}/"
    whole_card = new_card | {"name": "Whole"}
    return {
        "add a format": (
            "post", f"{API}/formats/", {"code": "VR", "name": "VR"}, EVERYWHERE),
        "replace a format": (
            "put", f"{API}/formats/{spare_format}/", {"code": "5D", "name": "Five"}, EVERYWHERE),
        "change a format": (
            "patch", f"{API}/formats/{spare_format}/", {"name": "Five"}, EVERYWHERE),
        "delete a format": (
            "delete", f"{API}/formats/{spare_format}/", None, EVERYWHERE),
        "sell at the counter": (
            "post", f"{on_show}/counter-bookings/",
            {"tickets": [{"seat": "B1"}], "tender": "cash", "amount": "15.00", "currency": "EUR"}, HERE),
        "add a movie": ("post", f"{API}/movies/", new_movie, ANYWHERE),
        "replace a movie": (
            "put", f"{API}/movies/{movie.pk}/", new_movie, HERE),
        "change a movie": (
            "patch", f"{API}/movies/{movie.pk}/", {"title": "M"}, HERE),
        "delete a movie": (
            "delete", f"{API}/movies/{make_movie().pk}/", None, ANYWHERE),
        "add a genre": (
            "patch", f"{API}/movies/{movie.pk}/", {"genres": ["Noir"]}, HERE),
        "add a movie with a new genre": (
            "post", f"{API}/movies/", new_movie | {"genres": ["Noir"]}, ANYWHERE),
        "add a cinema": ("post", f"{API}/cinemas/", new_cinema, EVERYWHERE),
        "replace a cinema": (
            "put", f"{API}/cinemas/{cinema.pk}/", new_cinema, HERE),
        "change a cinema": (
            "patch", f"{API}/cinemas/{cinema.pk}/", {"cancel_until_minutes": 525600}, HERE),
        "delete a cinema": (
            "delete", f"{API}/cinemas/{empty.pk}/", None, EVERYWHERE),
        "add an auditorium": (
            "post", f"{API}/auditoriums/", rows | {"cinema": cinema.pk, "name": "New"}, HERE),
        "replace an auditorium": (
            "put", f"{API}/auditoriums/{auditorium.pk}/",
            rows | {"cinema": cinema.pk, "name": "New"}, HERE),
        "change an auditorium": (
            "patch", f"{API}/auditoriums/{auditorium.pk}/", rows, HERE),
        "delete an auditorium": (
            "delete", f"{API}/auditoriums/{unused.pk}/", None, HERE),
        "list price cards": ("get", f"{API}/price-cards/", None, ANYWHERE),
        "read a price card": ("get", of_card, None, HERE),
        "add a price card": (
            "post", f"{API}/price-cards/", new_card, HERE),
        "replace a price card": ("put", of_card, whole_card, HERE),
        "change prices": ("patch", of_card, {"prices": [LINE]}, HERE),
        "rename a price card": ("patch", of_card, {"name": "Other"}, HERE),
        "delete a price card": (
            "delete", f"{API}/price-cards/{make_price_card(cinema).pk}/", None, HERE),
        "add a show": ("post", f"{API}/shows/", new_show, HERE),
        "replace a show": ("put", f"{on_show}/", new_show, HERE),
        "move a show": ("patch", f"{on_show}/", moved, HERE),
        "delete a show": ("delete", f"{API}/shows/{spare.pk}/", None, HERE),
        "call a show off": ("post", f"{on_show}/call-off/", {}, HERE),
        "take the newest plan": (
            "post", f"{on_show}/new-plan/", {}, HERE),
        "block seats": ("post", f"{on_show}/block/", seats, HERE),
        "unblock seats": ("post", f"{on_show}/unblock/", seats, HERE),
    }  # fmt: skip


ACTS = [
    "add a format", "replace a format", "change a format", "delete a format",
    "sell at the counter",
    "add a movie", "replace a movie", "change a movie", "delete a movie", "add a genre",
    "add a movie with a new genre", "add a cinema", "replace a cinema", "change a cinema",
    "delete a cinema", "add an auditorium", "replace an auditorium", "change an auditorium",
    "delete an auditorium", "list price cards", "read a price card",
    "add a price card", "replace a price card", "change prices",
    "rename a price card", "delete a price card", "add a show", "replace a show", "move a show",
    "delete a show", "call a show off", "take the newest plan", "block seats", "unblock seats",
]  # fmt: skip


def make_people(own: Cinema, other: Cinema) -> dict[str, User | None]:
    """Return everybody who may or may not do something at a cinema."""
    people: dict[str, User | None] = {"anonymous": None, "customer": make_user()}
    people["staff without a role"] = make_staff(None)
    for role in Role:
        for where, cinema in {"own": own, "other": other, "all": None}.items():
            people[f"{role} of {where}"] = make_staff(role, cinema=cinema)
    people["deactivated role"] = make_staff(is_staff=False)
    people["administrator"] = make_staff(is_superuser=True)
    return people


MAY = {
    HERE: {"manager of own", "manager of all", "administrator"},
    EVERYWHERE: {"manager of all", "administrator"},
    ANYWHERE: {"manager of own", "manager of other", "manager of all", "administrator"},
}
MAY_SELL = MAY[HERE] | {"counter of own", "counter of all"}


def rows_of_the_catalog() -> list[Any]:
    kinds: tuple[Any, ...] = (Cinema, Movie, Genre, Price, PriceCard, Show, SeatClaim)
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


def send(person: User | None, request: tuple[Any, ...]) -> Any:
    method, address, body, _ = request
    return getattr(client_of(person), method)(address, body)


def refused_status(act: str, name: str) -> int:
    """Return how somebody is refused: a price card of another cinema is not seen."""
    if name == "anonymous":
        return 401
    is_hidden = "price card" in act or act == "change prices"
    return 404 if is_hidden and act != "add a price card" and name == "manager of other" else 403


@pytest.mark.parametrize("act", ACTS)
def test_each_act_of_staff_needs_its_role_at_its_cinema(act):
    own, other = make_cinema(), make_cinema()
    request = make_requests(own)[act]
    allowed = MAY_SELL if act == "sell at the counter" else MAY[request[3]]
    for name, person in make_people(own, other).items():
        before, point = rows_of_the_catalog(), transaction.savepoint()
        response = send(person, request)
        if name in allowed:
            assert response.status_code in {200, 201, 204}, (name, response.content)
            transaction.savepoint_rollback(point)
        else:
            assert response.status_code == refused_status(act, name), (name, response.content)
            assert rows_of_the_catalog() == before, name


def test_every_operation_for_staff_is_in_that_table():
    requests = make_requests(make_cinema())
    assert list(requests) == ACTS
    known = {(method, shape(path)) for method, path, _, _ in requests.values()}
    assert set(staff_operations()) <= known


def shape(path: str) -> str:
    parts = [("{}" if part.isdigit() else part) for part in path.removeprefix(API).split("/")]
    return "/".join(parts).lstrip("/")


def test_a_row_is_not_given_to_a_cinema_of_somebody_else():
    own, other = make_cinema(), make_cinema()
    manager = client_of(make_staff(cinema=own))
    show, foreign = make_show(make_auditorium(own)), make_auditorium(other)
    for path, body in [
        (f"auditoriums/{show.auditorium_id}/", {"cinema": other.pk}),
        (f"price-cards/{show.price_card_id}/", {"cinema": other.pk}),
        (f"shows/{show.pk}/", {"auditorium": foreign.pk}),
    ]:
        assert manager.patch(f"{API}/{path}", body).status_code == 403, path


def test_a_movie_is_changed_by_whoever_manages_all_cinemas_that_show_it():
    own, other = make_cinema(), make_cinema()
    movie = make_show(make_auditorium(own)).movie
    manager = client_of(make_staff(cinema=own))
    address = f"{API}/movies/{movie.pk}/"
    assert manager.patch(address, {"title": "M"}).status_code == 200
    make_show(make_auditorium(other), movie=movie)
    assert manager.patch(address, {"title": "N"}).status_code == 403
    assert client_of(make_staff()).patch(address, {"title": "N"}).status_code == 200


def test_a_list_of_price_cards_has_those_of_own_cinemas_alone():
    own, other = make_cinema(), make_cinema()
    card = make_price_card(own)
    make_price_card(other)
    staff = make_staff(cinema=own)
    seen = client_of(staff).get(f"{API}/price-cards/").json()["results"]
    assert [one["id"] for one in seen] == [card.pk]


def test_a_role_counts_at_once_and_ends_at_once():
    staff, cinema = make_staff(None), make_cinema()
    client, body = client_of(staff), {"title": "M", "runtime_minutes": 117}
    assert client.post(f"{API}/movies/", body).status_code == 403
    give_role(user=staff, role=Role.MANAGER, cinema_id=cinema.pk)
    assert client.post(f"{API}/movies/", body).status_code == 201
    take_role(user=staff, role=Role.MANAGER, cinema_id=cinema.pk)
    assert client.post(f"{API}/movies/", body).status_code == 403


def test_a_refusal_names_the_role_and_who_gives_it():
    request = make_requests(make_cinema())["add a cinema"]
    detail = send(make_staff(cinema=make_cinema()), request).json()["detail"]
    assert detail == "This needs the role manager at all cinemas. An administrator can give it."


def test_djangos_admin_is_for_administrators_alone(client):
    own = make_cinema()
    for name, person in make_people(own, make_cinema()).items():
        if person is None:
            continue
        client.force_login(person)
        status = client.get(reverse("admin:catalog_movie_changelist")).status_code
        assert status == (200 if name == "administrator" else 302), name


# --- What customers may not, and staff may only with the right ----------------------------------


def test_limits_of_customers_count_for_staff_who_may_not_sell(settings):
    settings.UNPAID_SEAT_LIMIT = 2
    show = make_show()
    with assert_refused(UnpaidLimit):
        book_seats(make_staff(None), show, "A1", "A2", "A3")
    book_seats(make_staff(Role.COUNTER), show, "A1", "A2", "A3")
    book_seats(make_staff(is_superuser=True), show, "B1", "B2", "B3")


def test_tickets_of_the_counter_are_sold_by_those_alone_who_may_sell():
    auditorium = make_auditorium()
    card = make_price_card(auditorium.cinema, counter_only={("standard", "child")})
    show = make_show(auditorium, price_card=card)
    child = [TicketRequest(seat="A1", type="child")]
    with assert_refused(CounterOnly):
        book_tickets(make_staff(Role.GATE), show, child)
    assert book_tickets(make_staff(Role.COUNTER), show, child).tickets


def test_an_expired_hold_of_staff_who_may_no_longer_sell_is_judged_as_a_customers(settings):
    show, staff = make_show(), make_staff(Role.COUNTER)
    settings.UNPAID_SEAT_LIMIT = 2
    hold = book_seats(staff, show, "A1", "A2", "A3", hold=True)
    expire_hold(hold)
    take_role(user=staff, role=Role.COUNTER, cinema_id=None)
    with assert_refused(UnpaidLimit):
        confirm(booking=hold)


def test_bookings_by_staff_who_may_not_sell_count_for_their_network():
    show = make_show()
    for role, counted in ((Role.GATE, True), (Role.COUNTER, False)):
        booking = book_seats(make_staff(role), show, f"A{2 + counted}", client="192.0.2.1")
        assert (Booking.objects.get(pk=booking.pk).client_key is not None) is counted


@pytest.mark.parametrize("staff", [{}, {"is_superuser": True}])
def test_nobody_reads_or_changes_a_customers_booking_by_the_api(staff):
    booking = book_seats(make_user(), make_show(), "A1", hold=True)
    client = client_of(make_staff(**staff))
    address = f"{API}/bookings/{booking.reference}/"
    assert client.get(address).status_code == 404
    assert client.post(f"{address}confirm/").status_code == 404
    assert client.post(f"{address}cancel/").status_code == 404
    exchange = {"tickets": [{"seat": "A2"}]}
    assert client.post(f"{address}exchange/", exchange).status_code == 404
    assert Ticket.objects.get().status == "valid"
