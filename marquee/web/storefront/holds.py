"""Hold seats for whoever asks: the account, or the provisional guest of the visitor."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from marquee.accounts import operations as accounts
from marquee.accounts.errors import AccountClosed
from marquee.accounts.models import User
from marquee.accounts.rate_limits import client_networks
from marquee.booking import queries
from marquee.booking.models import Booking
from marquee.booking.operations import MovedHolds, book, move_holds
from marquee.booking.records import Client, SeatChoice, TicketRequest
from marquee.booking.states import Channel
from marquee.core.errors import Refused
from marquee.core.money import Money
from marquee.web import visitors
from marquee.web.customers import account_of, owner_ids
from marquee.web.language import language_of

# A form that is sent again after its hold has ended holds the seats anew: so often.
MAX_REPEATS = 5


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """What a form asks to hold, apart from who sends it."""

    show_id: int
    tickets: Sequence[TicketRequest]
    choice: SeatChoice
    expected_total: Money | None

    def key(self, form_key: str) -> str | None:
        """Return the idempotency key: that of the form, for this request alone.

        Who goes back and chooses other seats sends the key of the form once more.
        """
        if not form_key:
            return None
        tickets = [(ticket.seat, ticket.type) for ticket in self.tickets]
        total = self.expected_total and astuple(self.expected_total)
        content = [form_key, self.show_id, tickets, astuple(self.choice), total]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def hold_seats(
    request: HttpRequest,
    *,
    show_id: int,
    tickets: Sequence[TicketRequest],
    choice: SeatChoice,
    key: str,
    expected_total: Money | None = None,
) -> tuple[Booking, UUID | None]:
    """Make one hold; return it, with the visitor whose cookie `to_checkout` sets, if there is one.

    `key` is that of the form: the same form with the same seats gives the same booking, which may be
    confirmed by now. Raises Show.DoesNotExist, and refuses as `book` does, or with TooManyAttempts.
    """
    asked = HoldRequest(show_id, tickets, choice, expected_total)
    if account := account_of(request):
        return _hold(request, asked, account, key), None
    visitor = visitors.visitor_of(request) or visitors.visitor_of_form(request, key)
    try:
        return _hold_for_visitor(request, asked, visitor, key), visitor
    except AccountClosed:  # the same form, sent at once, was refused, and its guest discarded
        return _hold_for_visitor(request, asked, visitor, key), visitor


def to_checkout(booking: Booking, visitor: UUID | None) -> HttpResponseRedirect:
    """Redirect to the checkout of a hold, and set the visitor's cookie."""
    response = HttpResponseRedirect(reverse("checkout", args=[booking.reference]))
    visitors.keep(response, visitor)
    return response


def move_holds_at_login(request: HttpRequest, user: User) -> MovedHolds:
    """Give the visitor's live holds to the account that it has just logged in to, or opened.

    Those that the account may not have stay with the visitor: see `move_holds`. Their checkout says why.
    """
    visitor = visitors.visitor_of(request)
    return MovedHolds() if visitor is None else move_holds(visitor=visitor, user=user)


def _hold_for_visitor(request: HttpRequest, asked: HoldRequest, visitor: UUID, key: str) -> Booking:
    guest = accounts.provisional_guest(
        visitor=visitor, networks=client_networks(request.META), language=language_of(request)
    )
    try:
        return _hold(request, asked, guest, key)
    except Refused:
        if visitors.visitor_of(request) is None:  # nobody else knows the visitor yet
            accounts.discard_guest(guest=guest)
        if booking := _held_before(request, asked.key(key)):
            return booking
        raise


def _hold(request: HttpRequest, asked: HoldRequest, user: User, form_key: str) -> Booking:
    hold = partial(
        book,
        user_id=user.pk,
        token_epoch=user.token_epoch,
        show_id=asked.show_id,
        tickets=asked.tickets,
        hold=True,
        choice=asked.choice,
        expected_total=asked.expected_total,
        client=Client(client_networks(request.META)[-1], language_of(request), Channel.WEB),
    )
    for _ in range(MAX_REPEATS):
        result = hold(key=asked.key(form_key))
        if not result.is_replay or queries.is_live(result.booking):
            break
        form_key = f"{form_key} after {result.booking.reference}"
    return result.booking


def _held_before(request: HttpRequest, key: str | None) -> Booking | None:
    """Return what the form booked before: its guest has said who it is, and has the booking still."""
    for owner in owner_ids(request):
        booking = queries.find_by_idempotency_key(user_id=owner, key=key)
        if booking is not None and queries.is_live(booking):
            return booking
    return None
