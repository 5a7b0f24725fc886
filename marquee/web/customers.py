"""Whose bookings a request may see and change: the account's, the visitor's, or those of a link."""

import re
from typing import Any, cast

from django.http import HttpRequest

from marquee.accounts import queries as accounts
from marquee.accounts.models import User
from marquee.booking import queries
from marquee.booking.links import opens
from marquee.booking.queries import PageBooking
from marquee.booking.states import Channel
from marquee.web import links
from marquee.web.language import language_of
from marquee.web.visitors import visitor_of

REFERENCE = re.compile("[0-9A-Z]{8}")


def account_of(request: HttpRequest) -> User | None:
    """Return the account that is logged in; None for visitors without one."""
    user: Any = request.user
    return cast("User", user) if user.is_authenticated else None


def owner_ids(request: HttpRequest) -> list[int]:
    """Return the ids of the account that is logged in, and of the visitor's guests."""
    account, visitor = account_of(request), visitor_of(request)
    own = [] if account is None else [account.pk]
    return own if visitor is None else own + accounts.guests_of_visitor(visitor)


def find_booking(request: HttpRequest, reference: str) -> PageBooking | None:
    """Return a booking of the account or the visitor, or of the link whose cookie the request has.

    Others' bookings are None, like missing ones. Without account, visitor and link nothing is queried.
    """
    account, visitor = account_of(request), visitor_of(request)
    token = request.COOKIES.get(links.COOKIE, "")
    if not (account or visitor or token) or not REFERENCE.fullmatch(reference):
        return None
    found = queries.find_page_booking(reference, language_of(request))
    if found is None:
        return None
    owner = found.booking.user
    # What staff sold at the counter is not theirs here: see `queries.upcoming_booking_ids`.
    is_customers = found.booking.channel != Channel.COUNTER
    is_own = is_customers and account is not None and owner.pk == account.pk
    is_visitors = visitor is not None and owner.visitor == visitor and owner.is_active
    if is_own or is_visitors:
        return found
    is_linked = opens(token, found.booking, show_ends_at=found.show.ends_at, now=found.now)
    return found if is_linked else None
