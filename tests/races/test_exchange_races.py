"""Changing seats while something else happens to them, or to the booking (DESIGN 6)."""

import pytest
from django.db import connection

from marquee.booking import claims, locks
from marquee.booking.models import Booking, BookingEvent, SeatClaim
from marquee.booking.operations import admit, call_off, cancel, confirm, exchange, move_show
from marquee.booking.operations.refusal_streaks import refusal_streaks
from marquee.booking.records import TicketRequest
from tests.factories import EARLY
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, check_audit, faults
from tests.races.test_clock_races import ends_in_the_middle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def changing(booking, *labels):
    """Return an act that gives a booking these seats."""
    tickets = [TicketRequest(label) for label in labels]
    return lambda: exchange(booking=booking, tickets=tickets)


def exchange_and_book() -> Scene:
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1", "A2")
    return Scene(
        scenario,
        exchange=changing(booked, "A2", "A3"),
        book=lambda: scenario.book(scenario.bob, "A3", "A4"),
    )


def two_exchanges_for_one_seat() -> Scene:
    scenario = Scenario()
    hers, his = scenario.book(scenario.alice, "A1"), scenario.book(scenario.bob, "A2")
    return Scene(scenario, one=changing(hers, "A3"), other=changing(his, "A3"))


def two_exchanges_of_one_booking() -> Scene:
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1", "A2")
    return Scene(scenario, one=changing(booked, "A1", "A3"), other=changing(booked, "A4", "A2"))


def swap() -> Scene:
    scenario = Scenario()
    hers, his = scenario.book(scenario.alice, "A1", "A4"), scenario.book(scenario.bob, "A2", "A3")
    return Scene(scenario, alice=changing(hers, "A2", "A5"), bob=changing(his, "A1", "A6"))


def exchange_and_book_both() -> Scene:
    """Bob wants the seat that Alice gives up, and the one that she wants."""
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1")
    refusal_streaks.end(scenario.bob.pk)  # who is often refused only reads
    return Scene(
        scenario,
        exchange=changing(booked, "A2"),
        book=lambda: scenario.book(scenario.bob, "A1", "A2"),
    )


def exchange_and_cancel() -> Scene:
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1", "A2")
    return Scene(
        scenario, exchange=changing(booked, "A2", "A3"), cancel=lambda: cancel(booking=booked)
    )


def exchange_and_confirm() -> Scene:
    scenario = Scenario()
    held = scenario.hold(scenario.alice, "A1", "A2")
    return Scene(
        scenario, exchange=changing(held, "A2", "A3"), confirm=lambda: confirm(booking=held)
    )


def exchange_and_admit() -> Scene:
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1", "A2")
    ticket = booked.tickets.first()
    return Scene(
        scenario,
        exchange=changing(booked, "A2", "A3"),
        admit=lambda: admit(ticket=ticket, reason=EARLY),
    )


def exchange_and_call_off() -> Scene:
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1")
    return Scene(
        scenario, exchange=changing(booked, "A2"), call_off=lambda: call_off(show=scenario.show)
    )


def exchange_and_move() -> Scene:
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1")
    return Scene(
        scenario,
        exchange=changing(booked, "A2"),
        move=lambda: move_show(show=scenario.show, language="de", confirm_bookings=1),
    )


def seats_of(booking) -> list[str]:
    rows = SeatClaim.objects.filter(booking=booking).order_by("seat")
    return list(rows.values_list("seat__label", flat=True))


def seats(race) -> list[list[str]]:
    """Return the seats of each live booking of the show."""
    bookings = Booking.objects.filter(show=race.scene.about.show).order_by("id")
    return [seats_of(booking) for booking in bookings]


def events(race) -> list[str]:
    found = BookingEvent.objects.filter(booking__show=race.scene.about.show).order_by("id")
    return [event.kind for event in found]


def check_all(scene, allowed, look, **options):
    """Assert that each race ends as allowed for its outcome, and that each outcome happens."""
    seen = set()
    for race in interleavings(scene, **options):
        assert race.outcome in allowed, race
        assert look(race) == allowed[race.outcome], race
        check_audit(race)
        seen.add(race.outcome)
    assert seen == set(allowed)


def test_of_an_exchange_and_a_booking_of_the_wanted_seats_exactly_one_has_them():
    allowed = {
        ("done", "SeatsTaken"): [["A2", "A3"]],
        ("SeatsTaken", "Booking"): [["A1", "A2"], ["A3", "A4"]],
    }
    check_all(exchange_and_book, allowed, seats)


def test_of_two_exchanges_for_one_seat_the_loser_keeps_what_it_had():
    allowed = {
        ("done", "SeatsTaken"): [["A3"], ["A2"]],
        ("SeatsTaken", "done"): [["A1"], ["A3"]],
    }
    check_all(two_exchanges_for_one_seat, allowed, seats)


def test_of_two_exchanges_of_one_booking_the_later_one_stands():
    found = []
    for race in interleavings(two_exchanges_of_one_booking):
        assert race.outcome == ("done", "done"), race
        found += seats(race)
        check_audit(race)
    assert {tuple(one) for one in found} == {("A1", "A3"), ("A2", "A4")}


def test_two_bookings_that_want_each_others_seats_never_deadlock():
    check_all(swap, {("SeatsTaken", "SeatsTaken"): [["A1", "A4"], ["A2", "A3"]]}, seats)


def test_nor_does_an_exchange_with_who_wants_its_old_and_its_new_seat():
    check_all(exchange_and_book_both, {("done", "SeatsTaken"): [["A2"]]}, seats)


def test_exchanged_then_cancelled_or_cancelled_and_then_not_to_exchange():
    allowed = {
        ("done", "done"): ["confirmed", "exchanged", "cancelled"],
        ("NotHeld", "done"): ["confirmed", "cancelled"],
    }
    check_all(exchange_and_cancel, allowed, events)


def test_a_hold_is_confirmed_for_the_seats_that_it_has_by_then():
    for race in interleavings(exchange_and_confirm):
        assert race.outcome == ("done", "done"), race
        assert seats(race) == [["A2", "A3"]], race
        check_audit(race)


def test_a_ticket_is_given_up_or_used():
    allowed = {
        ("done", "NotAdmitted"): [["A2", "A3"]],
        ("AlreadyUsed", "done"): [["A1", "A2"]],
    }
    check_all(exchange_and_admit, allowed, seats)


def test_a_show_called_off_has_no_seats_that_change():
    allowed = {
        ("done", "done"): ["confirmed", "exchanged", "called_off"],
        ("ShowCalledOff", "done"): ["confirmed", "called_off"],
    }
    check_all(exchange_and_call_off, allowed, events)


def test_a_show_changes_while_seats_do():
    for race in interleavings(exchange_and_move):
        assert race.outcome == ("done", "Show"), race
        assert sorted(events(race)) == ["changed", "confirmed", "exchanged"], race
        check_audit(race)


def test_a_hold_that_loses_its_seats_at_its_end_gets_no_others():
    def scene():
        scenario = Scenario()
        held = scenario.hold(scenario.alice, "A1")
        return Scene(
            scenario,
            exchange=changing(held, "A2"),
            book=lambda: scenario.book(scenario.bob, "A1"),
        ), held

    race = ends_in_the_middle(scene, ("exchange", "INSERT INTO seat_claim"))
    assert race.outcome[1] == "Booking", race
    assert race.outcome[0] in {"done", "HoldExpired"}, race
    check_audit(race)


def in_two_statements(patch) -> None:
    """Claim the wanted seats first, and free the others by another statement."""

    def exchange_in_two(show_id, *, wanted, given_up, booking_id, until):
        won = claims.claim(show_id, wanted, booking_id, until)
        return won | claims.release(show_id, given_up, booking_id)

    patch.setattr(claims, "exchange", exchange_in_two)


def test_control_in_two_statements_they_deadlock_on_postgresql(monkeypatch):
    in_two_statements(monkeypatch)
    outcomes = {name for race in interleavings(exchange_and_book_both) for name in race.outcome}
    assert ("OperationalError" in outcomes) == (connection.vendor == "postgresql")


def test_control_without_asking_who_has_a_seat_both_have_it(monkeypatch):
    guards.without_asking_who_has_it(monkeypatch)
    outcomes = {race.outcome for race in interleavings(exchange_and_book)}
    assert ("done", "Booking") in outcomes


def test_control_without_locks_a_booking_has_tickets_without_seats(monkeypatch):
    guards.without_any(monkeypatch)
    assert set(faults(exchange_and_cancel))


@pytest.mark.parametrize("scene", [exchange_and_cancel, exchange_and_confirm])
def test_control_with_the_seats_from_before_the_wait_the_audit_fails(scene, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time: nothing is read before a wait")
    monkeypatch.setattr(locks, "IS_CURRENT_SQL", "TRUE")
    assert set(faults(scene))
