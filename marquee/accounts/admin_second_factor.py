"""What becomes of a login on the admin's own page, where that needs a second factor."""

from urllib.parse import urlencode

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from marquee.accounts import browser_sessions, second_factors
from marquee.accounts.permissions import is_administrator


def ask_for_factor(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response of the login, or lead to where the second factor is asked for or added.

    A session that a password alone began ends where the account has a factor, whoever's it is.
    """
    user = request.user
    if not user.is_authenticated or browser_sessions.is_verified(request.session):
        return response
    if second_factors.has_factor(user.pk):
        browser_sessions.wait_for_factor(request, user)
        return _lead_to("log-in-second-factor", request)
    if is_administrator(user) and second_factors.is_demanded(user):
        return _lead_to("second-factor", request)
    return response


def _lead_to(name: str, request: HttpRequest) -> HttpResponse:
    """Redirect to a page that leads on to where the login was to lead."""
    path = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({REDIRECT_FIELD_NAME: path})}")
