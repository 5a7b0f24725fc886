"""Cancelling some tickets while others are cancelled or admitted: each ticket once (DESIGN 6)."""

import pytest

from marquee.accounts.states import Role
from marquee.booking import claims
from marquee.booking.models import Booking, BookingEvent, SeatClaim, Ticket
from marquee.booking.operations import admit, block, cancel
from marquee.booking.records import CounterTerms, TicketRequest
from marquee.catalog.models import Seat
from tests.factories import EARLY, book_tickets, make_staff
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, check_audit, faults

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def cancel_one_each() -> Scene:
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1", "A2")
    return Scene(
        scenario,
        one=lambda: cancel(booking=booked, tickets=["A1"]),
        other=lambda: cancel(booking=booked, tickets=["A2"]),
    )


def cancel_overlapping_parts() -> Scene:
    scenario = Scenario()
    held = scenario.hold(scenario.alice, "A1", "A2", "A3", "A4")
    return Scene(
        scenario,
        one=lambda: cancel(booking=held, tickets=["A1", "A2"]),
        other=lambda: cancel(booking=held, tickets=["A2", "A3"]),
    )


def cancel_and_admit_one() -> Scene:
    scenario = Scenario()
    booked = scenario.book(scenario.alice, "A1", "A2")
    ticket = booked.tickets.first()
    return Scene(
        scenario,
        cancel=lambda: cancel(booking=booked, tickets=["A1"]),
        admit=lambda: admit(ticket=ticket, reason=EARLY),
    )


def two_counters() -> Scene:
    scenario = Scenario()
    seats = Seat.objects.filter(plan=scenario.show.seat_plan, label="A1")
    block(show=scenario.show, seats={seats.get().pk})

    def sell():
        staff = make_staff(Role.COUNTER)
        book_tickets(staff, scenario.show, [TicketRequest("A1")], counter=CounterTerms())

    return Scene(scenario, one=sell, other=sell)


def outcome(race):
    booking = Booking.objects.get(show=race.scene.about.show)
    events = BookingEvent.objects.filter(booking=booking).order_by("id")
    tickets = Ticket.objects.filter(booking=booking, released_at=None).order_by("seat")
    kept = [(ticket.seat.label, ticket.status) for ticket in tickets.select_related("seat")]
    return [event.kind for event in events][1:], booking.status, booking.total, kept


def test_cancelling_each_of_two_tickets_ends_the_booking():
    for race in interleavings(cancel_one_each):
        assert race.outcome == ("done", "done"), race
        events, status, total, kept = outcome(race)
        assert (events, status, total) == (["reduced", "cancelled"], "cancelled", 1250), race
        assert [found for _, found in kept] == ["void"], race
        check_audit(race)


def test_a_ticket_that_both_cancel_is_cancelled_once():
    for race in interleavings(cancel_overlapping_parts):
        assert race.outcome == ("done", "done"), race
        found = (["reduced", "reduced"], "held", 1250, [("A4", "valid")])
        assert outcome(race) == found, race
        check_audit(race)


def test_a_ticket_is_cancelled_or_used_and_the_other_one_stays():
    allowed = {
        ("done", "NotAdmitted"): (["reduced"], "confirmed", 1250, [("A2", "valid")]),
        ("AlreadyUsed", "done"): (
            ["admitted"], "confirmed", 2500, [("A1", "used"), ("A2", "valid")],
        ),
    }  # fmt: skip
    seen = set()
    for race in interleavings(cancel_and_admit_one):
        assert outcome(race) == allowed[race.outcome], race
        check_audit(race)
        seen.add(race.outcome)
    assert seen == set(allowed)


def test_without_the_locks_a_booking_without_tickets_lives_on(monkeypatch):
    guards.without_locks(monkeypatch)
    assert set(faults(cancel_one_each)), "the locks of a booking guard nothing"


def test_two_counters_sell_a_blocked_seat_once():
    for race in interleavings(two_counters, first="one"):
        assert sorted(race.outcome) == ["SeatsTaken", "done"], race
        claim = SeatClaim.objects.get(show=race.scene.about.show)
        assert (claim.state, claim.gen) == ("sold", 2), race


def test_without_the_guard_of_the_claim_both_do(monkeypatch):
    monkeypatch.setattr(claims, "IS_FOR_COUNTER", "TRUE")
    outcomes = [race.outcome for race in interleavings(two_counters, first="one")]
    assert ("done", "done") in outcomes
