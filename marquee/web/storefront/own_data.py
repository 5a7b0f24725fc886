"""One's own data: a copy of it, and its deletion."""

from collections.abc import Callable
from typing import Any

import orjson
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from marquee.accounts import rate_limits
from marquee.accounts.models import User
from marquee.booking import queries
from marquee.booking.operations import close_own_account
from marquee.booking.records import Actor
from marquee.booking.states import UpcomingBookings
from marquee.web.language import language_of
from marquee.web.storefront.account_forms import DeletionForm
from marquee.web.storefront.form_pages import AccountPage, FormPage
from marquee.web.storefront.shown_booking import ShownBooking


class ExportView(AccountPage):
    """`/account/export/`: the file of `me/export/`, whose `export` the URL configuration passes in."""

    # What `as_view` passes in must be an attribute of the class.
    export: Callable[[User], dict[str, Any]] = staticmethod(lambda _user: {})

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the account's data as a file. Refuses with TooManyAttempts."""
        rate_limits.check_profile_limit(user_id=self.user.pk)
        data = orjson.dumps(self.export(self.user), option=orjson.OPT_INDENT_2)
        disposition = 'attachment; filename="marquee.json"'
        headers = {"Content-Disposition": disposition}
        return HttpResponse(data, content_type="application/json", headers=headers)


class DeletionView(AccountPage, FormPage):
    """`/account/delete/`."""

    template, form_class = "storefront/account_delete.html", DeletionForm

    @cached_property
    def bookings(self) -> list[ShownBooking]:
        """Return the bookings to come, whose show and tickets the page names."""
        own = queries.upcoming_bookings(User.objects.filter(pk=self.user.pk))
        language = language_of(self.request)
        found = queries.list_page_bookings([booking.pk for booking in own], language)
        return [ShownBooking(booking, language) for booking in found]

    def context(self) -> dict[str, Any]:
        """Return the bookings to come, and whether any of them may still be cancelled."""
        can_cancel = any(booking.may_cancel for booking in self.bookings)
        return {"bookings": self.bookings, "can_cancel": can_cancel}

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Delete the account, and end the session. Refuses as `close_own_account` does."""
        choice = fields["bookings"]
        close_own_account(
            user=self.user,
            password=fields["password"],
            networks=rate_limits.client_networks(self.request.META),
            upcoming=UpcomingBookings(choice) if choice else None,
            actor=Actor.customer(self.user.pk),
            language=language_of(self.request),
        )
        logout(self.request)
        messages.success(self.request, _("Your account is deleted, with your name and address."))
        return HttpResponseRedirect("/")
