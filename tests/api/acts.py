"""What staff can do by the API: a request for each act, at a cinema."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from marquee.accounts.models import User
from marquee.catalog.models import Cinema
from marquee.catalog.operations import add_format
from tests.factories import (
    client_of,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
)

API = "/api/v1"
LINE = {"category": "standard", "type": "adult", "amount": "0.01"}


def make_requests(cinema: Cinema) -> dict[str, tuple[Any, ...]]:
    """Return a request for each act of staff: method, address and body."""
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
            "post", f"{API}/formats/", {"code": "VR", "name": "VR"}),
        "replace a format": (
            "put", f"{API}/formats/{spare_format}/", {"code": "5D", "name": "Five"}),
        "change a format": (
            "patch", f"{API}/formats/{spare_format}/", {"name": "Five"}),
        "delete a format": (
            "delete", f"{API}/formats/{spare_format}/", None),
        "sell at the counter": (
            "post", f"{on_show}/counter-bookings/",
            {"tickets": [{"seat": "B1"}], "tender": "cash", "amount": "15.00", "currency": "EUR"}),
        "add a movie": ("post", f"{API}/movies/", new_movie),
        "replace a movie": (
            "put", f"{API}/movies/{movie.pk}/", new_movie),
        "change a movie": (
            "patch", f"{API}/movies/{movie.pk}/", {"title": "M"}),
        "delete a movie": (
            "delete", f"{API}/movies/{make_movie().pk}/", None),
        "add a genre": (
            "patch", f"{API}/movies/{movie.pk}/", {"genres": ["Noir"]}),
        "add a movie with a new genre": (
            "post", f"{API}/movies/", new_movie | {"genres": ["Noir"]}),
        "add a cinema": ("post", f"{API}/cinemas/", new_cinema),
        "replace a cinema": (
            "put", f"{API}/cinemas/{cinema.pk}/", new_cinema),
        "change a cinema": (
            "patch", f"{API}/cinemas/{cinema.pk}/", {"cancel_until_minutes": 525600}),
        "delete a cinema": (
            "delete", f"{API}/cinemas/{empty.pk}/", None),
        "add an auditorium": (
            "post", f"{API}/auditoriums/", rows | {"cinema": cinema.pk, "name": "New"}),
        "replace an auditorium": (
            "put", f"{API}/auditoriums/{auditorium.pk}/",
            rows | {"cinema": cinema.pk, "name": "New"}),
        "change an auditorium": (
            "patch", f"{API}/auditoriums/{auditorium.pk}/", rows),
        "delete an auditorium": (
            "delete", f"{API}/auditoriums/{unused.pk}/", None),
        "list price cards": ("get", f"{API}/price-cards/", None),
        "read a price card": ("get", of_card, None),
        "add a price card": (
            "post", f"{API}/price-cards/", new_card),
        "replace a price card": ("put", of_card, whole_card),
        "change prices": ("patch", of_card, {"prices": [LINE]}),
        "rename a price card": ("patch", of_card, {"name": "Other"}),
        "delete a price card": (
            "delete", f"{API}/price-cards/{make_price_card(cinema).pk}/", None),
        "add a show": ("post", f"{API}/shows/", new_show),
        "replace a show": ("put", f"{on_show}/", new_show),
        "move a show": ("patch", f"{on_show}/", moved),
        "delete a show": ("delete", f"{API}/shows/{spare.pk}/", None),
        "call a show off": ("post", f"{on_show}/call-off/", {}),
        "take the newest plan": (
            "post", f"{on_show}/new-plan/", {}),
        "block seats": ("post", f"{on_show}/block/", seats),
        "unblock seats": ("post", f"{on_show}/unblock/", seats),
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


def send(person: User | None, request: tuple[Any, ...]) -> Any:
    """Send a request as somebody, and return the response."""
    method, address, body = request
    return getattr(client_of(person), method)(address, body)
