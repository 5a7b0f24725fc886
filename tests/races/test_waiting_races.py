"""Who waits for whom: customers for staff, staff for customers, and customers not for each other.

SQLite has one writer at a time, in no order, so these tests need PostgreSQL.
"""

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from marquee.accounts import tokens
from marquee.booking import locks
from marquee.booking.operations import block, call_off, unblock
from marquee.catalog.locks import lock_catalog
from marquee.catalog.models import Seat
from marquee.catalog.operations import change_price_card, change_show, delete_show
from tests.factories import make_movie
from tests.races import guards
from tests.races.interleave import Race, Scene
from tests.races.scenario import Scenario, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


@pytest.fixture(autouse=True)
def several_write(django_db_setup):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time, in no order.")


def changing(scenario):
    return lambda: change_show(show=scenario.show, language="fr")


def removing(scenario):
    return lambda: delete_show(show=scenario.show)


def calling_off(scenario):
    return lambda: call_off(show=scenario.show)


def blocking(scenario):
    seat = Seat.objects.get(plan=scenario.show.seat_plan_id, label="A1")
    return lambda: block(show=scenario.show, seats={seat.pk})


def unblocking(scenario):
    blocking(scenario)()
    seat = Seat.objects.get(plan=scenario.show.seat_plan_id, label="A1")
    return lambda: unblock(show=scenario.show, seats={seat.pk})


def customers_come_while_staff_wait(staff) -> Race:
    """Pause a customer before the commit; let staff want the show, and then another customer."""
    scenario = Scenario()
    race = Race(
        Scene(
            scenario,
            early=lambda: scenario.book(scenario.alice, "A2"),
            staff=staff(scenario),
            late=lambda: scenario.book(scenario.bob, "A3"),
        )
    )
    race.advance("early", before="COMMIT")
    race.advance("staff")
    race.advance("late")
    race.passed = race.racers["late"].is_done
    race.finish()
    return race


LOCKING_THE_SHOW = [changing, removing, calling_off, blocking, unblocking]


@pytest.mark.parametrize("staff", LOCKING_THE_SHOW)
def test_customers_queue_behind_whatever_staff_do_with_a_show(staff):
    race = customers_come_while_staff_wait(staff)
    assert not race.passed, race
    check_audit(race)


@pytest.mark.parametrize("staff", LOCKING_THE_SHOW)
def test_control_without_the_shows_advisory_lock_customers_pass_staff(staff, monkeypatch):
    guards.without_show_advisory_lock(monkeypatch)
    race = customers_come_while_staff_wait(staff)
    assert race.passed, race


def staff_wait_for_an_import(staff) -> Race:
    """Let staff want a show during an import by others, and a customer book the show then."""
    scenario = Scenario()
    act = staff(scenario)

    def import_movies():
        with transaction.atomic():
            make_movie()

    race = Race(
        Scene(
            scenario,
            importer=import_movies,
            staff=act,
            customer=lambda: scenario.book(scenario.alice, "A1"),
        )
    )
    race.advance("importer", before="COMMIT")
    race.advance("staff")
    race.advance("customer")
    race.served = race.racers["customer"].is_done
    race.finish()
    return race


LOCKING_THE_CATALOG = [changing, removing, calling_off]


@pytest.mark.parametrize("staff", LOCKING_THE_CATALOG)
def test_staff_who_wait_for_others_to_change_a_show_keep_no_customer_waiting(staff):
    race = staff_wait_for_an_import(staff)
    assert race.served, race
    check_audit(race)


@pytest.mark.parametrize("staff", LOCKING_THE_CATALOG)
def test_control_without_the_catalog_lock_first_customers_wait_for_an_import(staff, monkeypatch):
    guards.replace_everywhere(monkeypatch, lock_catalog, lambda: None)
    race = staff_wait_for_an_import(staff)
    assert not race.served, race


def two_customers_of_one_show() -> Race:
    scenario = Scenario()
    race = Race(
        Scene(
            scenario,
            alice=lambda: scenario.book(scenario.alice, "A1"),
            bob=lambda: scenario.book(scenario.bob, "A2"),
        )
    )
    race.advance("alice", before="COMMIT")
    race.passed = race.advance("bob").is_done
    race.finish()
    return race


def test_customers_of_one_show_who_want_different_seats_do_not_wait_for_each_other():
    race = two_customers_of_one_show()
    assert race.passed, race
    assert race.outcome == ("Booking", "Booking"), race
    check_audit(race)


STRONGER = {
    "the show alone": ("FOR KEY SHARE OF show", "FOR NO KEY UPDATE OF show"),
    "the advisory lock alone": ("_shared", ""),
}


@pytest.mark.parametrize("stronger", STRONGER)
def test_control_with_stronger_locks_customers_of_one_show_wait(stronger, monkeypatch):
    row, (old, new) = locks._fetch_locked, STRONGER[stronger]
    monkeypatch.setattr(
        locks, "SHOW_ADVISORY_LOCK_SQL", locks.SHOW_ADVISORY_LOCK_SQL.replace(old, new)
    )
    monkeypatch.setattr(
        locks,
        "_fetch_locked",
        lambda sql, locking, *rest, **parts: row(sql, locking.replace(old, new), *rest, **parts),
    )
    assert not two_customers_of_one_show().passed


def log_in_while_booking() -> Race:
    """Book on the phone and log in on the laptop: the new token refers to the account."""
    scenario = Scenario()
    race = Race(
        Scene(
            scenario,
            phone=lambda: scenario.book(scenario.alice, "A1"),
            laptop=lambda: tokens.issue_pair(scenario.alice),
        )
    )
    race.advance("phone", before="COMMIT")
    race.passed = race.advance("laptop").is_done
    race.finish()
    return race


def test_a_customer_who_books_can_log_in_meanwhile():
    race = log_in_while_booking()
    assert race.passed, race
    assert race.outcome == ("Booking", "TokenPair"), race


def test_control_with_a_lock_of_the_whole_account_logging_in_waits(monkeypatch):
    row = locks._fetch_locked
    monkeypatch.setattr(
        locks,
        "_fetch_locked",
        lambda sql, locking, *rest, **parts: row(
            sql,
            locking.replace("FOR NO KEY UPDATE OF account", "FOR UPDATE OF account"),
            *rest,
            **parts,
        ),
    )
    assert not log_in_while_booking().passed


def book_while_prices_change() -> Race:
    """Change a price card, which refers to ticket types, while a ticket of one is booked."""
    scenario = Scenario()
    card = scenario.show.price_card
    race = Race(
        Scene(
            scenario,
            staff=lambda: change_price_card(price_card=card, name="Other prices"),
            customer=lambda: scenario.book(scenario.alice, "A1"),
        )
    )
    race.advance("staff", before="COMMIT")
    race.passed = race.advance("customer").is_done
    race.finish()
    return race


def test_customers_book_while_staff_change_prices():
    race = book_while_prices_change()
    assert race.passed, race
    assert race.outcome == ("PriceCard", "Booking"), race
    check_audit(race)


def test_control_with_ticket_types_locked_as_for_a_removal_customers_wait(monkeypatch):
    weak = QuerySet.select_for_update
    monkeypatch.setattr(QuerySet, "select_for_update", lambda found, **_: weak(found))
    race = book_while_prices_change()
    assert not race.passed, race
