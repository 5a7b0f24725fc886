"""`/bookings/`: the bookings of the account and of the visitor, those to come first."""

import re

from django.http import HttpRequest, HttpResponse

from marquee.booking import queries
from marquee.web import customers, errors
from marquee.web.language import language_of
from marquee.web.pages import Page
from marquee.web.storefront.shown_booking import ShownBooking

PER_PAGE = 20
PAGE_NUMBER = re.compile("[1-9][0-9]{0,5}")


class BookingsView(Page):
    """`/bookings/`."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List the bookings of shows to come, the next first; then the others, page by page."""
        number = request.GET.get("page", "1")
        if not PAGE_NUMBER.fullmatch(number):
            return errors.error_page(request, 404)
        page = int(number)
        owners = customers.owner_ids(request)
        upcoming = queries.upcoming_booking_ids(owners) if page == 1 else []
        past = queries.past_booking_ids(owners, start=PER_PAGE * (page - 1), limit=PER_PAGE + 1)
        if page > 1 and not past:
            return errors.error_page(request, 404)
        language, end = language_of(request), len(upcoming)
        found = queries.list_page_bookings(upcoming + past[:PER_PAGE], language)
        shown = [ShownBooking(booking, language) for booking in found]
        return self.render(
            "storefront/bookings.html",
            upcoming=shown[:end],
            past=shown[end:],
            newer=page - 1,
            older=page + 1 if len(past) > PER_PAGE else None,
        )
