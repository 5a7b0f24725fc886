"""Filters by the status that the lists show, which the clock decides, and not by the column."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from marquee.booking import queries
from marquee.booking.states import AdmissionStatus, BookingStatus
from marquee.core.admin import StatusFilter


class BookingStatusFilter(StatusFilter):
    """Bookings by status: an expired hold is expired, whether or not the worker has recorded it."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the statuses of bookings."""
        return BookingStatus.choices

    def condition(self, status: str) -> Q:
        """Return the condition for a status."""
        return queries.effective_status_q(status)


class TicketStatusFilter(StatusFilter):
    """Tickets by whether they admit."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return what a ticket may be."""
        return AdmissionStatus.choices

    def condition(self, status: str) -> Q:
        """Return the condition for a status."""
        return queries.admission_status_q(status)
