"""Cancelling some tickets of a booking: each once, and the others stay as they were."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marquee.accounts.states import Role
from marquee.booking.errors import (
    AlreadyUsed,
    CompanionWithoutSpace,
    CoolingDown,
    NeedsAnother,
    NotAdmitted,
    NotHeld,
    TooLateToCancel,
)
from marquee.booking.models import Booking, SeatClaim, Ticket
from marquee.booking.operations import admit, cancel, confirm
from marquee.booking.records import TicketRequest
from marquee.catalog.models import Show, TicketType
from marquee.catalog.operations import change_ticket_type
from marquee.core.errors import BadInput
from tests.factories import (
    CARER_PRICES,
    all_rows,
    assert_refused,
    book_seats,
    book_tickets,
    expire_hold,
    make_auditorium,
    make_price_card,
    make_show,
    make_staff,
    usage_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def accessible_show():
    auditorium = make_auditorium(rows=["A: ssss", "B: wcwc"])
    return make_show(auditorium, price_card=make_price_card(auditorium.cinema, CARER_PRICES))


def seats_of(booking, status="valid"):
    return list(booking.tickets.filter(status=status).values_list("seat__label", flat=True))


def events_of(booking):
    return list(booking.events.values_list("kind", flat=True))


@pytest.mark.parametrize("hold", [True, False])
def test_some_tickets_are_cancelled_and_the_others_stay(show, alice, bob, hold):
    booking = book_seats(alice, show, "A1", "A2", "B1", hold=hold)
    code = booking.tickets.get(seat__label="B1").code
    assert cancel(booking=booking, tickets=["a2", code.lower()], reason="Ill") is True
    booking.refresh_from_db()
    assert (booking.status, booking.total) == ("held" if hold else "confirmed", 1250)
    assert (seats_of(booking), seats_of(booking, "void")) == (["A1"], ["A2", "B1"])
    assert events_of(booking)[1:] == ["reduced"]
    assert booking.events.last().reason == "Ill"
    assert set(booking.tickets.exclude(released_at=None).values_list("released_at", flat=True)) == {
        booking.events.last().at
    }
    assert book_seats(bob, show, "A2", "B1").pk
    assert usage_of(alice, show).customer_seats == 1
    before = all_rows()
    assert cancel(booking=booking, tickets=["A2"]) is False
    assert all_rows() == before


def test_the_booking_ends_when_no_ticket_is_left(show, alice):
    booking = book_seats(alice, show, "A1", "A2")
    cancel(booking=booking, tickets=["A1"])
    cancel(booking=booking, tickets=["A1", "A2"])
    booking.refresh_from_db()
    assert (booking.status, booking.total) == ("cancelled", 1250)  # what it cost at the end
    assert events_of(booking) == ["confirmed", "reduced", "cancelled"]
    assert set(SeatClaim.objects.values_list("state", flat=True)) == {"free"}
    assert cancel(booking=booking, tickets=["A1"]) is False


def test_a_hold_without_some_of_its_tickets_is_confirmed_for_the_others(show, alice, bob):
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    cancel(booking=hold, tickets=["A1"])
    book_seats(bob, show, "A1")
    expire_hold(hold)
    confirm(booking=hold)
    hold.refresh_from_db()
    assert (hold.status, hold.total, seats_of(hold)) == ("confirmed", 1250, ["A2"])


def test_a_ticket_that_the_booking_does_not_have_is_named(show, alice, bob):
    booking = book_seats(alice, show, "A1", "A2")
    foreign = book_seats(bob, show, "A3").tickets.get().code
    with assert_refused(BadInput) as refused:
        cancel(booking=booking, tickets=["A1", "A3", foreign])
    assert str(refused.value) == f"This booking has no ticket A3, {foreign}."
    assert refused.value.field == "tickets"


def test_the_deadline_and_the_end_of_the_hold_count_for_each_ticket(show, alice):
    booking = book_seats(alice, show, "A1", "A2")
    hold = book_seats(alice, show, "A3", "A4", hold=True)
    Show.objects.filter(pk=show.pk).update(starts_at=timezone.now() + timedelta(minutes=29))
    Booking.objects.filter(pk=booking.pk).update(**late_terms())
    with assert_refused(TooLateToCancel):
        cancel(booking=booking, tickets=["A1"])
    expire_hold(hold)
    with assert_refused(NotHeld):
        cancel(booking=hold, tickets=["A3"])


def late_terms():
    """Return the column of a booking that says it is too late, where bookings have it."""
    if any(field.name == "cancel_until" for field in Booking._meta.get_fields()):
        return {"cancel_until": timezone.now() - timedelta(minutes=1)}
    return {"released_at": None}


def test_a_used_ticket_stays_and_the_others_can_be_cancelled(show, alice):
    booking = book_seats(alice, show, "A1", "A2", "A3")
    used = booking.tickets.get(seat__label="A1")
    admit(ticket=used, reason="test")
    for tickets in (["A1", "A2"], None):
        with assert_refused(AlreadyUsed) as refused:
            cancel(booking=booking, tickets=tickets)
        assert "The ticket for A1 was used at the door already." in str(refused.value)
    cancel(booking=booking, tickets=["A2", "A3"])
    booking.refresh_from_db()
    assert (booking.status, seats_of(booking, "used")) == ("confirmed", ["A1"])


def test_a_cancelled_ticket_admits_nobody_and_says_why(show, alice):
    booking = book_seats(alice, show, "A1", "A2")
    ticket = booking.tickets.get(seat__label="A1")
    cancel(booking=booking, tickets=["A1"])
    with assert_refused(NotAdmitted) as refused:
        admit(ticket=ticket, reason="test")
    assert str(refused.value) == "This ticket was cancelled."
    admit(ticket=booking.tickets.get(seat__label="A2"), reason="test")


def test_a_companion_or_a_carer_does_not_stay_without_the_wheelchair_space(accessible_show, alice):
    tickets = [TicketRequest("B1"), TicketRequest("B2", "carer"), TicketRequest("A1")]
    booking = book_tickets(alice, accessible_show, tickets).booking
    with assert_refused(NeedsAnother, types=["carer"], allowed=0) as refused:
        cancel(booking=booking, tickets=["B1"])
    assert "Cancel the others together with it." in str(refused.value)
    cancel(booking=booking, tickets=["B1", "B2"])
    assert seats_of(booking) == ["A1"]
    other = book_tickets(alice, accessible_show, [tickets[0], TicketRequest("B2")]).booking
    with assert_refused(CompanionWithoutSpace, seats=["B2"], allowed=0):
        cancel(booking=other, tickets=["B1"])
    cancel(booking=other, tickets=["B2"])  # a space can be without a companion
    assert seats_of(other) == ["B1"]


def test_terms_that_came_later_keep_nobody_from_cancelling(accessible_show, alice):
    adult = TicketType.objects.get(code="adult")
    booking = book_tickets(
        alice, accessible_show, [TicketRequest("A1", "child"), TicketRequest("A2", "child")]
    ).booking
    change_ticket_type(ticket_type=TicketType.objects.get(code="child"), needs_type=adult)
    cancel(booking=booking, tickets=["A1"])
    assert seats_of(booking) == ["A2"]


def test_staff_may_keep_what_only_they_may_book(accessible_show):
    staff = make_staff(Role.COUNTER)
    booking = book_seats(staff, accessible_show, "B1", "B2")
    cancel(booking=booking, tickets=["B1"])
    assert seats_of(booking) == ["B2"]


def test_seats_that_are_cancelled_one_by_one_cool_down_too(show, alice):
    for _ in range(2):
        booking = book_seats(alice, show, "A1", "A2")
        cancel(booking=booking, tickets=["A1"])
        cancel(booking=booking, tickets=["A2"])
    booking = book_seats(alice, show, "B1")
    with assert_refused(CoolingDown, seats=["A1"]):
        book_seats(alice, show, "A1")
    assert seats_of(booking) == ["B1"]


def test_the_database_refuses_a_released_ticket_that_is_valid(show, alice):
    from django.db import IntegrityError, transaction

    booking = book_seats(alice, show, "A1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(booking=booking).update(released_at=timezone.now())
