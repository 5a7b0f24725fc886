"""Staff block and unblock seats while customers want them, with the guards and without them."""

import pytest

from marquee.booking import claims, rules
from marquee.booking.models import SeatClaim
from marquee.booking.operations import block, confirm, unblock
from marquee.catalog.models import Seat, Show
from marquee.catalog.operations import change_show
from tests.factories import make_auditorium
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, check_audit, faults

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def seats(scenario, *labels) -> set[int]:
    chosen = Seat.objects.filter(plan=scenario.show.seat_plan_id, label__in=labels)
    return set(chosen.values_list("pk", flat=True))


def block_and_hold() -> Scene:
    scenario = Scenario()
    wanted = seats(scenario, "A2", "A3")
    return Scene(
        scenario,
        block=lambda: block(show=scenario.show, seats=wanted),
        hold=lambda: scenario.hold(scenario.alice, "A1", "A2"),
    )


def block_and_late_confirmation() -> Scene:
    scenario = Scenario()
    expired, wanted = scenario.expired_hold(scenario.alice, "A1", "A2"), seats(scenario, "A2", "A3")
    return Scene(
        scenario,
        block=lambda: block(show=scenario.show, seats=wanted),
        hold=lambda: confirm(booking=expired),
    )


ONE_WINS = {
    block_and_hold: {("done", "SeatsTaken"), ("SeatsTaken", "Booking")},
    block_and_late_confirmation: {("done", "HoldExpired"), ("SeatsTaken", "done")},
}


@pytest.mark.parametrize("scene", ONE_WINS)
def test_of_staff_who_block_seats_and_a_customer_who_wants_them_one_wins(scene):
    seen = set()
    for race in interleavings(scene):
        seen.add(race.outcome)
        check_audit(race)
        blocked = SeatClaim.objects.filter(show=race.scene.about.show, state="blocked").count()
        assert blocked == (2 if race.outcome[0] == "done" else 0), race
    assert seen == ONE_WINS[scene]


@pytest.mark.parametrize("scene", ONE_WINS)
def test_without_locks_the_claims_own_guard_still_lets_one_win(scene, monkeypatch):
    guards.without_locks(monkeypatch)
    for race in interleavings(scene):
        assert race.outcome[0] == "SeatsTaken" or race.outcome[1] in {"SeatsTaken", "HoldExpired"}


@pytest.mark.parametrize("scene", ONE_WINS)
def test_control_without_asking_who_has_a_seat_both_win(scene, monkeypatch):
    guards.without_asking_who_has_it(monkeypatch)
    assert any(faults(scene))


def two_who_unblock() -> Scene:
    """Unblock a seat in two transactions; the seat is sold between them."""
    scenario = Scenario()
    blocked = seats(scenario, "A1")
    block(show=scenario.show, seats=blocked)

    def unblock_and_sell():
        unblock(show=scenario.show, seats=blocked)
        return scenario.book(scenario.alice, "A1")

    return Scene(
        scenario, one=lambda: unblock(show=scenario.show, seats=blocked), other=unblock_and_sell
    )


def test_a_seat_sold_since_it_was_unblocked_is_not_freed_by_another_who_unblocks_it():
    for race in interleavings(two_who_unblock, first="one"):
        assert race.outcome == ("done", "Booking"), race
        check_audit(race)


def test_without_locks_the_claims_own_guard_still_does_not_free_it(monkeypatch):
    guards.without_locks(monkeypatch)
    for race in interleavings(two_who_unblock, first="one"):
        assert race.outcome == ("done", "Booking"), race
        check_audit(race)


def test_control_without_asking_whether_it_is_blocked_a_sold_seat_is_freed(monkeypatch):
    guards.without_locks(monkeypatch)
    monkeypatch.setattr(claims, "IS_BLOCKED", "TRUE")
    assert any(faults(two_who_unblock))


def block_and_move() -> Scene:
    """Block a seat while other staff move the show, which has no bookings yet."""
    scenario = Scenario()
    auditorium = make_auditorium(scenario.show.auditorium.cinema, rows=["A: ss"])
    wanted = seats(scenario, "A1")
    return Scene(
        scenario,
        block=lambda: block(show=scenario.show, seats=wanted),
        move=lambda: change_show(show=scenario.show, auditorium=auditorium),
    )


def blocked_elsewhere(race) -> bool:
    """Say whether a seat is blocked at a show that is not in the seat's auditorium."""
    show = Show.objects.get(pk=race.scene.about.show.pk)
    claims = SeatClaim.objects.filter(show=show, state="blocked")
    return claims.exclude(seat__plan=show.seat_plan_id).exists()


def test_seats_are_blocked_and_the_show_stays_or_it_moves_and_they_are_not():
    seen = set()
    for race in interleavings(block_and_move):
        seen.add(race.outcome)
        assert not blocked_elsewhere(race), race
    assert seen == {("done", "ShowHasBookings"), ("UnknownSeat", "Show")}


def test_control_without_looking_where_the_show_is_now_a_seat_elsewhere_is_blocked(monkeypatch):
    monkeypatch.setattr(rules, "check_same_seat_plan", lambda **_: None)
    assert any(blocked_elsewhere(race) for race in interleavings(block_and_move))
