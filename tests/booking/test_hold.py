from datetime import timedelta

import pytest
from django.utils import timezone

from marquee.booking.errors import SeatsTaken
from marquee.booking.models import SeatClaim
from marquee.booking.operations import confirm
from marquee.booking.records import TicketRequest
from tests.factories import assert_refused, book_seats, book_tickets, expire_hold


def test_a_hold_keeps_its_seats_for_as_many_minutes_as_the_setting_says(settings, show, alice):
    settings.HOLD_MINUTES = 5
    before = timezone.now()
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    hold.refresh_from_db()
    assert hold.status == "held"
    assert hold.held_until - hold.created_at == timedelta(minutes=5)
    assert abs(hold.created_at - before) < timedelta(seconds=30)
    claims = SeatClaim.objects.filter(show=show)
    assert [(claim.state, claim.booking_id, claim.expires_at) for claim in claims] == [
        ("held", hold.pk, hold.held_until)
    ] * 2


def test_the_best_seats_can_be_held(show, alice):
    made = book_tickets(alice, show, [TicketRequest(), TicketRequest()], hold=True)
    assert (made.booking.status, len(made.tickets)) == ("held", 2)


def test_held_seats_are_refused_to_others_all_or_none(show, alice, bob):
    book_seats(alice, show, "A1", "A2", hold=True)
    with assert_refused(SeatsTaken, seats=["A2"]):
        book_seats(bob, show, "A2", "A3", hold=True)


@pytest.mark.parametrize("hold", [True, False])
def test_an_expired_hold_is_taken_over_by_a_hold_or_a_booking(show, alice, bob, hold):
    old = book_seats(alice, show, "A1", "A2", hold=True)
    expire_hold(old)
    new = book_seats(bob, show, "A2", "A3", hold=hold)
    owners = SeatClaim.objects.filter(show=show).order_by("seat").values_list("booking", flat=True)
    assert list(owners) == [old.pk, new.pk, new.pk]
    confirm(booking=new)
    new.refresh_from_db()
    assert new.status == "confirmed"


def test_ones_own_expired_hold_can_be_taken_over_too(show, alice):
    expire_hold(book_seats(alice, show, "A1", hold=True))
    assert book_seats(alice, show, "A1", hold=True).status == "held"
