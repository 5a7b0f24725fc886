"""Revoke the links of bookings' mails in the back office, such as when one went to a wrong address."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from marquee.booking import operations
from marquee.booking.models import Booking
from marquee.core.admin import confirm_first, run_for_each


@admin.action(description="Revoke the links in mails")
@confirm_first(
    "Revoke the links",
    lambda bookings: (
        "Whoever has a link to them from a mail can no longer open or cancel them by it. Mails that "
        "are sent later have new links."
    ),
)
def revoke_links(
    page: "admin.ModelAdmin[Any]", request: HttpRequest, bookings: QuerySet[Booking]
) -> None:
    """End all links to the bookings that were mailed so far."""
    run_for_each(
        page,
        request,
        bookings,
        lambda one: operations.revoke_links(booking=one),
        record="Revoked the links in mails.",
    )
