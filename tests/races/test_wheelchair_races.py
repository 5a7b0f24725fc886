"""One customer on two devices at once gets only the wheelchair spaces that the card allows."""

import pytest

from marquee.booking.operations import confirm, exchange
from marquee.booking.records import TicketRequest
from marquee.catalog.models import TicketType
from marquee.catalog.operations import change_ticket_type
from tests.factories import (
    CARER_PRICES,
    book_seats,
    book_tickets,
    expire_hold,
    make_auditorium,
    make_price_card,
    make_show,
)
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


class AccessibleScenario(Scenario):
    """A show with two wheelchair spaces, W1 and W2, and a price for carers."""

    def __init__(self) -> None:
        super().__init__()
        auditorium = make_auditorium(rows=["W: wwcss"])
        self.show = make_show(
            auditorium, price_card=make_price_card(auditorium.cinema, CARER_PRICES)
        )


def two_bookings() -> Scene:
    scenario = AccessibleScenario()
    return Scene(
        scenario,
        phone=lambda: scenario.hold(scenario.alice, "W1"),
        laptop=lambda: scenario.book(scenario.alice, "W2"),
    )


def late_confirmation() -> Scene:
    """Confirm an expired hold, which did not count, while a space is booked."""
    scenario = AccessibleScenario()
    held = book_seats(scenario.alice, scenario.show, "W1", hold=True)
    expire_hold(held)
    return Scene(
        scenario,
        phone=lambda: confirm(booking=held),
        laptop=lambda: scenario.book(scenario.alice, "W2"),
    )


def two_exchanges() -> Scene:
    """Change the seats of two bookings into wheelchair spaces."""
    scenario = AccessibleScenario()
    first, second = (book_seats(scenario.alice, scenario.show, seat) for seat in ("W4", "W5"))
    return Scene(
        scenario,
        phone=lambda: exchange(booking=first, tickets=[TicketRequest("W1")]),
        laptop=lambda: exchange(booking=second, tickets=[TicketRequest("W2")]),
    )


SCENES = [two_bookings, late_confirmation, two_exchanges]


@pytest.mark.parametrize("scene", SCENES)
def test_one_customer_at_once_on_two_devices_has_one_wheelchair_space(scene):
    for race in interleavings(scene):
        outcome = sorted(race.outcome)
        assert outcome in (["Booking", "WheelchairLimit"], ["WheelchairLimit", "done"]), race
        check_audit(race)


@pytest.mark.parametrize("scene", SCENES)
def test_control_without_the_customers_lock_two_devices_have_two_spaces(scene, monkeypatch):
    guards.without_user_lock(monkeypatch)
    assert any("WheelchairLimit" not in race.outcome for race in interleavings(scene))


def booking_and_change_of_the_type() -> Scene:
    scenario = AccessibleScenario()
    carer = TicketType.objects.get(code="carer")
    change_ticket_type(ticket_type=carer, needs_kind="")
    return Scene(
        scenario,
        book=lambda: (
            book_tickets(scenario.alice, scenario.show, [TicketRequest("W4", "carer")]).booking
        ),
        change=lambda: change_ticket_type(ticket_type=carer, needs_kind="wheelchair"),
    )


def test_a_booking_is_judged_by_the_terms_before_or_after_a_change_of_the_type():
    seen = set()
    for race in interleavings(booking_and_change_of_the_type):
        assert race.outcome[1] == "TicketType", race
        seen.add(race.outcome[0])
        check_audit(race)
    assert seen == {"Booking", "NeedsAnother"}
