"""No deadlocks: all transactions claim seats in ascending order (DESIGN 5)."""

import random
import threading
from typing import Any

import pytest
from django.db import connection, transaction

from marquee.booking import claims
from marquee.booking.errors import SeatsTaken
from marquee.booking.models import SeatClaim
from marquee.booking.operations import cancel, confirm, exchange, expire, insert
from marquee.booking.records import TicketRequest
from tests.races.concurrency import at_once
from tests.races.interleave import Race, Scene
from tests.races.scenario import Scenario, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def two_claims_paused_half_way() -> Race:
    """Let Alice want A1, A2, A4 and Bob A1, A3, A4, while Carol is claiming A2 and A3.

    In any order but the same, each of them has a seat that the other wants when both wait for Carol.
    Then Carol rolls back.
    """
    scenario = Scenario()

    def carol():
        with transaction.atomic():
            scenario.hold(scenario.carol, "A2", "A3")
            transaction.set_rollback(True)

    race = Race(
        Scene(
            scenario,
            carol=carol,
            alice=lambda: scenario.hold(scenario.alice, "A1", "A2", "A4"),
            bob=lambda: scenario.hold(scenario.bob, "A1", "A3", "A4"),
        )
    )
    race.advance("carol", before="RELEASE SAVEPOINT")
    race.advance("alice")
    race.advance("bob")
    race.finish()
    return race


def with_opposite_orders(patch) -> None:
    """Let Bob claim his seats in descending order, and the others in ascending order."""
    taking = claims.claim_sql

    def is_bob():
        return threading.current_thread().name == "bob"

    def taking_in_any_order(rows: str, **options: Any) -> str:
        order = "ORDER BY seat"
        assert order in rows
        return taking(rows.replace(order, f"{order} DESC") if is_bob() else rows, **options)

    patch.setattr(claims, "claim_sql", taking_in_any_order)


def test_two_who_want_the_same_seats_never_deadlock():
    race = two_claims_paused_half_way()
    assert sorted(race.outcome[1:]) == ["Booking", "SeatsTaken"], race
    check_audit(race)


def test_control_taken_in_opposite_orders_the_same_seats_deadlock_on_postgresql(monkeypatch):
    with_opposite_orders(monkeypatch)
    race = two_claims_paused_half_way()
    if connection.vendor == "sqlite":  # SQLite has one writer, so the order does not matter
        assert sorted(race.outcome[1:]) == ["Booking", "SeatsTaken"], race
    else:
        assert sorted(race.outcome[1:]) == ["Booking", "OperationalError"], race
        failed = race["alice"] if race.outcome[1] == "OperationalError" else race["bob"]
        assert failed.__cause__.sqlstate == "40P01", race
    check_audit(race)


def confirm_in_time(scenario):
    held = scenario.hold(scenario.alice, "A1", "A2", "A4")
    return lambda: confirm(booking=held)


def confirm_late(scenario):
    expired = scenario.expired_hold(scenario.alice, "A1", "A2", "A4")
    return lambda: confirm(booking=expired)


def cancel_seats(scenario):
    booked = scenario.book(scenario.alice, "A1", "A2", "A4")
    return lambda: cancel(booking=booked)


def record_expiry(scenario):
    expired = scenario.expired_hold(scenario.alice, "A1", "A2", "A4")
    return lambda: expire(booking=expired)


def change_seats(scenario):
    booked = scenario.book(scenario.alice, "A2", "A4")
    seats = [TicketRequest("A1"), TicketRequest("A5")]
    return lambda: exchange(booking=booked, tickets=seats)


MOVES = [confirm_in_time, confirm_late, cancel_seats, record_expiry, change_seats]


def a_transition_and_a_hold_paused_half_way(move) -> Race:
    """Change Alice's claims on A1, A2, A4 while Bob wants A1, A3, A4, and A2 and A3 are locked.

    As above, each has a seat that the other wants when both wait, unless both begin with A1.
    """
    scenario = Scenario()
    scenario.expired_hold(scenario.carol, "A3")
    act = move(scenario)
    contested = SeatClaim.objects.filter(show=scenario.show, seat__label__in=["A2", "A3"])

    def somebody():
        with transaction.atomic():
            list(contested.select_for_update(of=["self"]).order_by("seat_id"))

    race = Race(
        Scene(
            scenario,
            somebody=somebody,
            alice=act,
            bob=lambda: scenario.hold(scenario.bob, "A1", "A3", "A4"),
        )
    )
    race.advance("somebody", before="COMMIT")
    race.advance("alice")
    race.advance("bob")
    race.finish()
    return race


@pytest.mark.parametrize("move", MOVES)
def test_a_transition_and_a_hold_of_the_same_seats_never_deadlock(move):
    race = a_transition_and_a_hold_paused_half_way(move)
    assert race.outcome[1] in {"done", "HoldExpired"}, race
    assert race.outcome[2] in {"Booking", "SeatsTaken"}, race
    check_audit(race)


def transitions_in_descending_order(patch) -> None:
    """Pass the seats of a transition to PostgreSQL in descending order."""
    keys_param = claims.keys_param
    patch.setattr(claims, "keys_param", lambda seats: keys_param(sorted(seats, reverse=True)))


def holds_in_descending_order(patch) -> None:
    """Pass the seats of a hold to PostgreSQL in descending order."""
    array_literal = insert.array_literal
    patch.setattr(insert, "array_literal", lambda values: array_literal([*values][::-1]))


@pytest.mark.parametrize("listed", [transitions_in_descending_order, holds_in_descending_order])
@pytest.mark.parametrize("move", MOVES)
def test_nor_in_whatever_order_the_seats_are_listed_to_the_database(move, listed, monkeypatch):
    listed(monkeypatch)
    race = a_transition_and_a_hold_paused_half_way(move)
    assert race.outcome[1] in {"done", "HoldExpired"}, race
    assert race.outcome[2] in {"Booking", "SeatsTaken"}, race
    check_audit(race)


@pytest.mark.parametrize("move", MOVES)
def test_control_with_seats_in_descending_order_the_two_deadlock_on_postgresql(move, monkeypatch):
    for name in ("POSTGRESQL_ROWS_SQL", "POSTGRESQL_EXCHANGE_SQL"):
        ascending = getattr(claims, name)
        descending = ascending.replace("ORDER BY seat", "ORDER BY seat DESC")
        assert descending != ascending
        monkeypatch.setattr(claims, name, descending)
    race = a_transition_and_a_hold_paused_half_way(move)
    assert ("OperationalError" in race.outcome) == (connection.vendor == "postgresql"), race
    check_audit(race)


@pytest.mark.usefixtures("with_retries")
def test_after_a_deadlock_the_loser_tries_again_and_is_refused_by_name(monkeypatch):
    with_opposite_orders(monkeypatch)
    race = two_claims_paused_half_way()
    assert sorted(race.outcome[1:]) == ["Booking", "SeatsTaken"], race
    check_audit(race)


def test_a_crowd_that_names_seats_in_any_order_never_deadlocks():
    scenario = Scenario()
    labels = ["A1", "A2", "A3", "A4", "A5", "A6"]

    def act():
        results = []
        for _ in range(6):
            wanted = random.sample(labels, 3)
            user = random.choice([scenario.alice, scenario.bob, scenario.carol])
            try:
                results.append(scenario.hold(user, *wanted))
            except SeatsTaken:
                continue
        return results

    for made in at_once(4, act):
        assert isinstance(made, list), repr(made)
    claims_made = SeatClaim.objects.filter(show=scenario.show, state="held")
    assert claims_made.count() in {3, 6}
