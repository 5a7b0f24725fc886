"""The second step of a login: for accounts that have a second factor."""

from http import HTTPStatus
from typing import Any, cast

import orjson
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import ngettext

from marquee.accounts import browser_sessions, second_factors
from marquee.accounts.errors import TooManyCodes
from marquee.accounts.models import User
from marquee.accounts.operations import check_code, check_passkey, passkey_question
from marquee.accounts.permissions import Audience
from marquee.accounts.rate_limits import client_networks
from marquee.core.errors import Refused
from marquee.web.returning import next_path, with_next
from marquee.web.storefront.logging_in import LoginPage
from marquee.web.storefront.second_factor_forms import RecoveryStepForm, SecondStepForm

QUESTION = "passkey_question"


class SecondStepPage(LoginPage):
    """The base of pages after the password, for nobody else."""

    audience = Audience.ACCOUNT
    is_exhausted = False

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

    @property
    def user(self) -> User:
        """Whose second step this is."""
        return cast("User", self.waiting)

    def context(self) -> dict[str, Any]:
        """Return where the login leads, and whether the account has had too many wrong codes."""
        return {"leads_to": next_path(self.request), "is_exhausted": self.is_exhausted}

    def _refused(self, form: Form, refusal: Refused) -> HttpResponse:
        self.is_exhausted = isinstance(refusal, TooManyCodes)
        return super()._refused(form, refusal)

    def check_code(self, code: str) -> HttpResponseBase:
        """Log in by a code. Refuses with TooManyAttempts or WrongCode."""
        check_code(user=self.user, code=code, networks=client_networks(self.request.META))
        return self.enter_verified()

    def enter_verified(self) -> HttpResponseBase:
        """Begin a session that had the factor."""
        response = self.enter(self.user)
        browser_sessions.mark_verified(self.request.session)
        return response


class SecondStepView(SecondStepPage):
    """`/log-in/second-factor/?next=`: a code of an app, or a passkey."""

    name, template = "log-in-second-factor", "storefront/log_in_second_factor.html"
    form_class = SecondStepForm

    def show(self, form: Form, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Return the page. The code has the focus, unless there is a passkey, which is tried first."""
        if not second_factors.has_passkey(self.user.pk):
            form.fields["code"].widget.attrs["autofocus"] = True
        return super().show(form, status=status)

    def context(self) -> dict[str, Any]:
        """Return which factors there are, and what asks for a passkey."""
        return super().context() | {
            "question": self.question() if second_factors.has_passkey(self.user.pk) else "",
            "has_app": second_factors.has_authenticator(self.user.pk),
        }

    def question(self) -> str:
        """Return a question that a browser answers by a passkey: a new one each time."""
        question, self.request.session[QUESTION] = passkey_question(user=self.user)
        return orjson.dumps(question).decode()

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Check the factor, and log in. Refuses with TooManyAttempts, WrongCode or BadPasskey."""
        if not fields["passkey"]:
            return self.check_code(fields["code"])
        state = self.request.session.pop(QUESTION, None)
        check_passkey(user=self.user, state=state, answer=fields["passkey"])
        return self.enter_verified()


class RecoveryStepView(SecondStepPage):
    """`/log-in/second-factor/recovery-code/?next=`."""

    name, template = "log-in-recovery-code", "storefront/log_in_recovery_code.html"
    form_class = RecoveryStepForm

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Log in by a recovery code, and say how many are left. Refuses as `check_code` does."""
        response, left = (
            self.check_code(fields["code"]),
            second_factors.recovery_codes_left(self.user),
        )
        text = ngettext(
            "%(left)s recovery code is left. If you have lost a factor, remove it, and add another.",
            "%(left)s recovery codes are left. If you have lost a factor, remove it, and add another.",
            left,
        )
        messages.warning(self.request, text % {"left": left}, extra_tags="alert")
        return response
