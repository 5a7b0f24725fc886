"""One's own second factors: add, remove, and get new recovery codes. For staff (DESIGN 9)."""

from base64 import b32encode
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.util import random_hex

from marquee.accounts import authenticator_keys, browser_sessions, login_sessions, second_factors
from marquee.accounts.errors import BadPasskey
from marquee.accounts.operations import (
    add_authenticator,
    add_passkey,
    passkey_to_make,
    remove_factor,
    renew_recovery_codes,
)
from marquee.accounts.rate_limits import client_networks
from marquee.accounts.second_factors import Factor
from marquee.accounts.states import FactorKind
from marquee.web.language import language_of
from marquee.web.qr import qr_code
from marquee.web.returning import next_path, with_next
from marquee.web.storefront.devices import device_label, time_ago
from marquee.web.storefront.form_pages import AccountPage, FormPage
from marquee.web.storefront.profile import account_page
from marquee.web.storefront.second_factor_forms import (
    MAX_ANSWER_LENGTH,
    NAME_LENGTH,
    AuthenticatorForm,
    NewPasskeyForm,
    PasswordProofForm,
)

# What the session keeps until the factor is added: the key of an app, the question about a passkey.
KEY, NEW_PASSKEY = "authenticator_key", "new_passkey"
KINDS: dict[FactorKind, str | Promise] = {
    FactorKind.AUTHENTICATOR: gettext_lazy("Authenticator app"),
    FactorKind.PASSKEY: gettext_lazy("Passkey"),
}


class FactorPage(AccountPage):
    """A page for staff, and for others who still have a factor; verified, if there is one."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the page, or lead to the second step of the login; customers, to their account."""
        user: Any = request.user
        if not user.is_authenticated:
            return super().dispatch(request, *args, **kwargs)
        has_factor = second_factors.has_factor(user.pk)
        if not (user.is_staff or has_factor):
            return account_page()
        if has_factor and not browser_sessions.is_verified(request.session):
            return HttpResponseRedirect(with_next("log-in-second-factor", request.get_full_path()))
        return super().dispatch(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        """Return where the pages lead in the end."""
        return {"leads_to": next_path(self.request)}

    def overview(self) -> HttpResponseBase:
        """Lead to the list of factors, or on."""
        return HttpResponseRedirect(next_path(self.request) or with_next("second-factor", ""))

    def added(self, codes: list[str]) -> HttpResponseBase:
        """Stay logged in with the new factor. Show the recovery codes once, or lead on."""
        update_session_auth_hash(self.request, self.user)
        browser_sessions.mark_verified(self.request.session)
        messages.success(self.request, _("The second factor is added."))
        return self.show_codes(codes) if codes else self.overview()

    def show_codes(self, codes: list[str]) -> HttpResponseBase:
        """Return the page with new recovery codes. Nobody can see them again."""
        lines = [f"{_('Recovery codes')}: Marquee, {self.user.address}", "", *codes, ""]
        return self.render(
            "storefront/recovery_codes.html", codes=codes, file="\n".join(lines), **self.context()
        )


class SecondFactorView(FactorPage):
    """`/account/second-factor/`."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """List the factors."""
        language, now = language_of(request), timezone.now()
        factors = [
            {
                "kind": factor.kind,
                "label": KINDS[factor.kind],
                "id": factor.id,
                "name": factor.name,
                "used": factor.last_used_at and time_ago(factor.last_used_at, now, language),
            }
            for factor in second_factors.factors_of(self.user)
        ]
        return self.render(
            "storefront/second_factor.html",
            factors=factors,
            codes_left=second_factors.recovery_codes_left(self.user),
            is_demanded=second_factors.is_demanded(self.user),
            **self.context(),
        )


class AuthenticatorView(FactorPage, FormPage):
    """`/account/second-factor/authenticator/`."""

    template, form_class = "storefront/second_factor_authenticator.html", AuthenticatorForm

    @property
    def key(self) -> str:
        """The key of the new app, in hex: the same until it is added. The session has it sealed."""
        session, user_id = self.request.session, self.user.pk
        key = authenticator_keys.unseal(session[KEY], user_id=user_id) if KEY in session else None
        if key is None:
            key = random_hex(20)
            session[KEY] = authenticator_keys.seal(key, user_id=user_id)
        return key

    def initial(self) -> dict[str, Any]:
        """Return the usual name."""
        return {"name": KINDS[FactorKind.AUTHENTICATOR]}

    def context(self) -> dict[str, Any]:
        """Return the key as people type it, as a link that opens an app, and as a QR code of that link."""
        secret = b32encode(bytes.fromhex(self.key)).decode()
        label = quote(f"{settings.OTP_TOTP_ISSUER}:{self.user.address}")
        query = urlencode({"secret": secret, "issuer": settings.OTP_TOTP_ISSUER})
        link = f"otpauth://totp/{label}?{query}"
        return super().context() | {
            "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
            "link": link,
            "qr": qr_code(link),
        }

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Add the app. Refuses as the operation does."""
        codes = add_authenticator(
            user=self.user,
            key=self.key,
            networks=client_networks(self.request.META),
            language=language_of(self.request),
            **fields,
        )
        del self.request.session[KEY]
        return self.added(codes)


class PasskeyView(FactorPage, FormPage):
    """`/account/second-factor/passkey/`: asks for the name and the password, then the browser makes it."""

    template, form_class = "storefront/second_factor_passkey.html", NewPasskeyForm

    def initial(self) -> dict[str, Any]:
        """Return a name of this device."""
        user_agent = login_sessions.device_of(self.request.META).user_agent
        return {"name": device_label(user_agent)[:NAME_LENGTH]}

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Have the browser make it. Refuses as the operation does."""
        networks = client_networks(self.request.META)
        question, state = passkey_to_make(
            user=self.user, password=fields["password"], networks=networks
        )
        self.request.session[NEW_PASSKEY] = fields["name"], state
        return self.render(
            "storefront/second_factor_make_passkey.html",
            question=orjson.dumps(question).decode(),
            **self.context(),
        )


class MakePasskeyView(FactorPage):
    """`/account/second-factor/passkey/make/`: takes the passkey that the browser has made."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Begin anew."""
        return HttpResponseRedirect(with_next("add-passkey", next_path(request)))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Add the passkey, or begin anew."""
        name, state = request.session.pop(NEW_PASSKEY, ("", None))
        answer = request.POST.get("passkey", "")[:MAX_ANSWER_LENGTH]
        try:
            codes = add_passkey(
                user=self.user,
                state=state,
                answer=answer,
                name=name,
                language=language_of(request),
            )
        except BadPasskey:
            messages.error(
                request, _("This passkey was not accepted. Try again."), extra_tags="alert"
            )
            return self.get(request)
        return self.added(codes)


class RecoveryCodesView(FactorPage, FormPage):
    """`/account/second-factor/recovery-codes/`."""

    template, form_class = "storefront/recovery_codes_renew.html", PasswordProofForm

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Show new codes, which replace the old ones. Refuses as the operation does."""
        networks = client_networks(self.request.META)
        return self.show_codes(
            renew_recovery_codes(
                user=self.user, networks=networks, language=language_of(self.request), **fields
            )
        )


class RemoveFactorView(FactorPage, FormPage):
    """`/account/second-factor/<kind>/<id>/remove/`."""

    template, form_class = "storefront/second_factor_remove.html", PasswordProofForm
    kind = FactorKind.AUTHENTICATOR  # what `as_view` passes in must be an attribute of the class

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the page. The id stays out of the methods, which all forms share."""
        self.factor_id: int = kwargs.pop("factor_id")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Ask, or lead to the list, if the account has no such factor or not any more."""
        if self.factor is None:
            return HttpResponseRedirect(with_next("second-factor", ""))
        return super().get(request)

    @property
    def factor(self) -> Factor | None:
        """The factor, if it is one of the account."""
        own = list(second_factors.factors_of(self.user))
        self.is_last = len(own) == 1
        chosen = (one for one in own if (one.kind, one.id) == (self.kind, self.factor_id))
        return next(chosen, None)

    def context(self) -> dict[str, Any]:
        """Return the factor, and what follows."""
        factor = self.factor
        return super().context() | {
            "factor": factor,
            "label": KINDS[self.kind],
            "is_last": self.is_last,
            "is_demanded": second_factors.is_demanded(self.user),
        }

    def submit(self, fields: dict[str, Any]) -> HttpResponseBase:
        """Remove it. Refuses as the operation does."""
        remove_factor(
            user=self.user,
            kind=self.kind,
            factor_id=self.factor_id,
            networks=client_networks(self.request.META),
            language=language_of(self.request),
            **fields,
        )
        messages.success(self.request, _("The second factor is removed."))
        return HttpResponseRedirect(with_next("second-factor", ""))
