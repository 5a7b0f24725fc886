"""What each operation locks, how strongly, and in which order: the same everywhere.

The order is turn, cinema, auditorium (ascending), movie, price card, ticket types, gate, counters,
account, show, booking. Two who lock in one order never wait for each other in a circle. Some of these locks
another one makes up for, so no race shows that they are missing; here they are read off the SQL.
"""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marquee.booking.operations import admit, block, call_off, cancel, confirm, expire, unblock
from marquee.catalog import operations as catalog
from marquee.catalog.models import Seat
from marquee.catalog.operations import (
    change_price_card,
    change_show,
    delete_price_card,
    delete_show,
)
from tests.factories import make_auditorium, make_cinema, make_movie, make_price_card, make_show
from tests.races.scenario import Scenario

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

LOCK = re.compile(r"FOR (NO KEY UPDATE|KEY SHARE|UPDATE|SHARE)(?: OF (\w+))?")
GATE = re.compile(r"pg_advisory_xact_lock(_shared)?\((key)?")
TURN = "turn UPDATE"
GATE_SHARED, GATE_CLOSED, COUNTERS = "gate SHARE", "gate UPDATE", "counters UPDATE"


@pytest.fixture(autouse=True)
def has_locks(django_db_setup):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no locks but that of its one writer.")


def locks_of(act) -> list[str]:
    """Return what an act locks, in the order in which it first does."""
    with CaptureQueriesContext(connection) as queries:
        act()
    found: dict[str, None] = {}
    for query in queries:
        found |= dict.fromkeys(locks_in(query["sql"]))
    return list(found)


def locks_in(sql: str):
    """Yield what one statement locks, in this order."""
    for shared, is_counter in GATE.findall(sql):
        yield COUNTERS if is_counter else GATE_SHARED if shared else GATE_CLOSED
    for strength, alias in LOCK.findall(sql):
        table = alias or re.search(r'FROM "(\w+)"', sql)[1]
        if table == "auditorium":
            table += " " + re.search(r'"auditorium"."id" = (\d+)', sql)[1]
        yield f"{'turn' if table == 'catalog_revision' else table} {strength}"


CUSTOMER = [GATE_SHARED, "account NO KEY UPDATE", "show KEY SHARE"]
COUNTED = [GATE_SHARED, COUNTERS, "account NO KEY UPDATE", "show KEY SHARE"]


def booking(scenario):
    return lambda: scenario.book(scenario.alice, "A1")


def confirming(scenario):
    held = scenario.hold(scenario.alice, "A1")
    return lambda: confirm(booking=held)


def cancelling(scenario):
    booked = scenario.book(scenario.alice, "A1")
    return lambda: cancel(booking=booked)


def expiring(scenario):
    lapsed = scenario.expired_hold(scenario.alice, "A1")
    return lambda: expire(booking=lapsed)


def admitting(scenario):
    ticket = scenario.book(scenario.alice, "A1").tickets.get()
    return lambda: admit(ticket=ticket)


def test_a_booking_locks_the_gate_what_limits_count_by_the_customer_and_the_show():
    assert locks_of(booking(Scenario())) == COUNTED


def test_a_confirmation_locks_the_booking_after_these():
    assert locks_of(confirming(Scenario())) == [*COUNTED, "booking NO KEY UPDATE"]


@pytest.mark.parametrize("change", [cancelling, expiring, admitting])
def test_a_change_of_a_booking_locks_the_booking_after_these(change):
    assert locks_of(change(Scenario())) == [*CUSTOMER, "booking NO KEY UPDATE"]


def test_a_change_of_a_show_locks_all_that_it_stands_on_and_then_the_show():
    scenario = Scenario()
    here = scenario.show.auditorium
    before, after = make_auditorium(here.cinema), make_auditorium(here.cinema)
    show = make_show(after, price_card=scenario.show.price_card)
    parts = {"movie": make_movie(), "price_card": make_price_card(here.cinema)}
    assert locks_of(lambda: change_show(show=show, auditorium=before, **parts)) == [
        TURN,
        f"auditorium {before.pk} NO KEY UPDATE",
        f"auditorium {after.pk} NO KEY UPDATE",
        "movie NO KEY UPDATE",
        "price_card NO KEY UPDATE",
        GATE_CLOSED,
        "show UPDATE",
    ]


def test_a_new_show_locks_all_that_it_stands_on():
    room = make_auditorium()
    parts = {"movie": make_movie(), "price_card": make_price_card(room.cinema)}
    assert locks_of(lambda: make_show(room, **parts)) == [
        TURN,
        f"auditorium {room.pk} NO KEY UPDATE",
        "movie NO KEY UPDATE",
        "price_card NO KEY UPDATE",
    ]


def test_whatever_else_is_done_to_a_show_closes_its_gate_and_locks_it_alone():
    scenario = Scenario()
    seats = {Seat.objects.get(plan=scenario.show.seat_plan_id, label="A1").pk}
    assert locks_of(lambda: block(show=scenario.show, seats=seats)) == [GATE_CLOSED, "show UPDATE"]
    assert locks_of(lambda: unblock(show=scenario.show, seats=seats)) == [
        GATE_CLOSED,
        "show UPDATE",
    ]
    assert locks_of(lambda: call_off(show=scenario.show)) == [TURN, GATE_CLOSED, "show UPDATE"]
    gone = Scenario().show
    assert locks_of(lambda: delete_show(show=gone)) == [TURN, GATE_CLOSED, "show UPDATE"]


def test_a_change_of_the_catalogue_takes_its_turn_before_it_locks_what_it_changes():
    scenario = Scenario()
    room, card = scenario.show.auditorium, scenario.show.price_card
    cinema, movie = room.cinema, scenario.show.movie
    types = "ticket_type NO KEY UPDATE"
    found = {
        "movie": locks_of(lambda: catalog.change_movie(movie=movie, certificate="12")),
        "cinema": locks_of(lambda: catalog.change_cinema(cinema=cinema, city="Graz")),
        "auditorium": locks_of(lambda: catalog.change_auditorium(auditorium=room, name="Other")),
        "card": locks_of(lambda: change_price_card(price_card=card, name="Other")),
        "new auditorium": locks_of(lambda: make_auditorium(cinema)),
        "new card": locks_of(lambda: make_price_card(cinema)),
    }
    assert found == {
        "movie": [TURN, "movie NO KEY UPDATE"],
        "cinema": [TURN, "cinema NO KEY UPDATE"],
        "auditorium": [TURN, f"auditorium {room.pk} NO KEY UPDATE"],
        "card": [TURN, "price_card NO KEY UPDATE", types],
        "new auditorium": [TURN, "cinema NO KEY UPDATE"],
        "new card": [TURN, "cinema NO KEY UPDATE", types],
    }


def test_a_removal_locks_the_whole_row():
    room, movie, cinema = make_auditorium(), make_movie(), make_cinema()
    card = make_price_card()
    found = [
        locks_of(lambda: catalog.delete(row=room)),
        locks_of(lambda: catalog.delete(row=movie)),
        locks_of(lambda: catalog.delete(row=cinema)),
        locks_of(lambda: delete_price_card(price_card=card)),
    ]
    names = [f"auditorium {room.pk}", "movie", "cinema", "price_card"]
    assert found == [[TURN, f"{name} UPDATE"] for name in names]
