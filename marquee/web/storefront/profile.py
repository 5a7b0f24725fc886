"""One's own account: name and language, address, password."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from marquee.accounts.operations import (
    ask_for_verification,
    change_password_in_browser,
    change_profile,
)
from marquee.accounts.rate_limits import client_networks
from marquee.web.language import language_of
from marquee.web.storefront.account_forms import EmailForm, PasswordForm, ProfileForm
from marquee.web.storefront.form_pages import AccountPage, FormPage


def account_page() -> HttpResponseRedirect:
    """Lead to the account's page."""
    return HttpResponseRedirect(reverse("account"))


class AccountView(AccountPage, FormPage):
    """`/account/`."""

    template, form_class = "storefront/account.html", ProfileForm

    def initial(self) -> dict[str, Any]:
        """Return the profile as it is. Without a language of its own, that of this page."""
        return {
            "name": self.user.name,
            "language": self.user.language or language_of(self.request),
        }

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Change name and language. Refuses as `change_profile` does."""
        networks = client_networks(self.request.META)
        change_profile(user=self.user, networks=networks, **fields)
        with translation.override(fields["language"]):
            messages.success(self.request, _("Your changes are saved."))
        return account_page()


class EmailView(AccountPage, FormPage):
    """`/account/email/`."""

    template, form_class = "storefront/account_email.html", EmailForm

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Have a link mailed to the new address. Refuses as `change_profile` does."""
        user = change_profile(
            user=self.user,
            networks=client_networks(self.request.META),
            password=fields["password"],
            email=fields["email"],
            request_language=language_of(self.request),
        )
        if user.pending_email:
            text = _(
                "A link is on its way to %(address)s. Open it to use that address from then on."
            )
            messages.success(
                self.request, text % {"address": user.pending_email}, extra_tags="mail"
            )
        else:
            messages.success(self.request, _("Your address stays as it is."))
        return account_page()


class VerificationView(AccountPage):
    """`/account/verify/`."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Lead to the account's page: a login leads back here whose session ended before the click."""
        return account_page()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Have another link mailed that verifies the address. Refuses with TooManyAttempts."""
        ask_for_verification(
            user=self.user,
            networks=client_networks(request.META),
            language=language_of(request),
        )
        text = _("A mail is on its way to %(address)s: its link verifies the address.")
        messages.success(request, text % {"address": self.user.address}, extra_tags="mail")
        return account_page()


class PasswordView(AccountPage, FormPage):
    """`/account/password/`."""

    template, form_class = "storefront/account_password.html", PasswordForm

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Change the password, and stay logged in here alone. Refuses as the operation does."""
        change_password_in_browser(
            user=self.user,
            old=fields["old_password"],
            new=fields["password"],
            networks=client_networks(self.request.META),
            language=language_of(self.request),
        )
        update_session_auth_hash(self.request, self.user)
        messages.success(
            self.request, _("Your password is changed. All other devices are logged out.")
        )
        return account_page()
