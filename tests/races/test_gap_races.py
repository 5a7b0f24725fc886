"""Choices beside each other, at once, where the cinema refuses to leave a seat alone."""

import pytest

from tests.factories import make_auditorium, make_cinema, make_show
from tests.races.interleave import Race, Scene, interleavings
from tests.races.scenario import Scenario, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def choices_around_one_seat() -> Scene:
    """Two choices that are fine alone, and leave A3 alone together."""
    scenario = Scenario()
    cinema = make_cinema(single_gaps="refuse")
    scenario.show = make_show(make_auditorium(cinema, rows=["A: sssss", "B: ssss"]))
    return Scene(
        scenario,
        alice=lambda: scenario.hold(scenario.alice, "A1", "A2"),
        bob=lambda: scenario.hold(scenario.bob, "A4", "A5"),
    )


def test_a_choice_is_judged_by_the_seats_that_others_have_when_it_claims_its_own():
    race = Race(choices_around_one_seat())
    race.advance("alice", before="INSERT")
    race.advance("bob")
    race.finish()
    assert sorted(race.outcome) == ["Booking", "SingleGap"], race
    refused = "alice" if race.outcome[0] == "SingleGap" else "bob"
    assert race[refused].facts["left_alone"] == ["A3"], race
    check_audit(race)


def test_however_two_choices_meet_each_is_booked_whole_or_refused_for_the_seat_between_them():
    for race in interleavings(choices_around_one_seat, first="alice"):
        assert set(race.outcome) <= {"Booking", "SingleGap"}, race
        assert "Booking" in race.outcome, race
        check_audit(race)
