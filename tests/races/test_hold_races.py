"""Two at once who want to have seats: DESIGN 6."""

import pytest

from marquee.booking.models import Booking, SeatClaim, Ticket
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.stage import Stage, check_books

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def overlapping_holds() -> Scene:
    stage = Stage()
    return Scene(
        stage,
        alice=lambda: stage.hold(stage.alice, "A1", "A2"),
        bob=lambda: stage.hold(stage.bob, "A2", "A3"),
    )


def test_of_two_holds_on_overlapping_seats_one_is_made_and_one_refused_naming_the_seat():
    for race in interleavings(overlapping_holds):
        assert sorted(race.outcome) == ["Booking", "SeatsTaken"], race
        print(race)
        refused = race["alice"] if race.outcome[0] == "SeatsTaken" else race["bob"]
        assert refused.facts["seats"] == ["A2"], race
        check_books(race)
