"""The page of a booking, which the link in its mails opens without a login."""

from collections.abc import Sequence
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marquee.accounts.errors import BadLink
from marquee.accounts.permissions import Audience
from marquee.booking.errors import CompanionWithoutSpace, NeedsAnother
from marquee.booking.links import booking_of_token
from marquee.booking.models import Booking
from marquee.booking.operations import cancel
from marquee.booking.records import Actor
from marquee.core.clock import database_now
from marquee.web import customers, errors, links
from marquee.web.error_texts import INCOMPLETE_LINK, NO_BOOKING, NO_LINK, Text
from marquee.web.language import language_of
from marquee.web.pages import Page
from marquee.web.storefront.shown_booking import ShownBooking

NONE_CHOSEN = _("Choose at least one seat to cancel.")
NEEDED = _(
    "A carer or a companion seat cannot stay without its wheelchair space. Cancel them together."
)


def url_of(booking: Booking) -> str:
    """Return the path of a booking's page."""
    return reverse("booking", args=[booking.reference])


def _cancelled(seats: Sequence[str] | None) -> str:
    """Return what to say once these seats are cancelled, or all."""
    if seats:
        return gettext("Cancelled: %(seats)s.") % {"seats": ", ".join(seats)}
    return gettext("Your booking is cancelled.")


class BookingLinkView(Page):
    """`/bookings/link/`."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Move the token into a cookie of the booking's page, and redirect there. Changes nothing."""
        token = request.GET.get("token")
        if token is None:
            return errors.error_page(request, HTTPStatus.BAD_REQUEST, NO_LINK)
        if not links.TOKEN.fullmatch(token):
            return errors.error_page(request, HTTPStatus.BAD_REQUEST, INCOMPLETE_LINK)
        try:
            booking = booking_of_token(token, database_now())
        except BadLink as refusal:
            return errors.link_page(request, refusal)
        path = url_of(booking)
        response = HttpResponseRedirect(path)
        links.keep(response, links.COOKIE, token, path)
        return response


class BookingPage(Page):
    """The base of pages of one booking, for whose it is, and for whom has its link."""

    audience = Audience.OWNER

    def opened(self, reference: str) -> ShownBooking | None:
        """Return the account's or visitor's booking, or that of the link; None for all others, which are alike."""
        found = customers.find_booking(self.request, reference)
        return None if found is None else ShownBooking(found, language_of(self.request))

    def not_opened(self) -> HttpResponse:
        """Return the page that asks for the link in the mail."""
        return self.not_theirs(NO_BOOKING)


class BookingView(BookingPage):
    """`/bookings/<reference>/`."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show the booking, and what can be done with it."""
        shown = self.opened(reference)
        if shown is None:
            return self.not_opened()
        return self.render("storefront/booking.html", shown=shown, booking=shown.booking)


class CancelBookingView(BookingPage):
    """`/bookings/<reference>/cancel/`."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Ask whether to cancel all seats, or those that `seat` names; and first which.

        What may not be cancelled leads back to the booking.
        """
        shown = self.opened(reference)
        if shown is None:
            return self.not_opened()
        if not (shown.may_cancel or shown.may_cancel_some):
            return HttpResponseRedirect(url_of(shown.booking))
        return self._asked(shown)

    def post(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Cancel the booking or some seats, and show it. Refuses as `cancel` does."""
        shown = self.opened(reference)
        if shown is None:
            return self.not_opened()
        booking, seats = shown.booking, request.POST.getlist("seat") or None
        try:
            cancel(booking=booking, tickets=seats, actor=Actor.customer(booking.user_id))
        except (NeedsAnother, CompanionWithoutSpace):
            return self._asked(shown, error=NEEDED, status=409)
        messages.success(request, _cancelled(seats))
        return HttpResponseRedirect(url_of(booking))

    def _asked(self, shown: ShownBooking, *, error: Text = "", status: int = 200) -> HttpResponse:
        seats = [] if error else self.request.GET.getlist("seat")
        part = shown.part(seats)
        if not error and part is None and "some" in self.request.GET:
            error, status = NONE_CHOSEN, 400
        whole = part is not None and not part.kept
        return self.render(
            "storefront/cancel_booking.html",
            shown=shown,
            booking=shown.booking,
            part=None if whole else part,
            error=error,
            status=status,
        )
