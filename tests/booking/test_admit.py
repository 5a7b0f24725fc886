from datetime import timedelta

from django.utils import timezone

from marquee.booking.errors import AlreadyUsed, NotAdmitted
from marquee.booking.models import SeatClaim, Ticket
from marquee.booking.operations import admit, call_off, cancel
from marquee.booking.records import TicketRequest
from marquee.core.zones import isoformat_in
from tests.factories import assert_refused, book_seats, book_tickets, expire_hold


def test_a_ticket_admits_its_bearer_and_no_other_of_the_booking(show, alice):
    made = book_tickets(alice, show, [TicketRequest("A1"), TicketRequest("A2")])
    admit(ticket=made.booking.tickets.first())
    used, valid = Ticket.objects.order_by("pk")
    assert (used.status, valid.status, valid.used_at) == ("used", "valid", None)
    assert abs(used.used_at - timezone.now()) < timedelta(seconds=30)
    assert set(SeatClaim.objects.values_list("state", flat=True)) == {"sold"}


def test_a_ticket_admits_once_and_then_says_when_it_did(show, alice):
    ticket = book_tickets(alice, show, [TicketRequest("A1")]).booking.tickets.get()
    admit(ticket=ticket)
    used_at = isoformat_in(Ticket.objects.get().used_at, "Europe/Vienna")
    with assert_refused(AlreadyUsed, used_at=used_at):
        admit(ticket=ticket)


def test_each_ticket_of_a_booking_admits_one(show, alice):
    made = book_tickets(alice, show, [TicketRequest("A1"), TicketRequest("A2")])
    for ticket in made.booking.tickets.all():
        admit(ticket=ticket)
    assert made.booking.events.filter(kind="admitted").count() == 2


def test_a_hold_admits_nobody_expired_or_not(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    with assert_refused(NotAdmitted):
        admit(ticket=hold.tickets.get())
    expire_hold(hold)
    with assert_refused(NotAdmitted):
        admit(ticket=hold.tickets.get())


def test_a_cancelled_booking_admits_nobody(show, alice):
    booking = book_seats(alice, show, "A1")
    cancel(booking=booking)
    with assert_refused(NotAdmitted):
        admit(ticket=booking.tickets.get())


def test_a_show_called_off_admits_nobody(show, alice):
    booking = book_seats(alice, show, "A1")
    call_off(show=show)
    with assert_refused(NotAdmitted):
        admit(ticket=booking.tickets.get())
