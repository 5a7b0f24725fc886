"""Pages with a form that an operation answers, and pages for whom is logged in."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from marquee.accounts.errors import TooManyAttempts
from marquee.accounts.models import User
from marquee.accounts.permissions import Audience
from marquee.core.errors import Refused
from marquee.web.language import language_of
from marquee.web.pages import Page
from marquee.web.rendering import complete
from marquee.web.returning import with_next
from marquee.web.storefront.account_forms import add_refusal


class FormPage(Page):
    """A page with one form. What is refused is shown beside its field, with what was typed."""

    template: ClassVar[str]
    form_class: ClassVar[type[Form]]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form."""
        return self.show(self.form_class(initial=self.initial()))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Do what the form asks for. Refuses as the operation does."""
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.show(form, status=HTTPStatus.BAD_REQUEST)
        try:
            return self.submit(form.cleaned_data)
        except Refused as refusal:
            if not add_refusal(form, refusal):
                raise
            return self._refused(form, refusal)

    def initial(self) -> dict[str, Any]:
        """Return what the form shows at first."""
        return {}

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Call the operation with what was typed, and return the response."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """Return what the template needs beside the `form`."""
        return {}

    def show(self, form: Form, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Return the page. The list of errors has the focus, if there are any, else the first field."""
        if form.errors:
            for field in form.fields.values():
                field.widget.attrs.pop("autofocus", None)
        return self.render(self.template, status=status, form=form, **self.context())

    def _refused(self, form: Form, refusal: Refused) -> HttpResponse:
        if isinstance(refusal, TooManyAttempts):
            response = self.show(form, status=HTTPStatus.TOO_MANY_REQUESTS)
            response["Retry-After"] = str(refusal.facts["retry_after"])
            return response
        return self.show(form, status=HTTPStatus.BAD_REQUEST)


class AccountPage(Page):
    """A page for whom is logged in. Others log in first, and are led back."""

    audience = Audience.ACCOUNT

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the response of the page, or redirect to the login."""
        user: Any = request.user
        if user.is_authenticated:
            return super().dispatch(request, *args, **kwargs)
        return complete(
            HttpResponseRedirect(with_next("log-in", request.path)), language_of(request)
        )

    @property
    def user(self) -> User:
        """The account that is logged in."""
        user: Any = self.request.user
        account: User = user
        return account
