"""Bookings in the back office: sales at the counter, and bookings that lost some tickets."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from marquee.booking.models import Booking, CounterSale, Ticket
from marquee.booking.states import Channel
from marquee.catalog.operation_admin import ReadOnlyInline
from marquee.core.money import Money


def kept_tickets(booking: Booking) -> list[Ticket]:
    """Return the tickets of a booking without those that were cancelled by themselves."""
    return [ticket for ticket in booking.tickets.all() if ticket.released_at is None]


class CounterSaleInline(ReadOnlyInline):
    """What staff recorded of a booking at the counter."""

    model = CounterSale
    fields = readonly_fields = ("customer_name", "customer_email", "tender", "paid")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the booking was made at the counter."""
        return obj is None or obj.channel == Channel.COUNTER

    @admin.display(description="paid")
    def paid(self, sale: CounterSale) -> str:
        """Return what was paid, with its currency."""
        return "Nothing yet" if sale.amount is None else str(Money(sale.amount, sale.currency))
