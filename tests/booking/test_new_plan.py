"""A show that has sold nothing may take the newest seat plan of its auditorium."""

import pytest

from marquee.booking import queries
from marquee.booking.errors import HoldExpired, UnknownSeat
from marquee.booking.models import SeatClaim
from marquee.booking.operations import block, cancel, confirm, expire, take_newest_plan
from marquee.catalog.errors import ShowHasBookings
from marquee.catalog.models import Seat, Show
from marquee.catalog.operations import change_auditorium
from marquee.core.errors import BadInput
from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import (
    assert_refused,
    book_seats,
    client_of,
    expire_hold,
    make_auditorium,
    make_price_card,
    make_show,
    make_staff,
)

ROWS = ["A: ssssssss", "B: pppp"]


def rebuild(show, rows=ROWS):
    change_auditorium(auditorium=show.auditorium, rows=rows)


def labels(show):
    """Return the labels of the seats that are blocked, and how many the show has."""
    plan = Show.objects.get(pk=show.pk).seat_plan
    blocked = Seat.objects.filter(pk__in=queries.blocked_seat_ids(show.pk))
    assert set(blocked.values_list("plan", flat=True)) <= {plan.pk}
    return sorted(blocked.values_list("label", flat=True)), plan.seats_total


def test_a_show_that_sold_nothing_takes_the_newest_plan(show, alice):
    rebuild(show)
    assert take_newest_plan(show=show)
    assert labels(show) == ([], 12)
    with assert_refused(UnknownSeat):
        book_seats(alice, show, "C1")
    assert book_seats(alice, show, "A8", "B4").pk
    assert not take_newest_plan(show=show)


def test_a_show_with_the_newest_plan_stays_as_it_is(show, alice):
    book_seats(alice, show, "A1")
    assert not take_newest_plan(show=show)


@pytest.mark.parametrize("hold", [True, False])
def test_one_with_live_bookings_keeps_its_seats(show, alice, hold):
    booking = book_seats(alice, show, "A1", hold=hold)
    rebuild(show)
    with assert_refused(ShowHasBookings):
        take_newest_plan(show=show)
    assert Show.objects.get(pk=show.pk).seat_plan == show.seat_plan
    cancel(booking=booking)
    assert take_newest_plan(show=show)


def test_blocks_go_to_the_seats_of_the_same_labels(show, alice):
    seats = Seat.objects.filter(plan=show.seat_plan, label__in=["A1", "B2", "C8"])
    block(show=show, seats=set(seats.values_list("pk", flat=True)))
    rebuild(show)
    assert take_newest_plan(show=show)
    assert labels(show) == (["A1", "B2"], 12)
    states = SeatClaim.objects.filter(show=show).values_list("state", flat=True)
    assert sorted(states) == ["blocked", "blocked", "free", "free", "free"]
    now = queries.get_availability(show.pk)
    assert len(now.states) == 2
    _, (taken, _) = queries.get_show_list_item(show.pk)
    assert taken == 2


@pytest.mark.django_db
def test_a_plan_that_the_price_card_does_not_price_is_refused():
    auditorium = make_auditorium(rows=["A: ss"])
    card = make_price_card(auditorium.cinema, {("standard", "adult"): "10.00"})
    show = make_show(auditorium, price_card=card)
    block(show=show, seats={Seat.objects.get(plan=show.seat_plan, label="A1").pk})
    rebuild(show, ["A: ssss", "B: rrrr"])
    with assert_refused(BadInput):
        take_newest_plan(show=show)
    assert labels(show) == (["A1"], 2)


@pytest.mark.parametrize("recorded", [True, False])
def test_an_expired_hold_of_seats_that_are_gone_is_not_confirmed(show, alice, recorded):
    hold = book_seats(alice, show, "A1", "C1", hold=True)
    expire_hold(hold)
    if recorded:
        expire(booking=hold)
    rebuild(show)
    assert take_newest_plan(show=show)
    with assert_refused(HoldExpired, seats=["A1", "C1"]):
        confirm(booking=hold)
    expire(booking=hold)
    assert not queries.get_availability(show.pk).states


def test_ended_bookings_still_say_which_seats_they_had(show, alice):
    booking = book_seats(alice, show, "A1", "C1")
    cancel(booking=booking)
    rebuild(show)
    take_newest_plan(show=show)
    client = client_of(alice)
    shown = client.get(f"/api/v1/bookings/{booking.reference}/").json()
    assert [ticket["seat"] for ticket in shown["tickets"]] == ["A1", "C1"]
    assert client.get("/api/v1/bookings/").status_code == 200


def test_staff_do_it_by_the_api(show, alice):
    staff = client_of(make_staff())
    address = f"/api/v1/shows/{show.pk}/new-plan/"
    rebuild(show)
    response = staff.post(address)
    assert (response.status_code, response.json()["seats_total"]) == (200, 12)
    check_response("shows/{id}/new-plan/", "post", response)
    seats = client_of().get(f"/api/v1/shows/{show.pk}/seats/").json()
    assert [row["label"] for row in seats["rows"]] == ["A", "B"]
    book_seats(alice, show, "A8")
    rebuild(show, ["A: s"])
    refused = staff.post(address)
    check_problem(refused, 409, "show_has_bookings")
    check_response("shows/{id}/new-plan/", "post", refused)
    assert staff.post("/api/v1/shows/999999/new-plan/").status_code == 404
    assert staff.post(address, {"plan": 1}).status_code == 400
