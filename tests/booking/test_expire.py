import pytest

from marquee.booking.models import Booking, SeatClaim
from marquee.booking.operations import cancel, confirm, expire
from tests.factories import all_rows, book_seats, expire_hold


def test_recording_an_expiry_frees_the_seats(show, alice):
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    expire_hold(hold)
    expire(booking=hold)
    hold.refresh_from_db()
    assert (hold.status, hold.held_until) == ("expired", None)
    assert (
        list(SeatClaim.objects.values_list("state", "booking", "expires_at"))
        == [("free", None, None)] * 2
    )
    assert list(hold.events.values_list("kind", flat=True)) == ["held", "expired"]


def test_a_hold_that_has_not_expired_is_left_alone(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    before = all_rows()
    expire(booking=hold)
    assert all_rows() == before


@pytest.mark.parametrize("verb", [confirm, cancel, expire])
def test_a_hold_that_has_moved_on_is_left_alone(show, alice, verb):
    hold = book_seats(alice, show, "A1", hold=True)
    if verb is not cancel:  # an expired hold cannot be cancelled
        expire_hold(hold)
    verb(booking=hold)
    before = all_rows()
    expire(booking=hold)
    assert all_rows() == before


def test_a_seat_that_was_taken_over_stays_with_its_new_owner(show, alice, bob):
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    expire_hold(hold)
    booking = book_seats(bob, show, "A2")
    expire(booking=hold)
    claims = SeatClaim.objects.order_by("seat").values_list("state", "booking")
    assert list(claims) == [("free", None), ("sold", booking.pk)]
    assert Booking.objects.get(pk=hold.pk).status == "expired"
