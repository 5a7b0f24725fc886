"""Log in, sign up and log out, in the browser's session: the rules are those of the API."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _

from marquee.accounts import browser_sessions, second_factors
from marquee.accounts.models import User
from marquee.accounts.operations import authenticate, open_account
from marquee.accounts.rate_limits import client_networks
from marquee.web.language import language_of
from marquee.web.pages import Page
from marquee.web.returning import choice_of_referrer, next_path, with_next
from marquee.web.storefront.account_forms import LogInForm, SignUpForm
from marquee.web.storefront.form_pages import FormPage
from marquee.web.storefront.holds import move_holds_at_login

BACKEND = "marquee.accounts.backends.RateLimitedBackend"


class LoginPage(FormPage):
    """The base of pages that begin a session, and lead to the page that `next` names."""

    name: ClassVar[str]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form. Whoever is logged in is led on."""
        if self.account:
            return HttpResponseRedirect(next_path(request) or "/")
        if choice := choice_of_referrer(request):
            return HttpResponseRedirect(with_next(self.name, choice))
        return super().get(request)

    def next_after_login(self) -> str:
        """Return the page that this one leads to."""
        return next_path(self.request)

    def begin(self, user: User) -> HttpResponseBase:
        """Log in who gave the right password, or ask for the second factor that the account has."""
        if second_factors.has_factor(user.pk):
            browser_sessions.wait_for_factor(self.request, user)
            return HttpResponseRedirect(with_next("log-in-second-factor", next_path(self.request)))
        return self.enter(user)

    def enter(self, user: User) -> HttpResponseBase:
        """Begin a session under a new key, take over what this browser holds, and lead on.

        Whose role demands a second factor, but has none, is led to where one is added first.
        """
        login(self.request, user, backend=BACKEND)
        if references := ", ".join(move_holds_at_login(self.request, user).refused):
            text = _(
                "The seats of %(references)s stay held, but not for your account, which would have too many "
                "seats of that show. You can book them as a guest."
            )
            messages.warning(self.request, text % {"references": references}, extra_tags="alert")
        leads_to = next_path(self.request)
        if second_factors.is_missing(user):
            return HttpResponseRedirect(with_next("second-factor", leads_to))
        return HttpResponseRedirect(leads_to or "/")


class LogInView(LoginPage):
    """`/log-in/?next=`."""

    name, template, form_class = "log-in", "storefront/log_in.html", LogInForm

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Log in. Refuses with Busy, TooManyAttempts or BadCredentials."""
        networks = client_networks(self.request.META)
        return self.begin(
            authenticate(email=fields["email"], password=fields["password"], networks=networks)
        )


class SignUpView(LoginPage):
    """`/sign-up/?next=`."""

    name, template, form_class = "sign-up", "storefront/sign_up.html", SignUpForm

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Open an account, and log in to it. Refuses as `open_account` does."""
        user = open_account(
            email=fields["email"],
            password=fields["password"],
            name=fields["name"],
            networks=client_networks(self.request.META),
            language=language_of(self.request),
        )
        response = self.begin(user)
        text = _("Welcome. A mail is on its way to %(address)s: its link verifies the address.")
        messages.success(self.request, text % {"address": user.address}, extra_tags="mail")
        return response


class LogOutView(Page):
    """`/log-out/?next=`."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Offer the button. Whoever is not logged in is led on."""
        if self.account is None:
            return HttpResponseRedirect(next_path(request) or "/")
        return self.render("storefront/log_out.html", leads_to=next_path(request))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """End the session of this browser, and lead to the page that `next` names, such as a checkout."""
        logout(request)
        messages.success(request, _("You are logged out."))
        return HttpResponseRedirect(next_path(request) or "/")
