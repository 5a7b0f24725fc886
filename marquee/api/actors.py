"""Who makes the changes of a request, and in which language they read.

The operations record both: in the history of bookings, and for mails.
"""

from typing import Any

from rest_framework.request import Request

from marquee.booking.models import Booking
from marquee.booking.records import Actor
from marquee.booking.states import Channel
from marquee.core.locales import requested_language


def customer(request: Request) -> Actor:
    """Return the caller as a customer, who changes a booking of their own."""
    user: Any = request.user
    return Actor.customer(user.pk)


def owner(booking: Booking) -> Actor:
    """Return whose booking it is, who changes it: its seller if the counter sold it, else a customer."""
    is_sale = booking.channel == Channel.COUNTER
    return (Actor.staff if is_sale else Actor.customer)(booking.user_id)


def staff(request: Request) -> Actor:
    """Return the caller as a member of staff. The view's permissions have checked that."""
    user: Any = request.user
    return Actor.staff(user.pk)


def language(request: Request) -> str:
    """Return which of LANGUAGES the request asks for, by Accept-Language; blank for none of them."""
    return requested_language(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
