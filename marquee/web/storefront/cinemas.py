"""The page of a cinema: where it is, what it is like, and what is on today."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from marquee.web import errors
from marquee.web.error_texts import NO_CINEMA
from marquee.web.language import language_of
from marquee.web.public_pages import PublicPage
from marquee.web.storefront import cinema_days
from marquee.web.storefront.show_filters import ShowQuery
from marquee.web.storefront.whats_on import WhatsOn


class CinemaView(PublicPage):
    """`/cinemas/<id>/`."""

    def get(self, request: HttpRequest, cinema_id: int) -> HttpResponse:
        """Show a cinema, and its shows of today."""
        now = timezone.now()
        listing = cinema_days.get_day_listing(cinema_ids=[cinema_id], day=None, now=now)
        cinema = listing.part.cinema
        if cinema is None or cinema.id != cinema_id:
            return errors.error_page(request, HTTPStatus.NOT_FOUND, NO_CINEMA)
        page = WhatsOn(listing, ShowQuery(cinema=cinema_id), now=now, language=language_of(request))
        return self.render(
            "storefront/cinema.html",
            page=page,
            canonical=request.path,
            cinema=cinema,
            auditoriums=listing.part.auditoriums,
        )
