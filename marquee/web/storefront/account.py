"""Pages of an account: verify an address, change it, and set a new password."""

from django.http import HttpRequest, HttpResponse

from marquee.accounts.operations import record_event
from marquee.accounts.states import AccountEventKind
from marquee.web.language import language_of
from marquee.web.pages import Page
from marquee.web.storefront.forms import AddressForm


class PasswordResetView(Page):
    """`/password-reset/`."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the address."""
        return self.render("storefront/password_reset.html", form=AddressForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Record the request. The page is alike for every address. Refuses with TooManyAttempts."""
        form = AddressForm(request.POST)
        if not form.is_valid():
            return self.render("storefront/password_reset.html", form=form, status=400)
        email = form.cleaned_data["email"]
        record_event(
            kind=AccountEventKind.RESET_ASKED,
            user=None,
            email=email,
            language=language_of(request),
        )
        return self.render("storefront/password_reset.html", asked=email)
