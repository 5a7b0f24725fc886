"""Erase a guest's data: ask for the link on the page of a booking, and use it."""

from collections.abc import Mapping
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from marquee.accounts.models import User
from marquee.accounts.operations import ask_to_close
from marquee.accounts.rate_limits import client_networks
from marquee.accounts.states import LinkPurpose
from marquee.booking import queries
from marquee.booking.errors import HasUpcomingBookings
from marquee.booking.models import Booking
from marquee.booking.operations import close_by_link
from marquee.booking.states import UpcomingBookings
from marquee.core.errors import Refused
from marquee.web.language import language_of
from marquee.web.links import LinkPage
from marquee.web.storefront.bookings import BookingPage
from marquee.web.storefront.forms import ClosingForm


class AskToDeleteView(BookingPage):
    """`/bookings/<reference>/delete-data/`."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Ask whether to have the link mailed. An account is not deleted by the link of a booking."""
        shown = self.opened(reference)
        if shown is None or not shown.is_guests:
            return self.not_opened()
        return self._page(shown.booking)

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Have the link mailed that deletes a guest's data. Refuses with TooManyAttempts."""
        shown = self.opened(reference)
        if shown is None or not shown.is_guests:
            return self.not_opened()
        networks, language = client_networks(request.META), language_of(request)
        ask_to_close(user=shown.booking.user, networks=networks, language=language)
        return self._page(shown.booking, asked=True)

    def _page(self, booking: Booking, *, asked: bool = False) -> HttpResponse:
        template = "storefront/ask_to_delete.html"
        return self.render(template, booking=booking, guest=booking.user, asked=asked)


class DeleteAccountView(LinkPage):
    """`/delete-account/`."""

    template, purpose, form_class = "storefront/delete_account.html", LinkPurpose.CLOSE, ClosingForm

    def context(self, account: User) -> dict[str, Any]:
        """Return the bookings to come, for which the page asks what becomes of them."""
        return {"upcoming": queries.count_upcoming_tickets(account)}

    def spend(self, token: str, fields: Mapping[str, Any]) -> None:
        """Close the guest. Refuses with BadLink, or HasUpcomingBookings without a choice."""
        choice = fields["bookings"]
        close_by_link(token=token, upcoming=UpcomingBookings(choice) if choice else None)

    def add_error(self, form: Form, refusal: Refused) -> bool:
        """Show beside the choice that it is needed: a booking may be newer than the page."""
        if not isinstance(refusal, HasUpcomingBookings):
            return super().add_error(form, refusal)
        form.add_error("bookings", _("Choose one of the two."))
        return True
