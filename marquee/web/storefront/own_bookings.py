"""`/bookings/`: the bookings of the account and of the visitor, those to come first."""

from collections.abc import Iterable

from django.core.paginator import InvalidPage, Paginator
from django.http import HttpRequest, HttpResponse

from marquee.booking.models import Booking
from marquee.booking.queries import upcoming_and_past
from marquee.core.clock import database_now
from marquee.web import customers, errors
from marquee.web.language import language_of
from marquee.web.pages import Page
from marquee.web.storefront.shown_booking import ShownBooking

PER_PAGE = 20


class BookingsView(Page):
    """`/bookings/`."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List the bookings of shows to come, the next first; then the others, page by page."""
        self.now = database_now()
        owners = customers.owner_ids(request)
        upcoming, past = upcoming_and_past(owners, self.now)
        try:
            page = Paginator(past, PER_PAGE).page(request.GET.get("page", "1"))
        except InvalidPage:
            return errors.error_page(request, 404)
        return self.render(
            "storefront/bookings.html",
            upcoming=[] if page.number > 1 else self._shown(upcoming),
            past=self._shown(page.object_list),
            page=page,
        )

    def _shown(self, bookings: Iterable[Booking]) -> list[ShownBooking]:
        language = language_of(self.request)
        return [
            ShownBooking(one, now=self.now, language=language, tickets=one.tickets.all())
            for one in bookings
        ]
