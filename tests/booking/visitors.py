"""Visitors who hold seats, and say later who they are."""

from typing import Any
from uuid import UUID, uuid4

from marquee.accounts import operations as accounts
from marquee.accounts.models import User
from marquee.booking.models import Booking
from marquee.booking.records import Contact
from marquee.catalog.models import Show
from tests.accounts.people import CLIENT
from tests.factories import book_seats

GERDA = Contact("Gerda Gast", "gerda@example.com", "de")


def provisional(visitor: UUID | None = None) -> User:
    """Return the provisional guest of a visitor."""
    return accounts.provisional_guest(visitor=visitor or uuid4(), networks=[CLIENT])


def hold_as_visitor(
    show: Show, *labels: str, visitor: UUID | None = None, **options: Any
) -> Booking:
    """Hold seats for the provisional guest of a visitor."""
    return book_seats(provisional(visitor), show, *labels, hold=True, **options)


def visitor_of(booking: Booking) -> UUID:
    """Return the visitor of the guest who has a booking."""
    visitor = User.objects.get(pk=booking.user_id).visitor
    assert visitor
    return visitor
