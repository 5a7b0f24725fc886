"""What staff type into the search of the back office: a name, an address, a reference, a ticket code."""

from functools import reduce
from operator import or_

from django.db.models import Q

from marquee.booking.models import Booking, Ticket
from marquee.core import codes
from marquee.core.text import search_words

# A reference is found by a part of it that is long enough not to be a name: `al` is A1 as a code.
MIN_PART = 4


def people_q(term: str, *, user: str = "") -> Q:
    """Return the condition that each word is part of a customer's name or e-mail address, without accents.

    `user` is the path to the account, such as `booking__user__`.
    """
    condition = Q()
    for forms in search_words(term):
        conditions = (Q(**{f"{user}search_text__contains": form}) for form in forms)
        condition &= reduce(or_, conditions)
    return condition


def bookings_q(term: str) -> Q:
    """Return the condition for bookings: by customer, part of the reference, or a ticket's code."""
    condition = people_q(term, user="user__")
    if code := codes.normalise(term):
        tickets = Ticket.objects.filter(code=code)
        condition |= _reference_q(code) | Q(pk__in=tickets.values("booking"))
    return condition


def _reference_q(code: str) -> Q:
    return Q(reference__contains=code) if len(code) >= MIN_PART else Q(reference=code)


def tickets_q(term: str) -> Q:
    """Return the condition for tickets: by their code, or as `bookings_q` finds their bookings."""
    bookings = Booking.objects.order_by().filter(bookings_q(term))
    return Q(code=codes.normalise(term)) | Q(booking__in=bookings.values("pk"))


def accounts_q(term: str) -> Q:
    """Return the condition for accounts: by name and address, or by the reference of a booking."""
    bookings = Booking.objects.order_by().filter(reference=codes.normalise(term))
    return people_q(term) | Q(pk__in=bookings.values("user"))
