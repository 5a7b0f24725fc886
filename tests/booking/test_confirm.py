import pytest

from marquee.booking.errors import HoldExpired
from marquee.booking.models import Booking, SeatClaim
from marquee.booking.operations import cancel, confirm, expire
from tests.world import book_seats, make_show, make_user, run_out

pytestmark = pytest.mark.django_db


def test_smoke():
    show, alice, bob = make_show(), make_user("Alice"), make_user("Bob")
    held = book_seats(alice, show, "A1", "A2", hold=True)
    confirm(booking=held)
    held.refresh_from_db()
    assert held.status == "confirmed"
    cancel(booking=held)
    b = book_seats(bob, show, "A1", hold=True)
    run_out(b)
    c = book_seats(alice, show, "A1")
    with pytest.raises(HoldExpired):
        confirm(booking=b)
    expire(booking=b)
    assert list(SeatClaim.objects.filter(show=show).values_list("seat__label", "state", "gen", "booking")) == [("A1", "sold", 5, c.pk), ("A2", "free", 3, None)]
