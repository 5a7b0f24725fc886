"""The times of bookings in the back office: by the clock of the show's cinema, with its zone."""

from datetime import datetime

from django.contrib import admin

from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.catalog.admin_days import BusinessDayFilter, MomentFilter
from marquee.catalog.models import Show
from marquee.core.zones import write_time


def _write(moment: datetime | None, show: Show) -> str:
    return "" if moment is None else write_time(moment, show.timezone)


class BookingTimes:
    """The times of a booking, for its pages."""

    @admin.display(description="held until", ordering="held_until", empty_value="-")
    def hold_ends(self, booking: Booking) -> str:
        """Return when the hold expires."""
        return _write(booking.held_until, booking.show)

    @admin.display(description="made", ordering="created_at")
    def made(self, booking: Booking) -> str:
        """Return when the booking was made."""
        return _write(booking.created_at, booking.show)


class TicketTimes:
    """The time of a ticket, for its pages."""

    @admin.display(description="used", ordering="used_at", empty_value="-")
    def used(self, ticket: Ticket) -> str:
        """Return when the ticket was used."""
        return _write(ticket.used_at, ticket.booking.show)


class EventTimes:
    """The time of an event, for the page of its booking."""

    @admin.display(description="when")
    def happened(self, event: BookingEvent) -> str:
        """Return when it happened."""
        return _write(event.at, event.booking.show)


class MadeFilter(MomentFilter):
    """A filter by the day on which a booking was made."""

    title, parameter_name, field = "made", "made", "created_at"
    path = "show__"


class ShowDayFilter(BusinessDayFilter):
    """A filter of bookings by the business day of their show."""

    title, path = "business day of the show", "show__"


class TicketDayFilter(BusinessDayFilter):
    """A filter of tickets by the business day of their show."""

    title, path = "business day of the show", "booking__show__"
