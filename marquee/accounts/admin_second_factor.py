"""The second factor in the admin: what it means for a login there, and how another's is reset."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marquee.accounts import browser_sessions, operations, second_factors
from marquee.accounts.models import User
from marquee.accounts.permissions import is_administrator

RESET = "Reset the second factor"


class SecondFactorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """The part of a user's page that shows the factors, and the page that asks before it resets them."""

    @admin.display(description="second factor")
    def second_factor(self, user: User) -> SafeString:
        """Return the factors of an account, and a link to reset them."""
        factors = [(one.kind.label, one.name) for one in second_factors.factors_of(user)]
        if not factors:
            return format_html("{}", "None.")
        url = reverse("admin:accounts_user_reset_second_factor", args=[user.pk])
        names = format_html_join("", "{}: {}<br>", factors)
        return format_html('{}<a href="{}">{}</a>', names, url, RESET)

    def get_urls(self) -> list[Any]:
        """Add the page that resets it."""
        view = self.admin_site.admin_view(self.reset_second_factor)
        name = "accounts_user_reset_second_factor"
        return [path("<path:object_id>/second-factor/", view, name=name), *super().get_urls()]

    def reset_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, or reset the second factor of somebody else. Refuses as the operation does."""
        user: User | None = self.get_object(request, unquote(object_id))
        if user is None or not self.has_change_permission(request, user):
            raise PermissionDenied
        page = reverse("admin:accounts_user_change", args=[user.pk])
        if request.method != "POST":
            return self._ask(request, user, page)
        staff: Any = request.user
        operations.reset_second_factor(user=user, staff=staff)
        self.log_change(request, user, "Second factor reset.")
        messages.success(request, f"{user.address} has no second factor any more.")
        return HttpResponseRedirect(page)

    def _ask(self, request: HttpRequest, user: User, page: str) -> HttpResponse:
        context = {
            "title": f"{RESET}?",
            "verb": RESET,
            "explanation": (
                "Be sure who asks for it: then the password alone logs in. All factors and recovery codes "
                "are removed, and all logins end. A mail tells the owner."
            ),
            "named": [f"{user.address}, {user.name}"],
            "back": page,
            "opts": self.opts,
        }
        everything = self.admin_site.each_context(request) | context
        return TemplateResponse(request, "admin/confirm_first.html", everything)


def ask_for_factor(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response of the login, or lead to where the second factor is asked for or added.

    A session that a password alone began ends where the account has a factor, whoever's it is.
    """
    user = request.user
    if not user.is_authenticated:
        return response
    if second_factors.has_factor(user.pk):
        if browser_sessions.is_verified(request.session):
            return response
        browser_sessions.wait_for_factor(request, user)
        return _lead_to("log-in-second-factor", request)
    if is_administrator(user) and second_factors.is_demanded(user):
        return _lead_to("second-factor", request)
    return response


def _lead_to(name: str, request: HttpRequest) -> HttpResponse:
    """Redirect to a page that leads on to where the login was to lead."""
    path = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({REDIRECT_FIELD_NAME: path})}")
