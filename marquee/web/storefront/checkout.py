"""The checkout of a hold: who it is for, and how long it lasts."""

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from marquee.web import customers, errors
from marquee.web.pages import Page


class CheckoutView(Page):
    """`/checkout/<reference>/`."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Show the hold."""
        booking = customers.find_booking(request, reference)
        if booking is None:
            return errors.error_page(request, 404)
        return HttpResponseRedirect(reverse("booking", args=[reference]))
