"""The checkout of a hold: who it is for, how long it lasts, and what it costs. Confirm it, keep it, or
give it back.
"""

import re
from decimal import Decimal
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from marquee.accounts.errors import AccountClosed
from marquee.accounts.permissions import Audience
from marquee.booking.errors import NotHeld, PriceChanged
from marquee.booking.hold_rules import HoldState
from marquee.booking.models import Booking
from marquee.booking.operations import confirm, extend, release
from marquee.booking.records import Actor, Contact, SeatChoice
from marquee.core.errors import BadInput, Refused
from marquee.core.money import Money
from marquee.web import visitors
from marquee.web.customers import find_booking
from marquee.web.error_texts import ErrorText
from marquee.web.language import language_of
from marquee.web.pages import Page
from marquee.web.returning import with_next
from marquee.web.storefront import checkout_words
from marquee.web.storefront.account_forms import ContactForm
from marquee.web.storefront.checkout_words import Notice
from marquee.web.storefront.fragments import template_fragment
from marquee.web.storefront.holds import hold_seats, move_holds_at_login, to_checkout
from marquee.web.storefront.shown_hold import ShownHold

CONTACT_FIELDS = "components/contact_fields.html"
MINOR_UNITS = re.compile("[0-9]{1,15}")


class CheckoutPage(Page):
    """The base of pages of one hold, for the account or the visitor whose it is."""

    audience = Audience.OWNER

    def find(self, reference: str) -> ShownHold | None:
        """Return the hold of a reference as it is now; None for those of others, and unknown ones."""
        found = find_booking(self.request, reference)
        return None if found is None else ShownHold(found, language_of(self.request))

    def not_found(self) -> HttpResponse:
        """Return the page that finds no such hold."""
        text = ErrorText(
            _("There are no such seats held here"),
            _("They are not held by this browser or account, or the address is mistyped."),
            _("Log in with the account that holds them, or choose seats again."),
        )
        return self.not_theirs(text)

    def show(
        self,
        hold: ShownHold,
        *,
        form: Form | None = None,
        notice: Notice | None = None,
        status: int = HTTPStatus.OK,
    ) -> HttpResponseBase:
        """Return the page of a hold as it stands, or redirect to the booking that it has become."""
        if hold.state == HoldState.CONFIRMED:
            return HttpResponseRedirect(reverse("booking", args=[hold.booking.reference]))
        if not hold.can_be_confirmed:
            return self.render("storefront/checkout_ended.html", status=status, hold=hold)
        if notice is None and hold.state == HoldState.LAPSED:
            notice = checkout_words.lapsed()
        return self.render(
            "storefront/checkout.html",
            status=status,
            hold=hold,
            form=form or self.known_contact(hold),
            blank_fields=self.blank_fields(),
            account=self.account,
            as_guest=self.as_guest(hold),
            notice=notice,
        )

    def as_guest(self, hold: ShownHold) -> str:
        """Return where an account logs out to book this browser's hold as a guest; blank if it has none."""
        if self.account is None or hold.booking.user_id == self.account.pk:
            return ""
        return with_next("log-out", hold.path)

    def known_contact(self, hold: ShownHold) -> Form | None:
        """Return the form of a guest whose name and address are known; None for others."""
        guest = hold.booking.user
        if self.account is not None or not guest.address:
            return None
        return ContactForm(initial={"name": guest.name, "email": guest.address})

    def blank_fields(self) -> str:
        """Return the fields for name and address as nearly everybody gets them: with nothing typed yet."""
        language = language_of(self.request)
        return template_fragment(CONTACT_FIELDS, (language,), lambda: {"form": ContactForm()})

    def refused(self, hold: ShownHold, refusal: Refused, form: Form | None) -> HttpResponseBase:
        """Return the page as it stands after a refusal, which says why, with what was typed."""
        reference = hold.booking.reference
        if isinstance(refusal, AccountClosed):  # an account has the hold by now
            return HttpResponseRedirect(reverse("checkout", args=[reference]))
        now = self.find(reference)
        if now is None:
            return self.not_found()
        if isinstance(refusal, PriceChanged):
            now.total = _money_of(refusal, hold.booking.currency)
        notice = checkout_words.about_refusal(refusal, now)
        return self.show(now, form=form, notice=notice, status=HTTPStatus.CONFLICT)


class CheckoutView(CheckoutPage):
    """`/checkout/<reference>/`."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Show the hold."""
        hold = self.find(reference)
        return self.not_found() if hold is None else self.show(hold)

    def post(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Confirm the hold, and show the booking. A refusal shows the page with what was typed."""
        hold = self.find(reference)
        if hold is None:
            return self.not_found()
        if not hold.can_be_confirmed:
            return self.show(hold, status=HTTPStatus.CONFLICT)
        form = None if self.account else ContactForm(request.POST)
        if form is not None and not form.is_valid():
            return self.show(hold, form=form, status=HTTPStatus.BAD_REQUEST)
        try:
            return self._confirm(hold, _expected_total(request, hold.booking), form)
        except BadInput:
            raise
        except Refused as refusal:
            return self.refused(hold, refusal, form)

    def _confirm(
        self, hold: ShownHold, expected: Money, form: ContactForm | None
    ) -> HttpResponseBase:
        booking = hold.booking
        if self.account is not None and booking.user_id != self.account.pk:
            if hold.state == HoldState.LAPSED:
                return self._hold_again(hold, expected)
            booking = self._take_along(booking)
            if booking.user_id != self.account.pk:  # it ended meanwhile
                return self._hold_again(hold, expected)
        contact = None
        if form is not None:
            fields = form.cleaned_data
            contact = Contact(fields["name"], fields["email"], language_of(self.request))
        is_new = confirm(booking=booking, expected_total=expected, contact=contact)
        if is_new:
            address = contact.email if contact else booking.user.address
            text = _("Booked. A mail with all of this is on its way to %(address)s.")
            messages.success(self.request, text % {"address": address}, extra_tags="mail")
        response = HttpResponseRedirect(reverse("booking", args=[booking.reference]))
        if contact is not None:
            visitors.keep(response, visitors.visitor_of(self.request))
        return response

    def _take_along(self, booking: Booking) -> Booking:
        """Move the visitor's hold to the account, as logging in here does. Refuses as that does."""
        moved = move_holds_at_login(self.request, cast("Any", self.account))
        if refusal := moved.refused.get(booking.reference):
            raise refusal
        found = find_booking(self.request, booking.reference)
        return booking if found is None else found.booking

    def _hold_again(self, hold: ShownHold, expected: Money) -> HttpResponseBase:
        """Hold the same seats for the account: an expired hold of a guest moves nowhere."""
        booking, visitor = hold_seats(
            self.request,
            show_id=hold.booking.show_id,
            tickets=hold.requests,
            choice=SeatChoice(),
            key=f"again {hold.booking.reference}",
            expected_total=expected,
        )
        return to_checkout(booking, visitor)


class ExtendView(CheckoutPage):
    """`/checkout/<reference>/extend/`."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Lead back to the checkout."""
        return HttpResponseRedirect(reverse("checkout", args=[reference]))

    def post(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Keep the seats for longer, and show the checkout with what was typed so far."""
        hold = self.find(reference)
        if hold is None:
            return self.not_found()
        form = ContactForm(initial=request.POST.dict())
        try:
            extend(booking=hold.booking, actor=Actor.customer(hold.booking.user_id))
        except NotHeld:
            return self.show(hold, form=form, status=HTTPStatus.CONFLICT)
        except Refused as refusal:
            return self.refused(hold, refusal, form)
        now = self.find(reference)
        if now is None:
            return self.not_found()
        return self.show(now, form=form, notice=checkout_words.kept(now))


class ReleaseView(CheckoutPage):
    """`/checkout/<reference>/release/`."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Lead back to the checkout."""
        return HttpResponseRedirect(reverse("checkout", args=[reference]))

    def post(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Give the seats back, and lead to the seats' page, where they are chosen still."""
        hold = self.find(reference)
        if hold is None:
            return self.not_found()
        if hold.state == HoldState.CONFIRMED:
            return self.show(hold)
        seats_path = hold.seats_path
        try:
            release(booking=hold.booking, actor=Actor.customer(hold.booking.user_id))
        except NotHeld:  # it ended, or was booked in another tab: that page says which
            return self.get(request, reference)
        messages.success(request, _("The seats are free for others again. Your choice is here."))
        return HttpResponseRedirect(seats_path)


def _expected_total(request: HttpRequest, booking: Booking) -> Money:
    """Return the total that the form showed. Refuses with BadInput."""
    sent = request.POST.get("expected_total", "")
    if not MINOR_UNITS.fullmatch(sent):
        raise BadInput("The total of the form is missing or changed.", field="expected_total")
    return Money(int(sent), booking.currency)


def _money_of(refusal: PriceChanged, currency: str) -> Money:
    return Money.parse(Decimal(refusal.facts["total"]["amount"]), currency)
