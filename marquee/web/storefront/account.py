"""Pages of an account: verify an address, change it, and set a new password."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy

from marquee.accounts.operations import ask_for_reset
from marquee.accounts.rate_limits import client_networks
from marquee.accounts.states import LinkPurpose
from marquee.booking.operations import confirm_email_change, reset_password, verify_email
from marquee.web.language import language_of
from marquee.web.links import LinkPage
from marquee.web.pages import Page
from marquee.web.storefront.forms import AddressForm, NewPasswordForm


class PasswordResetView(Page):
    """`/password-reset/`."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the address."""
        return self.render("storefront/password_reset.html", form=AddressForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Have a link mailed. The page is alike for every address. Refuses with TooManyAttempts."""
        form = AddressForm(request.POST)
        if not form.is_valid():
            return self.render("storefront/password_reset.html", form=form, status=400)
        email = form.cleaned_data["email"]
        networks = client_networks(request.META)
        ask_for_reset(email=email, networks=networks, language=language_of(request))
        return self.render("storefront/password_reset.html", asked=email)


class NewPasswordView(LinkPage):
    """`/password-reset/confirm/`."""

    template, purpose, form_class = (
        "storefront/new_password.html",
        LinkPurpose.RESET,
        NewPasswordForm,
    )
    ask_again = reverse_lazy("password-reset")

    def spend(self, token: str, fields: Mapping[str, Any]) -> None:
        """Set the password. Refuses with BadLink or WeakPassword."""
        language = language_of(self.request)
        reset_password(token=token, password=fields["password"], language=language)


class VerifyEmailView(LinkPage):
    """`/verify-email/`."""

    template, purpose = "storefront/verify_email.html", LinkPurpose.VERIFY

    def spend(self, token: str, fields: Mapping[str, Any]) -> None:
        """Verify the address. Refuses with BadLink."""
        verify_email(token=token)


class ChangeEmailView(LinkPage):
    """`/change-email/`."""

    template, purpose = "storefront/change_email.html", LinkPurpose.CHANGE_EMAIL

    def spend(self, token: str, fields: Mapping[str, Any]) -> None:
        """Make the new address the account's own. Refuses with BadLink."""
        confirm_email_change(token=token, language=language_of(self.request))
