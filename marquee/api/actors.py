"""Who makes the changes of a request, and in which language they read.

The operations record both: in the history of bookings, and for mails.
"""

from typing import Any

from rest_framework.request import Request

from marquee.booking.records import Actor
from marquee.core.locales import requested_language


def customer(request: Request) -> Actor:
    """Return the caller as a customer, who changes a booking of their own."""
    user: Any = request.user
    return Actor.customer(user.pk)


def staff(request: Request) -> Actor:
    """Return the caller as a member of staff. The view's permissions have checked that."""
    user: Any = request.user
    return Actor.staff(user.pk)


def language(request: Request) -> str:
    """Return which of LANGUAGES the request asks for, by Accept-Language; blank for none of them."""
    return requested_language(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
