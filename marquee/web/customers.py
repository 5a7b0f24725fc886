"""Whose bookings a request may see and change: the account's, the visitor's, or those of a link."""

import re
from typing import Any, cast

from django.db.models import Q
from django.http import HttpRequest

from marquee.accounts import queries as accounts
from marquee.accounts.errors import BadLink
from marquee.accounts.models import User
from marquee.booking.links import booking_of_token
from marquee.booking.models import Booking
from marquee.core.clock import database_now
from marquee.web import links
from marquee.web.visitors import visitor_of

REFERENCE = re.compile("[0-9A-Z]{8}")
# What pages of a booking show.
RELATED = ("user", "show__movie", "show__auditorium__cinema")


def account_of(request: HttpRequest) -> User | None:
    """Return the account that is logged in; None for visitors without one."""
    user: Any = request.user
    return cast("User", user) if user.is_authenticated else None


def owner_ids(request: HttpRequest) -> list[int]:
    """Return the ids of the account that is logged in, and of the visitor's guests."""
    account, visitor = account_of(request), visitor_of(request)
    own = [] if account is None else [account.pk]
    return own if visitor is None else own + accounts.guests_of_visitor(visitor)


def find_booking(request: HttpRequest, reference: str) -> Booking | None:
    """Return a booking of the account or the visitor, or of the link whose cookie the request has.

    Its user, show, movie, auditorium and cinema are loaded. Others' bookings are None, like missing ones.
    """
    if not REFERENCE.fullmatch(reference):
        return None
    owner = Q()
    if account := account_of(request):
        owner |= Q(user=account.pk)
    if visitor := visitor_of(request):
        owner |= Q(user__visitor=visitor, user__is_active=True)
    if owner:
        bookings = Booking.objects.select_related(*RELATED)
        if booking := bookings.filter(owner, reference=reference).first():
            return booking
    return _booking_of_link(request, reference)


def _booking_of_link(request: HttpRequest, reference: str) -> Booking | None:
    token = request.COOKIES.get(links.COOKIE)
    if not token:
        return None
    try:
        booking = booking_of_token(token, database_now())
    except BadLink:
        return None
    return booking if booking.reference == reference else None
