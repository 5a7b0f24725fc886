"""One customer at once on two devices: still no more wheelchair spaces than the price card allows."""

import pytest

from marquee.booking.operations import confirm
from marquee.booking.records import TicketRequest
from marquee.catalog.models import TicketType
from marquee.catalog.operations import change_ticket_type
from tests.factories import (
    CARER_PRICES,
    book_seats,
    book_tickets,
    make_auditorium,
    make_price_card,
    make_show,
    run_out,
)
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Stage, check_books

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


class AccessibleStage(Stage):
    """A show with two wheelchair spaces, W1 and W2, and a price for carers."""

    def __init__(self) -> None:
        super().__init__()
        room = make_auditorium(rows=["W: wwcss"])
        self.show = make_show(room, price_card=make_price_card(room.cinema, CARER_PRICES))


def two_bookings() -> Scene:
    stage = AccessibleStage()
    return Scene(
        stage,
        phone=lambda: stage.hold(stage.alice, "W1"),
        laptop=lambda: stage.book(stage.alice, "W2"),
    )


def late_confirmation() -> Scene:
    """A hold that ran out no longer counts, until it is confirmed after all."""
    stage = AccessibleStage()
    held = book_seats(stage.alice, stage.show, "W1", hold=True)
    run_out(held)
    return Scene(
        stage,
        phone=lambda: confirm(booking=held),
        laptop=lambda: stage.book(stage.alice, "W2"),
    )


SCENES = [two_bookings, late_confirmation]


@pytest.mark.parametrize("scene", SCENES)
def test_one_customer_at_once_on_two_devices_has_one_wheelchair_space(scene):
    for race in interleavings(scene):
        outcome = sorted(race.outcome)
        assert outcome in (["Booking", "WheelchairLimit"], ["WheelchairLimit", "done"]), race
        check_books(race)


@pytest.mark.parametrize("scene", SCENES)
def test_control_without_the_customers_lock_two_devices_have_two_spaces(scene, monkeypatch):
    guards.without_user_lock(monkeypatch)
    assert any("WheelchairLimit" not in race.outcome for race in interleavings(scene))


def booking_and_change_of_the_type() -> Scene:
    stage = AccessibleStage()
    carer = TicketType.objects.get(code="carer")
    change_ticket_type(ticket_type=carer, needs_kind="")
    return Scene(
        stage,
        book=lambda: book_tickets(stage.alice, stage.show, [TicketRequest("W4", "carer")]).booking,
        change=lambda: change_ticket_type(ticket_type=carer, needs_kind="wheelchair"),
    )


def test_a_booking_is_judged_by_the_terms_before_or_after_a_change_of_the_type():
    seen = set()
    for race in interleavings(booking_and_change_of_the_type):
        assert race.outcome[1] == "TicketType", race
        seen.add(race.outcome[0])
        check_books(race)
    assert seen == {"Booking", "NeedsAnother"}
