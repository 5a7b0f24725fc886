"""Which locks each operation takes, how strong, and in which order.

The order prevents deadlocks: catalog, cinema, auditorium (ascending), movie, price card, ticket
types, the show's advisory lock, counters, account, show, booking. Some locks are covered by another
one, so that no race fails without them. These tests read all of them off the SQL.
"""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marquee.booking.operations import (
    admit,
    block,
    call_off,
    cancel,
    confirm,
    expire,
    move_holds,
    unblock,
)
from marquee.catalog import operations as catalog
from marquee.catalog.models import Seat
from marquee.catalog.operations import (
    change_price_card,
    change_show,
    delete_price_card,
    delete_show,
)
from tests.booking.visitors import hold_as_visitor, visitor_of
from tests.factories import (
    EARLY,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
)
from tests.races.scenario import Scenario

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

LOCK = re.compile(r"FOR (NO KEY UPDATE|KEY SHARE|UPDATE|SHARE)(?: OF (\w+))?")
ADVISORY_LOCK = re.compile(r"pg_advisory_xact_lock(_shared)?\((key)?")
CATALOG = "catalog UPDATE"
SHOW_SHARED, SHOW_EXCLUSIVE, COUNTERS = "advisory SHARE", "advisory UPDATE", "counters UPDATE"


@pytest.fixture(autouse=True)
def has_locks(django_db_setup):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no locks but that of its one writer.")


def locks_of(act) -> list[str]:
    """Return the locks that an act takes, in the order of their first use."""
    with CaptureQueriesContext(connection) as queries:
        act()
    found: dict[str, None] = {}
    for query in queries:
        found |= dict.fromkeys(locks_in(query["sql"]))
    return list(found)


def locks_in(sql: str):
    """Yield the locks of one statement, in order."""
    for shared, is_counter in ADVISORY_LOCK.findall(sql):
        yield COUNTERS if is_counter else SHOW_SHARED if shared else SHOW_EXCLUSIVE
    for strength, alias in LOCK.findall(sql):
        table = alias or re.search(r'FROM "?(\w+)', sql)[1]
        if table == "auditorium":
            table += " " + re.search(r'"auditorium"."id" = (\d+)', sql)[1]
        yield f"{'catalog' if table == 'catalog_revision' else table} {strength}"


CUSTOMER = [SHOW_SHARED, "account NO KEY UPDATE", "show KEY SHARE"]
COUNTED = [SHOW_SHARED, COUNTERS, "account NO KEY UPDATE", "show KEY SHARE"]


def booking(scenario):
    return lambda: scenario.book(scenario.alice, "A1")


def confirming(scenario):
    held = scenario.hold(scenario.alice, "A1")
    return lambda: confirm(booking=held)


def cancelling(scenario):
    booked = scenario.book(scenario.alice, "A1")
    return lambda: cancel(booking=booked)


def expiring(scenario):
    expired = scenario.expired_hold(scenario.alice, "A1")
    return lambda: expire(booking=expired)


def admitting(scenario):
    ticket = scenario.book(scenario.alice, "A1").tickets.get()
    return lambda: admit(ticket=ticket, reason=EARLY)


def test_a_booking_takes_advisory_locks_then_locks_the_customer_and_the_show():
    assert locks_of(booking(Scenario())) == COUNTED


def test_a_confirmation_locks_the_booking_after_these():
    assert locks_of(confirming(Scenario())) == [*COUNTED, "booking NO KEY UPDATE"]


def test_a_visitors_hold_moves_under_the_locks_of_both_customers():
    scenario = Scenario()
    visitor = visitor_of(hold_as_visitor(scenario.show, "A1"))
    assert locks_of(lambda: move_holds(visitor=visitor, user=scenario.alice)) == [
        SHOW_SHARED,
        COUNTERS,
        "account NO KEY UPDATE",
        "booking NO KEY UPDATE",
    ]


@pytest.mark.parametrize("change", [cancelling, expiring, admitting])
def test_a_change_of_a_booking_locks_the_booking_after_these(change):
    assert locks_of(change(Scenario())) == [*CUSTOMER, "booking NO KEY UPDATE"]


def test_a_change_of_a_show_locks_the_rows_it_refers_to_and_then_the_show():
    scenario = Scenario()
    here = scenario.show.auditorium
    before, after = make_auditorium(here.cinema), make_auditorium(here.cinema)
    show = make_show(after, price_card=scenario.show.price_card)
    parts = {"movie": make_movie(), "price_card": make_price_card(here.cinema)}
    assert locks_of(lambda: change_show(show=show, auditorium=before, **parts)) == [
        CATALOG,
        f"auditorium {before.pk} NO KEY UPDATE",
        f"auditorium {after.pk} NO KEY UPDATE",
        "movie NO KEY UPDATE",
        "price_card NO KEY UPDATE",
        SHOW_EXCLUSIVE,
        "show UPDATE",
    ]


def test_a_new_show_locks_the_rows_it_refers_to():
    auditorium = make_auditorium()
    parts = {"movie": make_movie(), "price_card": make_price_card(auditorium.cinema)}
    assert locks_of(lambda: make_show(auditorium, **parts)) == [
        CATALOG,
        f"auditorium {auditorium.pk} NO KEY UPDATE",
        "movie NO KEY UPDATE",
        "price_card NO KEY UPDATE",
    ]


def test_other_operations_on_a_show_lock_it_exclusively():
    scenario = Scenario()
    seats = {Seat.objects.get(plan=scenario.show.seat_plan_id, label="A1").pk}
    assert locks_of(lambda: block(show=scenario.show, seats=seats)) == [
        SHOW_EXCLUSIVE,
        "show UPDATE",
    ]
    assert locks_of(lambda: unblock(show=scenario.show, seats=seats)) == [
        SHOW_EXCLUSIVE,
        "show UPDATE",
    ]
    assert locks_of(lambda: call_off(show=scenario.show)) == [
        CATALOG,
        SHOW_EXCLUSIVE,
        "show UPDATE",
    ]
    gone = Scenario().show
    assert locks_of(lambda: delete_show(show=gone)) == [CATALOG, SHOW_EXCLUSIVE, "show UPDATE"]


def test_a_change_of_the_catalog_locks_the_catalog_before_the_rows():
    scenario = Scenario()
    auditorium, card = scenario.show.auditorium, scenario.show.price_card
    cinema, movie = auditorium.cinema, scenario.show.movie
    types = "ticket_type NO KEY UPDATE"
    found = {
        "movie": locks_of(lambda: catalog.change_movie(movie=movie, certificate="12")),
        "cinema": locks_of(lambda: catalog.change_cinema(cinema=cinema, city="Graz")),
        "auditorium": locks_of(
            lambda: catalog.change_auditorium(auditorium=auditorium, name="Other")
        ),
        "card": locks_of(lambda: change_price_card(price_card=card, name="Other")),
        "new auditorium": locks_of(lambda: make_auditorium(cinema)),
        "new card": locks_of(lambda: make_price_card(cinema)),
    }
    assert found == {
        "movie": [CATALOG, "movie NO KEY UPDATE"],
        "cinema": [CATALOG, "cinema NO KEY UPDATE"],
        "auditorium": [CATALOG, f"auditorium {auditorium.pk} NO KEY UPDATE"],
        "card": [CATALOG, "price_card NO KEY UPDATE", types],
        "new auditorium": [CATALOG, "cinema NO KEY UPDATE"],
        "new card": [CATALOG, "cinema NO KEY UPDATE", types],
    }


def test_a_removal_locks_the_whole_row():
    auditorium, movie, cinema = make_auditorium(), make_movie(), make_cinema()
    card = make_price_card()
    found = [
        locks_of(lambda: catalog.delete(row=auditorium)),
        locks_of(lambda: catalog.delete(row=movie)),
        locks_of(lambda: catalog.delete(row=cinema)),
        locks_of(lambda: delete_price_card(price_card=card)),
    ]
    names = [f"auditorium {auditorium.pk}", "movie", "cinema", "price_card"]
    assert found == [[CATALOG, f"{name} UPDATE"] for name in names]
