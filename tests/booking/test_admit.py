from datetime import timedelta

import pytest
from django.utils import timezone

from marquee.booking.errors import AlreadyUsed, NotAdmitted, NotUsed, TooEarly, TooLate
from marquee.booking.models import BookingEvent, SeatClaim, Ticket
from marquee.booking.operations import admit, call_off, cancel, confirm, undo_admission
from marquee.booking.records import Actor, TicketRequest
from marquee.catalog.models import Show
from marquee.core.errors import BadInput
from marquee.core.zones import isoformat_in, write_time
from tests.factories import (
    EARLY,
    assert_refused,
    book_seats,
    book_tickets,
    expire_hold,
    make_show,
    make_staff,
)

VIENNA = "Europe/Vienna"


@pytest.fixture
def show(db):
    return make_show(starts_in=timedelta(minutes=60))


def begin(show, ago, *, lasted=timedelta(hours=2)):
    """Let a show begin so long ago."""
    starts_at = timezone.now() - ago
    ends_at = starts_at + lasted
    Show.objects.filter(pk=show.pk).update(
        starts_at=starts_at, sales_until=starts_at, ends_at=ends_at, occupied_until=ends_at
    )
    show.refresh_from_db()


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
    used_at = Ticket.objects.get().used_at
    with assert_refused(AlreadyUsed, used_at=isoformat_in(used_at, VIENNA)) as refusal:
        admit(ticket=ticket)
    assert write_time(used_at, VIENNA) in refusal.value.detail
    with assert_refused(AlreadyUsed):
        admit(ticket=ticket, reason=EARLY)


def test_each_ticket_of_a_booking_admits_one(show, alice):
    made = book_tickets(alice, show, [TicketRequest("A1"), TicketRequest("A2")])
    for ticket in made.booking.tickets.all():
        admit(ticket=ticket)
    assert made.booking.events.filter(kind="admitted").count() == 2


def test_a_hold_admits_nobody_expired_or_not(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    with assert_refused(NotAdmitted) as refusal:
        admit(ticket=hold.tickets.get())
    assert "only held" in refusal.value.detail
    expire_hold(hold)
    with assert_refused(NotAdmitted) as refusal:
        admit(ticket=hold.tickets.get(), reason=EARLY)
    assert "ran out" in refusal.value.detail
    confirm(booking=hold)
    admit(ticket=hold.tickets.get())


def test_a_cancelled_booking_admits_nobody(show, alice):
    booking = book_seats(alice, show, "A1")
    cancel(booking=booking)
    with assert_refused(NotAdmitted) as refusal:
        admit(ticket=booking.tickets.get(), reason=EARLY)
    assert "was cancelled" in refusal.value.detail


def test_a_show_called_off_admits_nobody(show, alice):
    booking = book_seats(alice, show, "A1")
    call_off(show=show)
    with assert_refused(NotAdmitted) as refusal:
        admit(ticket=booking.tickets.get(), reason=EARLY)
    assert "called off" in refusal.value.detail


# --- The show's own evening -----------------------------------------------------------------------


def test_a_ticket_admits_from_ninety_minutes_before_its_show(show, alice):
    ticket = book_seats(alice, show, "A1").tickets.get()
    begin(show, -timedelta(minutes=91))
    opens_at = show.starts_at - timedelta(minutes=90)
    with assert_refused(TooEarly, admits_from=isoformat_in(opens_at, VIENNA)) as refusal:
        admit(ticket=ticket)
    assert write_time(show.starts_at, VIENNA) in refusal.value.detail
    assert write_time(opens_at, VIENNA) in refusal.value.detail
    begin(show, -timedelta(minutes=89))
    admit(ticket=ticket)


def test_or_from_as_many_minutes_as_the_setting_says(show, alice, settings):
    settings.ADMIT_FROM_MINUTES = 30
    ticket = book_seats(alice, show, "A1").tickets.get()
    with assert_refused(TooEarly):
        admit(ticket=ticket)


def test_a_ticket_admits_until_its_show_ends(show, alice):
    one, other = book_seats(alice, show, "A1", "A2").tickets.all()
    begin(show, timedelta(minutes=119))
    admit(ticket=one)
    begin(show, timedelta(minutes=121))
    with assert_refused(TooLate, admits_until=isoformat_in(show.ends_at, VIENNA)) as refusal:
        admit(ticket=other)
    assert write_time(show.ends_at, VIENNA) in refusal.value.detail


@pytest.mark.parametrize("began", [timedelta(days=-240), timedelta(days=1)])
def test_a_reason_admits_on_another_day_and_is_recorded(show, alice, began):
    ticket = book_seats(alice, show, "A1").tickets.get()
    begin(show, began)
    staff = Actor.staff(make_staff().pk)
    for blank in ("", "  ", "\n"):
        with assert_refused(TooEarly if began < timedelta() else TooLate):
            admit(ticket=ticket, actor=staff, reason=blank)
    admit(ticket=ticket, actor=staff, reason="  A\n rehearsal. ")
    event = BookingEvent.objects.get(kind="admitted")
    assert (event.by, event.actor_id, event.reason) == (*staff, "A rehearsal.")


def test_a_reason_has_at_most_500_characters(show, alice):
    ticket = book_seats(alice, show, "A1").tickets.get()
    with assert_refused(BadInput):
        admit(ticket=ticket, reason="x" * 501)
    admit(ticket=ticket, reason="x" * 500)


@pytest.mark.parametrize("reason", ["\u200b", "\u00ad\u2800", "Asked\u202e for", "Asked\x07"])
def test_a_reason_that_nobody_can_read_is_none(show, alice, reason):
    begin(show, timedelta(days=-240))
    ticket = book_seats(alice, show, "A1").tickets.get()
    with assert_refused(BadInput):
        admit(ticket=ticket, reason=reason)
    admit(ticket=ticket, reason=EARLY)
    with assert_refused(BadInput):
        undo_admission(ticket=ticket, reason=reason)
    ticket.refresh_from_db()
    assert ticket.status == "used"
    assert BookingEvent.objects.exclude(kind="confirmed").count() == 1


# --- Undoing an admission -------------------------------------------------------------------------


def test_an_admission_is_undone_with_a_reason_and_the_ticket_admits_again(show, alice):
    ticket, staff = book_seats(alice, show, "A1").tickets.get(), Actor.staff(make_staff().pk)
    admit(ticket=ticket)
    undo_admission(ticket=ticket, actor=staff, reason=" Scanned by mistake. ")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.used_at) == ("valid", None)
    event = BookingEvent.objects.get(kind="undone")
    assert (event.by, event.actor_id, event.reason) == (*staff, "Scanned by mistake.")
    admit(ticket=ticket)
    kinds = list(BookingEvent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["confirmed", "admitted", "undone", "admitted"]


def test_an_admission_is_not_undone_without_a_reason(show, alice):
    ticket = book_seats(alice, show, "A1").tickets.get()
    admit(ticket=ticket)
    with assert_refused(BadInput):
        undo_admission(ticket=ticket, actor=Actor.staff(make_staff().pk), reason=" ")


def test_what_was_not_admitted_cannot_be_undone_nor_twice(show, alice):
    ticket, staff = book_seats(alice, show, "A1").tickets.get(), Actor.staff(make_staff().pk)
    with assert_refused(NotUsed):
        undo_admission(ticket=ticket, actor=staff, reason=EARLY)
    admit(ticket=ticket)
    undo_admission(ticket=ticket, actor=staff, reason=EARLY)
    with assert_refused(NotUsed):
        undo_admission(ticket=ticket, actor=staff, reason=EARLY)


def test_an_admission_to_a_show_called_off_stays(show, alice):
    ticket = book_seats(alice, show, "A1").tickets.get()
    admit(ticket=ticket)
    call_off(show=show)
    with assert_refused(NotAdmitted) as refusal:
        undo_admission(ticket=ticket, actor=Actor.staff(make_staff().pk), reason=EARLY)
    assert "called off" in refusal.value.detail


def test_a_booking_whose_admission_was_undone_can_be_cancelled(show, alice):
    booking = book_seats(alice, show, "A1")
    admit(ticket=booking.tickets.get())
    undo_admission(ticket=booking.tickets.get(), actor=Actor.staff(make_staff().pk), reason=EARLY)
    cancel(booking=booking)
    assert booking.tickets.get().status == "void"
