from itertools import islice

from django.db.models import Count, F, Sum

from marquee.booking.models import Booking, SeatClaim, Ticket
from marquee.catalog.models import Cinema, Show
from marquee.demo import load_large
from marquee.demo.bookings import reference


def test_a_chain_has_the_requested_size_and_consistent_rows(load_demo, monkeypatch):
    two = list(islice(load_large.large_chain(), 2))
    monkeypatch.setattr(load_large, "large_chain", lambda: two)
    monkeypatch.setattr(load_large, "CINEMA_COUNT", 2)
    monkeypatch.setattr(load_large, "CUSTOMERS", 300)

    assert "Added 15 shows and 501 bookings." in load_demo(
        "--scale=large", "--shows=15", "--bookings=501"
    )

    assert (Cinema.objects.count(), Show.objects.count()) == (2, 15)
    assert Booking.objects.count() == 501
    assert Ticket.objects.count() == SeatClaim.objects.count() > 501
    assert not Booking.objects.annotate(sum=Sum("tickets__price")).exclude(total=F("sum"))
    assert not Booking.objects.values("user", "show").annotate(n=Count("id")).filter(n__gt=1)
    assert not Ticket.objects.exclude(seat__plan=F("booking__show__seat_plan"))

    assert "Added 0 shows and 0 bookings." in load_demo(
        "--scale=large", "--shows=15", "--bookings=501"
    )


def test_references_of_a_million_bookings_differ():
    assert reference(1) != reference(2)
    assert len(reference(1)) == 8
    assert len({reference(key) for key in range(1, 10_001)}) == 10_000
    assert reference(2**40 + 5) == reference(5)
