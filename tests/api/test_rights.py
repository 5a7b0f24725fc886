"""The API asks staff for the same permissions as the back office."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from marquee.accounts import permissions
from marquee.booking.errors import CounterOnly, UnpaidLimit
from marquee.booking.models import Booking, SeatClaim, Ticket
from marquee.booking.operations import confirm
from marquee.booking.records import TicketRequest
from marquee.catalog.models import Cinema, Genre, Movie, Price, PriceCard, Show
from marquee.catalog.operations import add_format
from tests.api.operations import staff_operations
from tests.factories import (
    NO_RIGHTS,
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
    permissions_of,
)

pytestmark = pytest.mark.django_db

API = "/api/v1"
PRICES = list(permissions.WRITE_PRICES)
LINE = {"category": "standard", "type": "adult", "amount": "0.01"}


def make_requests() -> dict[str, tuple[Any, ...]]:
    """Return a request for each act of staff: method, address, body, and the rights it needs."""
    show, movie, cinema = make_show(), make_movie(), make_cinema()
    auditorium, card = make_auditorium(cinema), make_price_card(cinema)
    spare, unused, empty = make_show(), make_auditorium(), make_cinema()
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
            "post", f"{API}/formats/", {"code": "VR", "name": "VR"}, ["catalog.add_format"],
        ),
        "replace a format": (
            "put", f"{API}/formats/{spare_format}/", {"code": "5D", "name": "Five"},
            ["catalog.change_format"],
        ),
        "change a format": (
            "patch", f"{API}/formats/{spare_format}/", {"name": "Five"}, ["catalog.change_format"],
        ),
        "delete a format": (
            "delete", f"{API}/formats/{spare_format}/", None, ["catalog.delete_format"],
        ),
        "sell at the counter": (
            "post", f"{on_show}/counter-bookings/",
            {"tickets": [{"seat": "B1"}], "tender": "cash", "amount": "15.00", "currency": "EUR"},
            [permissions.SELL_AT_COUNTER],
        ),
        "add a movie": ("post", f"{API}/movies/", new_movie, ["catalog.add_movie"]),
        "replace a movie": (
            "put", f"{API}/movies/{movie.pk}/", new_movie, ["catalog.change_movie"],
        ),
        "change a movie": (
            "patch", f"{API}/movies/{movie.pk}/", {"title": "M"}, ["catalog.change_movie"],
        ),
        "delete a movie": (
            "delete", f"{API}/movies/{make_movie().pk}/", None, ["catalog.delete_movie"],
        ),
        "add a genre": (
            "patch", f"{API}/movies/{movie.pk}/", {"genres": ["Noir"]},
            ["catalog.change_movie", "catalog.add_genre"],
        ),
        "add a movie with a new genre": (
            "post", f"{API}/movies/", new_movie | {"genres": ["Noir"]},
            ["catalog.add_movie", "catalog.add_genre"],
        ),
        "add a cinema": ("post", f"{API}/cinemas/", new_cinema, ["catalog.add_cinema"]),
        "replace a cinema": (
            "put", f"{API}/cinemas/{cinema.pk}/", new_cinema, ["catalog.change_cinema"],
        ),
        "change a cinema": (
            "patch", f"{API}/cinemas/{cinema.pk}/", {"cancel_until_minutes": 525600},
            ["catalog.change_cinema"],
        ),
        "delete a cinema": (
            "delete", f"{API}/cinemas/{empty.pk}/", None, ["catalog.delete_cinema"],
        ),
        "add an auditorium": (
            "post", f"{API}/auditoriums/", rows | {"cinema": cinema.pk, "name": "New"},
            ["catalog.add_auditorium"],
        ),
        "replace an auditorium": (
            "put", f"{API}/auditoriums/{auditorium.pk}/",
            rows | {"cinema": cinema.pk, "name": "New"}, ["catalog.change_auditorium"],
        ),
        "change an auditorium": (
            "patch", f"{API}/auditoriums/{auditorium.pk}/", rows, ["catalog.change_auditorium"],
        ),
        "delete an auditorium": (
            "delete", f"{API}/auditoriums/{unused.pk}/", None, ["catalog.delete_auditorium"],
        ),
        "list price cards": ("get", f"{API}/price-cards/", None, ["catalog.view_pricecard"]),
        "read a price card": ("get", of_card, None, ["catalog.view_pricecard"]),
        "read a price card to change it": ("get", of_card, None, ["catalog.change_pricecard"]),
        "add a price card": (
            "post", f"{API}/price-cards/", new_card, ["catalog.add_pricecard", *PRICES],
        ),
        "replace a price card": ("put", of_card, whole_card, ["catalog.change_pricecard", *PRICES]),
        "change prices": ("patch", of_card, {"prices": [LINE]}, ["catalog.change_pricecard", *PRICES]),
        "rename a price card": ("patch", of_card, {"name": "Other"}, ["catalog.change_pricecard"]),
        "delete a price card": (
            "delete", f"{API}/price-cards/{make_price_card().pk}/", None,
            ["catalog.delete_pricecard"],
        ),
        "add a show": ("post", f"{API}/shows/", new_show, ["catalog.add_show"]),
        "replace a show": ("put", f"{on_show}/", new_show, ["catalog.change_show"]),
        "move a show": ("patch", f"{on_show}/", moved, ["catalog.change_show"]),
        "delete a show": ("delete", f"{API}/shows/{spare.pk}/", None, ["catalog.delete_show"]),
        "call a show off": ("post", f"{on_show}/call-off/", {}, [permissions.CALL_OFF_SHOW]),
        "take the newest plan": (
            "post", f"{on_show}/new-plan/", {}, [permissions.TAKE_NEWEST_PLAN],
        ),
        "block seats": ("post", f"{on_show}/block/", seats, [permissions.BLOCK_SEATS]),
        "unblock seats": ("post", f"{on_show}/unblock/", seats, [permissions.BLOCK_SEATS]),
    }  # fmt: skip


ACTS = [
    "add a format", "replace a format", "change a format", "delete a format",
    "sell at the counter",
    "add a movie", "replace a movie", "change a movie", "delete a movie", "add a genre",
    "add a movie with a new genre", "add a cinema", "replace a cinema", "change a cinema",
    "delete a cinema", "add an auditorium", "replace an auditorium", "change an auditorium",
    "delete an auditorium", "list price cards", "read a price card",
    "read a price card to change it", "add a price card", "replace a price card", "change prices",
    "rename a price card", "delete a price card", "add a show", "replace a show", "move a show",
    "delete a show", "call a show off", "take the newest plan", "block seats", "unblock seats",
]  # fmt: skip


def all_rights() -> set[str]:
    return {f"{one.content_type.app_label}.{one.codename}" for one in permissions_of(())}


def rows_of_the_catalog() -> list[Any]:
    kinds: tuple[Any, ...] = (Cinema, Movie, Genre, Price, PriceCard, Show, SeatClaim)
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


def send(staff: Any, request: tuple[Any, ...]) -> Any:
    method, address, body, _ = request
    return getattr(client_of(staff), method)(address, body)


@pytest.mark.parametrize("act", ACTS)
def test_staff_need_the_right_for_what_they_do_and_no_other(act):
    request = make_requests()[act]
    rights = request[3]
    alternatives = {right.replace(".view_", ".change_") for right in rights}
    if request[0] == "get":
        alternatives |= {right.replace(".change_", ".view_") for right in rights}
    for missing in rights:
        others = all_rights() - {missing} - (alternatives if request[0] == "get" else set())
        before = rows_of_the_catalog()
        response = send(make_staff(*others), request)
        problem = response.json()
        assert (response.status_code, problem["code"]) == (403, "not_allowed"), response.content
        assert missing in problem["detail"]
        assert rows_of_the_catalog() == before
    response = send(make_staff(*rights), request)
    assert response.status_code in {200, 201, 204}, response.content


def test_every_operation_for_staff_is_in_that_table():
    requests = make_requests()
    assert list(requests) == ACTS
    named = {(method, path) for method, path, _, _ in requests.values()}
    known = {(method, shape(path)) for method, path in named}
    assert set(staff_operations()) <= known


def shape(path: str) -> str:
    parts = [("{}" if part.isdigit() else part) for part in path.removeprefix(API).split("/")]
    return "/".join(parts).lstrip("/")


@pytest.mark.parametrize("act", ["change prices", "add a movie with a new genre", "block seats"])
def test_a_superuser_may_do_everything_and_staff_without_rights_nothing(act):
    requests = make_requests()
    staff = make_staff(NO_RIGHTS)
    assert {send(staff, request).status_code for request in requests.values()} == {403}
    assert send(make_staff(is_superuser=True), requests[act]).status_code in {200, 201, 204}


@pytest.mark.parametrize("fields", [{"is_staff": False}, {"is_staff": False, "is_superuser": True}])
def test_rights_without_being_staff_are_none(fields):
    user = make_user(**fields)
    user.user_permissions.set(permissions_of(()))
    assert send(user, make_requests()["add a movie"]).status_code == 403


def test_a_right_counts_by_a_group_too_and_ends_with_it():
    staff, group = make_staff(NO_RIGHTS), Group.objects.create(name="Schedulers")
    group.permissions.set(permissions_of(["catalog.add_movie"]))
    staff.groups.add(group)
    body = {"title": "M", "runtime_minutes": 117}
    client = client_of(staff)
    assert client.post(f"{API}/movies/", body).status_code == 201
    staff.groups.clear()
    assert client.post(f"{API}/movies/", body).status_code == 403


@pytest.mark.parametrize(
    ("page", "right"),
    [
        (f"admin:catalog_{model}_{page}", f"catalog.{verb}_{model}")
        for model in ("movie", "cinema", "auditorium", "pricecard", "show")
        for page, verb in (("add", "add"), ("change", "change"), ("delete", "delete"))
    ],
)
def test_the_back_office_asks_for_the_same_right(client, page, right):
    show = make_show()
    rows = {
        "movie": show.movie, "cinema": show.auditorium.cinema, "auditorium": show.auditorium,
        "pricecard": show.price_card, "show": show,
    }  # fmt: skip
    arguments = [] if page.endswith("_add") else [rows[page.split("_")[1]].pk]
    for rights, statuses in ((all_rights() - {right}, {403}), ({right}, {200, 302})):
        client.force_login(make_staff(*rights))
        sent = client.post(reverse(page, args=arguments), {"_save": "Save"})
        assert sent.status_code in statuses, (rights, sent.content[:300])


def test_a_refusal_says_whether_one_right_suffices_or_all_are_needed():
    requests = make_requests()
    staff = make_staff("catalog.change_pricecard")
    detail = send(staff, requests["change prices"]).json()["detail"]
    assert (
        "the permissions catalog.add_price and catalog.change_price and catalog.delete_" in detail
    )
    detail = send(make_staff(NO_RIGHTS), requests["list price cards"]).json()["detail"]
    assert "the permission catalog.view_pricecard or catalog.change_pricecard." in detail


# --- What customers may not, and staff may only with the right ----------------------------------


def test_limits_of_customers_count_for_staff_who_may_not_sell(settings):
    settings.UNPAID_SEAT_LIMIT = 2
    show = make_show()
    with assert_refused(UnpaidLimit):
        book_seats(make_staff("booking.view_booking"), show, "A1", "A2", "A3")
    book_seats(make_staff(permissions.SELL_AT_COUNTER), show, "A1", "A2", "A3")
    book_seats(make_staff(is_superuser=True), show, "B1", "B2", "B3")


def test_tickets_of_the_counter_are_sold_by_those_alone_who_may_sell():
    auditorium = make_auditorium()
    card = make_price_card(auditorium.cinema, counter_only={("standard", "child")})
    show = make_show(auditorium, price_card=card)
    child = [TicketRequest(seat="A1", type="child")]
    with assert_refused(CounterOnly):
        book_tickets(make_staff("catalog.change_show"), show, child)
    assert book_tickets(make_staff(permissions.SELL_AT_COUNTER), show, child).tickets


def test_an_expired_hold_of_staff_who_may_no_longer_sell_is_judged_as_a_customers(settings):
    show, staff = make_show(), make_staff(permissions.SELL_AT_COUNTER)
    settings.UNPAID_SEAT_LIMIT = 2
    hold = book_seats(staff, show, "A1", "A2", "A3", hold=True)
    expire_hold(hold)
    staff.user_permissions.clear()
    with assert_refused(UnpaidLimit):
        confirm(booking=hold)


def test_bookings_by_staff_who_may_not_sell_count_for_their_network():
    show = make_show()
    for right, counted in (("booking.view_booking", True), (permissions.SELL_AT_COUNTER, False)):
        booking = book_seats(make_staff(right), show, f"A{2 + counted}", client="192.0.2.1")
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
