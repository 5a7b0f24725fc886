"""Who makes the changes of a request: the operations record it in the history of bookings."""

from typing import Any

from rest_framework.request import Request

from marquee.booking.records import Actor


def customer(request: Request) -> Actor:
    """Return the caller as a customer, who changes a booking of their own."""
    user: Any = request.user
    return Actor.customer(user.pk)


def staff(request: Request) -> Actor:
    """Return the caller as a member of staff. The view's permissions have checked that."""
    user: Any = request.user
    return Actor.staff(user.pk)
