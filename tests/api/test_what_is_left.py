"""What a show says of its seats: what is left, for whom, from which price, and whether it is on sale."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from marquee.booking.models import SeatClaim
from marquee.booking.operations import block, call_off, cancel
from marquee.catalog.models import Seat, Show
from tests.factories import (
    book_seats,
    client_of,
    expire_hold,
    make_auditorium,
    make_price_card,
    make_show,
    make_user,
)

pytestmark = pytest.mark.django_db

SHOWS = "/api/v1/shows/"
# In the package, the same name is the function.
seats_left = import_module("marquee.booking.queries.seats_left")


@pytest.fixture
def show():
    auditorium = make_auditorium(rows=["A: sss", "B: pp", "C: ww_c"])
    prices = {("standard", "adult"): "12.00", ("standard", "child"): "8.00",
        ("premium", "adult"): "15.00"}  # fmt: skip
    return make_show(auditorium, price_card=make_price_card(auditorium.cinema, prices))


def alone_and_listed(show):
    """Return what a show says of itself alone, which must be what its list says."""
    alone = client_of().get(f"{SHOWS}{show.pk}/").json()
    assert client_of().get(SHOWS).json()["results"] == [alone]
    return alone


def live(show):
    alone = alone_and_listed(show)
    price = alone["price_from"]["amount"]
    return alone["on_sale"], alone["seats_left"], alone["accessible_left"], price


def test_wheelchair_spaces_and_companion_seats_are_not_for_everybody(show):
    assert live(show) == (True, 5, 2, "12.00")


def test_the_price_is_that_of_the_seats_that_are_left(show):
    alice = make_user()
    booking = book_seats(alice, show, "A1", "A2", "A3")
    assert live(show) == (True, 2, 2, "15.00")
    cancel(booking=booking)
    assert live(show) == (True, 5, 2, "12.00")


def test_a_seat_for_another_changes_the_price_though_as_many_are_left(show):
    """The number alone does not say which seats are taken."""
    cheap = book_seats(make_user(), show, "A1", "A2", "A3")
    assert live(show)[3] == "15.00"
    seats = dict(Seat.objects.filter(plan=show.seat_plan).values_list("label", "pk"))
    cancel(booking=cheap)
    block(show=show, seats={seats["B1"], seats["B2"], seats["C1"]})
    assert live(show) == (True, 3, 1, "12.00")


def test_a_hold_that_ran_out_leaves_its_seats(show):
    hold = book_seats(make_user(), show, "A1", "A2", "A3", hold=True)
    assert live(show)[1] == 2
    expire_hold(hold)
    assert live(show) == (True, 5, 2, "12.00")


def test_without_a_seat_left_nothing_is_on_sale_and_the_price_stays_known(show):
    seats = set(Seat.objects.filter(plan=show.seat_plan).values_list("pk", flat=True))
    block(show=show, seats=seats)
    assert live(show) == (False, 0, 0, "12.00")


def test_a_wheelchair_space_alone_is_on_sale(show):
    seats = Seat.objects.filter(plan=show.seat_plan).exclude(kind="wheelchair")
    block(show=show, seats=set(seats.values_list("pk", flat=True)))
    assert live(show) == (True, 0, 2, "12.00")


def test_blocks_left_in_an_auditorium_before_take_no_seat(show):
    """A show that moved may have blocks on seats of the plan that it had."""
    elsewhere = Seat.objects.filter(plan=make_show().seat_plan).first()
    SeatClaim.objects.create(show=show, seat=elsewhere, state="blocked", gen=1)
    alone = client_of().get(f"{SHOWS}{show.pk}/").json()
    assert (alone["seats_left"], alone["accessible_left"]) == (5, 2)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sales_from": timedelta(hours=1)}, False),
        ({"sales_from": timedelta(hours=-1)}, True),
        ({"sales_until": timedelta(minutes=-1)}, False),
    ],
)
def test_a_show_is_on_sale_between_its_times(show, changes, expected):
    now = timezone.now()
    Show.objects.filter(pk=show.pk).update(**{name: now + by for name, by in changes.items()})
    assert live(show)[0] is expected


def test_a_show_that_is_called_off_is_not_on_sale(show):
    call_off(show=show)
    assert live(show)[0] is False


@pytest.mark.parametrize("query", ["", "?date={day}"])
@pytest.mark.parametrize(("column", "before"), [("sales_from", False), ("sales_until", True)])
def test_a_kept_list_opens_and_closes_sales_in_time(show, monkeypatch, query, column, before):
    at = timezone.now() + timedelta(minutes=10)
    Show.objects.filter(pk=show.pk).update(**{column: at})
    day = timezone.localtime(show.starts_at, show.auditorium.cinema.tzinfo).date()
    address, client = SHOWS + query.format(day=day), client_of()

    def on_sale():
        (listed,) = client.get(address).json()["results"]
        return listed["on_sale"]

    assert (on_sale(), on_sale()) == (before, before)
    monkeypatch.setattr(timezone, "now", lambda: at + timedelta(seconds=1))
    assert on_sale() is not before


def test_another_thread_may_empty_the_cache_at_any_moment(show, monkeypatch):
    class Emptied(dict):
        def __contains__(self, key):
            there = super().__contains__(key)
            self.clear()
            return there

        def get(self, key):
            left = super().get(key)
            self.clear()
            return left

    monkeypatch.setattr(seats_left, "_cached", Emptied())
    for _ in range(2):
        assert live(show) == (True, 5, 2, "12.00")


def test_the_seats_are_counted_once_for_each_change(show):
    client = client_of()

    def statements(address):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    book_seats(make_user(), show, "A1")
    alone = f"{SHOWS}{show.pk}/"
    for address in (alone, SHOWS):
        client.get(address)
        assert statements(address) == 1
    book_seats(make_user(), show, "A2")
    assert [statements(SHOWS), statements(SHOWS), statements(alone)] == [2, 1, 1]
