"""Who reads a show while staff remove what it is made of gets what is so before or after, or a 404: never a 500.

Several statements read a show. Staff may delete its seat plan and its prices between two of them.
"""

from functools import partial

import pytest
from django.test import Client

from marquee.accounts.models import User
from marquee.booking.operations import block, unblock
from marquee.booking.queries import show_lists
from marquee.catalog import operations
from marquee.catalog.models import Seat, Show
from marquee.core import transactions
from marquee.core.cache import clear_caches
from tests.factories import (
    client_of,
    make_auditorium,
    make_price_card,
    make_show,
    make_staff,
    make_user,
)
from tests.races.interleave import Race, Scene, interleavings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

API = "/api/v1"
READS = [
    f"{API}/shows/{{show}}/",
    f"{API}/shows/",
    f"{API}/movies/{{movie}}/shows/",
    f"{API}/shows/{{show}}/availability/",
    f"{API}/shows/{{show}}/seats/",
    "/?cinema={cinema}&day={day}",
    "/movies/{movie}/",
    "/cinemas/{cinema}/",
    "/shows/{show}/",
]
MOVED = [READS[0], READS[1], READS[4], READS[6], READS[8]]
OF_ADMINISTRATORS = [
    "/admin/catalog/show/",
    "/admin/catalog/show/{show}/change/",
    "/admin/catalog/auditorium/{auditorium}/change/",
]


def remove(show: Show) -> None:
    """Delete a show, and all that it is made of."""
    operations.delete_show(show=show)
    _remove_place(show)
    operations.delete(row=show.movie)
    operations.delete(row=show.auditorium.cinema)


def move(show: Show) -> None:
    """Move a show to another auditorium and other prices, and delete those that it had."""
    cinema = show.auditorium.cinema
    operations.change_show(
        show=Show(pk=show.pk, auditorium_id=show.auditorium_id),
        auditorium=make_auditorium(cinema, rows=["A: sss"]),
        price_card=make_price_card(cinema, {("standard", "adult"): "1.00"}),
    )
    _remove_place(show)


def _remove_place(show: Show) -> None:
    operations.delete_price_card(price_card=show.price_card)
    operations.delete(row=show.auditorium)


def beside(read, staff, *, is_blocked: bool = False) -> Scene:
    """Return the scene of a read beside what staff do. No cache has seen the show."""
    clear_caches()
    show = make_show()
    if is_blocked:
        block(show=show, seats=_seat_a1(show))
    return Scene(show, reader=partial(read, show), staff=partial(staff, show))


def get(client: Client, path: str, show: Show) -> int:
    """Return the status of a page about a show."""
    place = {"auditorium": show.auditorium_id, "cinema": show.auditorium.cinema_id}
    ids = {"show": show.pk, "movie": show.movie_id, "day": show.business_day, **place}
    client.raise_request_exception = False
    return client.get(path.format(**ids)).status_code


def statuses(read, staff) -> list[tuple[int, Race]]:
    """Return what the reader got, wherever the reading was paused."""
    races = interleavings(partial(beside, read, staff), first="reader")
    return [(race["reader"], race) for race in races]


@pytest.mark.parametrize(
    ("path", "staff"),
    [*((path, remove) for path in READS), *((path, move) for path in MOVED)],
)
def test_a_read_beside_a_removal_shows_one_moment(path, staff):
    for status, race in statuses(partial(get, Client(), path), staff):
        assert status in {200, 404}, race
        assert staff is remove or status == 200, race
        assert race.outcome[1] == "done", race


@pytest.mark.parametrize("path", OF_ADMINISTRATORS)
def test_a_page_of_administrators_beside_a_removal_is_shown_or_leads_elsewhere(path):
    client = Client()
    client.force_login(make_staff(is_superuser=True))
    for status, race in statuses(partial(get, client, path), remove):
        assert status in {200, 302}, race


@pytest.mark.parametrize("path", MOVED)
def test_control_without_another_reading_it_is_a_500(path, monkeypatch):
    for module in (transactions, show_lists):
        monkeypatch.setattr(module, "REMOVED", ())
    found = {status for status, _race in statuses(partial(get, Client(), path), remove)}
    assert 500 in found


def send(method: str, user: User, path: str, body: object, show: Show) -> int:
    """Return the status of a change of a show."""
    client = client_of(user)
    client.raise_request_exception = False
    return getattr(client, method)(f"{API}/shows/{show.pk}/{path}", body).status_code


@pytest.mark.parametrize("staff", [remove, move])
def test_seats_are_blocked_of_a_show_that_is_there(staff):
    read = partial(send, "post", make_staff(), "block/", {"seats": ["A1"]})
    for status, race in statuses(read, staff):
        assert status in {200, 400, 404, 409}, race


def unblock_and_remove(show: Show) -> None:
    """Put the blocked seats of a show back on sale, and delete it with all that it is made of."""
    unblock(show=show, seats=_seat_a1(show))
    remove(show)


def _seat_a1(show: Show) -> set[int]:
    return {Seat.objects.get(plan=show.seat_plan_id, label="A1").pk}


@pytest.mark.parametrize(
    "read", ["FROM seat_claim AS claim LEFT JOIN", "account.is_staff, cinema.timezone"]
)
def test_who_books_a_blocked_seat_of_a_show_that_is_removed_gets_a_404(read):
    book = partial(send, "post", make_user(), "bookings/", {"tickets": [{"seat": "A1"}]})
    race = Race(beside(book, unblock_and_remove, is_blocked=True))
    race.advance("reader", before=read)
    race.advance("staff")
    race.finish()
    assert race["reader"] == 404, race


@pytest.mark.parametrize("staff", [remove, move])
def test_a_change_of_a_show_that_is_removed_is_refused(staff):
    change = partial(send, "patch", make_staff(), "", {"captions": True})
    for status, race in statuses(change, staff):
        assert status in {200, 404, 409}, race
        assert race.outcome[1] == "done", race
