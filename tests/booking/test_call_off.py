import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from marquee.booking.models import Booking, BookingEvent, SeatClaim, Ticket
from marquee.booking.operations import admit, block, call_off, cancel, expire
from marquee.booking.records import TicketRequest
from marquee.catalog.models import Seat, Show
from marquee.core.errors import BadInput
from tests.factories import (
    EARLY,
    all_rows,
    assert_refused,
    book_seats,
    book_tickets,
    expire_hold,
    make_show,
    make_user,
)


def statuses():
    return dict(Booking.objects.values_list("pk", "status"))


def test_every_booking_and_hold_is_cancelled_and_every_seat_free(show, alice, bob):
    bookings = [book_seats(alice, show, "A1", "A2"), book_seats(bob, show, "B1", hold=True)]
    call_off(show=show)
    assert Show.objects.get(pk=show.pk).state == "called_off"
    assert statuses() == {booking.pk: "cancelled" for booking in bookings}
    assert set(SeatClaim.objects.values_list("state", "booking")) == {("free", None)}
    assert set(Ticket.objects.values_list("status", flat=True)) == {"void"}
    events = BookingEvent.objects.filter(kind="called_off").values_list("booking", flat=True)
    assert list(events) == [booking.pk for booking in bookings]


def statements_to_call_off(show, bookings):
    for number in range(bookings):
        book_seats(make_user(), show, f"A{number + 1}", hold=number % 2 == 0)
    with CaptureQueriesContext(connection) as queries:
        call_off(show=show)
    assert not Booking.objects.filter(show=show).exclude(status="cancelled").exists()
    return [query["sql"] for query in queries]


@pytest.mark.django_db
def test_the_number_of_statements_does_not_grow_with_the_bookings():
    one, six = (statements_to_call_off(make_show(), bookings) for bookings in (1, 6))
    assert len(one) == len(six)
    assert sum("UPDATE booking " in sql for sql in six) == 1
    assert sum("INTO booking_event" in sql for sql in six) == 1


def test_the_first_reason_is_kept_and_shown(show, alice):
    booking = book_seats(alice, show, "A1")
    call_off(show=show, reason="Storm")
    call_off(show=show, reason="Another one")
    assert Show.objects.get(pk=show.pk).call_off_reason == "Storm"
    assert booking.events.last().reason == "Storm"


@pytest.mark.parametrize("reason", ["\u200b", "St\u202eorm", "Storm" * 200])
def test_a_reason_that_nobody_can_read_is_refused(show, reason):
    with assert_refused(BadInput):
        call_off(show=show, reason=reason)
    assert Show.objects.get(pk=show.pk).state == "scheduled"


def test_a_show_that_is_on_has_no_reason_for_being_off(show):
    with pytest.raises(IntegrityError), transaction.atomic():
        Show.objects.update(call_off_reason="Storm")


def test_other_shows_go_on(show, alice):
    other = book_seats(alice, make_show(), "A1")
    call_off(show=show)
    assert statuses() == {other.pk: "confirmed"}
    assert SeatClaim.objects.get().state == "sold"


def test_a_show_that_nobody_booked_is_called_off(show):
    call_off(show=show)
    assert Show.objects.get(pk=show.pk).state == "called_off"


def test_calling_off_twice_changes_nothing(show, alice):
    book_seats(alice, show, "A1")
    call_off(show=show)
    before = all_rows()
    call_off(show=show)
    assert all_rows() == before


def test_a_booking_cancelled_before_is_not_cancelled_again(show, alice):
    cancel(booking=book_seats(alice, show, "A1"))
    before = all_rows()
    call_off(show=show)
    assert all_rows() == before


def test_an_expired_hold_is_not_called_off_recorded_or_not(show, alice):
    recorded = book_seats(alice, show, "A1", hold=True)
    unrecorded = book_seats(alice, show, "A2", hold=True)
    for hold in (recorded, unrecorded):
        expire_hold(hold)
    expire(booking=recorded)
    call_off(show=show)
    assert not BookingEvent.objects.filter(kind="called_off").exists()
    expire(booking=unrecorded)
    assert statuses() == {recorded.pk: "expired", unrecorded.pk: "expired"}
    assert set(SeatClaim.objects.values_list("state", flat=True)) == {"free"}


def test_a_seat_taken_over_from_an_expired_hold_is_freed_with_its_new_booking(show, alice, bob):
    expire_hold(book_seats(alice, show, "A1", hold=True))
    booking = book_seats(bob, show, "A1")
    call_off(show=show)
    assert statuses()[booking.pk] == "cancelled"
    assert SeatClaim.objects.get().state == "free"


def test_a_used_ticket_stays_used(show, alice):
    made = book_tickets(alice, show, [TicketRequest("A1"), TicketRequest("A2")])
    admit(ticket=made.booking.tickets.get(seat=made.tickets[0].seat_id), reason=EARLY)
    call_off(show=show)
    assert list(Ticket.objects.values_list("status", flat=True)) == ["used", "void"]
    assert statuses() == {made.booking.pk: "cancelled"}


def test_blocked_seats_stay_blocked(show):
    block(show=show, seats={Seat.objects.get(plan=show.seat_plan, label="A1").pk})
    call_off(show=show)
    assert SeatClaim.objects.get().state == "blocked"
