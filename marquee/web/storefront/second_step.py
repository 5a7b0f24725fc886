"""The second step of a login: for accounts that have a second factor."""

from typing import Any, cast

import orjson
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.functional import cached_property

from marquee.accounts import browser_sessions, second_factors
from marquee.accounts.models import User
from marquee.accounts.operations import check_code, check_passkey, passkey_question
from marquee.accounts.permissions import Audience
from marquee.accounts.rate_limits import client_networks
from marquee.web.returning import next_path, with_next
from marquee.web.storefront.logging_in import LoginPage
from marquee.web.storefront.second_factor_forms import SecondStepForm

QUESTION = "passkey_question"


class SecondStepView(LoginPage):
    """`/log-in/second-factor/?next=`: after the password, for nobody else."""

    name, template = "log-in-second-factor", "storefront/log_in_second_factor.html"
    form_class = SecondStepForm
    audience = Audience.ACCOUNT

    @cached_property
    def waiting(self) -> User | None:
        """Who gave the right password, or is logged in without the factor that the account has."""
        account, session = self.account, self.request.session
        if account is None:
            return browser_sessions.waiting_user(session)
        is_due = not browser_sessions.is_verified(session) and second_factors.has_factor(account.pk)
        return account if is_due else None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the page, or lead to the login or on."""
        self.request = request
        if self.waiting is None:
            leads_to = next_path(request)
            is_done = self.account is not None
            return HttpResponseRedirect(
                leads_to or "/" if is_done else with_next("log-in", leads_to)
            )
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for the factor."""
        return self.show(self.form_class())

    def context(self) -> dict[str, Any]:
        """Return the question that a browser answers by a passkey, if there is one: a new one each time."""
        user = cast("User", self.waiting)
        if not second_factors.has_passkey(user.pk):
            return {"question": ""}
        question, self.request.session[QUESTION] = passkey_question(user=user)
        return {"question": orjson.dumps(question).decode()}

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Check the factor, and log in. Refuses with TooManyAttempts, WrongCode or BadPasskey."""
        user, session = cast("User", self.waiting), self.request.session
        if fields["passkey"]:
            check_passkey(user=user, state=session.pop(QUESTION, None), answer=fields["passkey"])
        else:
            networks = client_networks(self.request.META)
            check_code(user=user, code=fields["code"], networks=networks)
        response = self.enter(user)
        browser_sessions.mark_verified(session)
        return response
