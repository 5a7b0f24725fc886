"""The forms of accounts, and what they say about refusals: operations write theirs for API clients."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from marquee.accounts.errors import TooManyAttempts, TooManyCodes
from marquee.accounts.rules import MAX_PASSWORD_LENGTH, NAME_LENGTH
from marquee.core.errors import Refused
from marquee.core.validators import validate_line
from marquee.web.storefront.forms import AddressForm, ClosingForm, LineField, NewPasswordForm

LONG_WAIT_SECONDS, VERY_LONG_WAIT_SECONDS = 90, 7200
# The field that a refusal is about, or None for the form as a whole, and what stands beside it.
REFUSALS: Mapping[str, tuple[str | None, str | Promise]] = {
    "bad_credentials": (None, _("The address and the password do not belong together.")),
    "wrong_password": ("password", _("This is not your password.")),
    "wrong_code": (
        "code",
        _("This code is wrong, out of date, or used already. Type another one."),
    ),
    "bad_passkey": (None, _("This passkey was not accepted. Try again.")),
    "password_required": ("password", _("Type your password.")),
    "email_taken": (
        "email",
        _("There is an account with this address already. Log in, or set a new password."),
    ),
    "upcoming_bookings": ("bookings", _("Choose one of the two.")),
}


def add_refusal(form: forms.Form, refusal: Refused) -> bool:
    """Show a refusal beside its field; return False for one that the form has no words for."""
    if isinstance(refusal, TooManyAttempts):
        form.add_error(None, f"{_why(refusal)} {_again(refusal.facts['retry_after'])}")
        return True
    field, text = REFUSALS.get(refusal.code, ("", ""))
    if refusal.code == "weak_password":  # Django has written it, in the reader's language
        field, text = "password", refusal.detail
    named = getattr(refusal, "field", None)
    field = named if named in form.fields else field
    if field is not None and field not in form.fields:
        return False
    form.add_error(field, str(text))
    return True


def _why(refusal: TooManyAttempts) -> str:
    """Return what was tried too often."""
    if isinstance(refusal, TooManyCodes):
        return gettext("Too many wrong codes were typed for this account.")
    return gettext("This was tried very often in a short time.")


def _again(seconds: int) -> str:
    """Return after how long to try again."""
    if seconds > VERY_LONG_WAIT_SECONDS:
        return gettext("Try again in about %(hours)s hours.") % {"hours": ceil(seconds / 3600)}
    if seconds > LONG_WAIT_SECONDS:
        return gettext("Try again in about %(minutes)s minutes.") % {"minutes": seconds // 60 + 1}
    return ngettext(
        "Try again in %(seconds)s second.", "Try again in %(seconds)s seconds.", seconds
    ) % {"seconds": seconds}


def password_field(label: Any, **attributes: Any) -> forms.CharField:
    """Return a field for the password of an account that exists."""
    return forms.CharField(
        label=label,
        max_length=MAX_PASSWORD_LENGTH,
        strip=False,
        error_messages={"required": _("Type your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"} | attributes),
    )


class NameField(LineField):
    """A person's name, as it is stored."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(
            label=_("Name"),
            max_length=NAME_LENGTH,
            validators=[validate_line],
            error_messages={
                "required": _("Type a name."),
                # Instead of the validator's, which names characters, and in English alone.
                "invalid": _("Write the name in letters that everybody can see."),
            },
            widget=forms.TextInput(attrs={"autocomplete": "name"} | attributes),
        )


class LogInForm(AddressForm):
    """An address and a password to log in with."""

    password = password_field(_("Password"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].widget.attrs["autocomplete"] = "username"


class ContactForm(AddressForm):
    """Who a guest is: a name, and an address for mails about the booking."""

    field_order = ("name", "email")
    name = NameField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        email = self.fields["email"]
        email.help_text = _("For the tickets, and for news about the show. Nothing else.")
        email.widget.attrs.pop("autofocus", None)


class SignUpForm(AddressForm, NewPasswordForm):
    """A new account."""

    name = NameField(autofocus=True)
    field_order = ("name", "email", "password", "again")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password"].label = _("Password")
        self.fields["again"].label = _("Password, once more")
        for field in ("email", "password"):
            self.fields[field].widget.attrs.pop("autofocus")


class ProfileForm(forms.Form):
    """What users change about themselves without a password."""

    name = NameField()
    language = forms.ChoiceField(label=_("Language of mails and pages"), choices=settings.LANGUAGES)


class EmailForm(AddressForm):
    """Another address, with the password as proof."""

    password = password_field(_("Your password"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].label = _("New e-mail address")


class PasswordForm(NewPasswordForm):
    """A new password, with the old one as proof."""

    old_password = password_field(_("Password so far"), autofocus=True)
    field_order = ("old_password", "password", "again")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password"].widget.attrs.pop("autofocus")


class DeletionForm(ClosingForm):
    """The password, and what becomes of the bookings to come."""

    password = password_field(_("Your password"))
