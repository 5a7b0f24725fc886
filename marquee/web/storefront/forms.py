"""The forms of the storefront: what was typed, and its errors beside the fields."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marquee.accounts.rules import MAX_PASSWORD_LENGTH
from marquee.booking.states import UpcomingBookings
from marquee.core.email_addresses import normalise_email
from marquee.core.text import tidy
from marquee.core.validators import validate_one_address

ADDRESS_LENGTH = 254
NO_ADDRESS = _("Type an e-mail address, such as name@example.com.")


class LineField(forms.CharField):
    """A line of text of a limited length, as it is stored."""

    max_length: int

    def to_python(self, value: Any) -> str:
        """Return the text in its normal form, which can be longer than it was typed.

        One that is too long stays as it is, as composing takes the square of its length: a minute for one request.
        """
        text = super().to_python(value) or ""
        return text if len(text) > self.max_length else tidy(text)


class AddressForm(forms.Form):
    """An e-mail address."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=ADDRESS_LENGTH,
        validators=[validate_one_address],
        # For German, Django has only the informal address.
        error_messages={"required": NO_ADDRESS, "invalid": NO_ADDRESS},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )

    def clean_email(self) -> str:
        """Return the address as it was typed. Its normal form, which is stored, can be longer."""
        email: str = self.cleaned_data["email"]
        if len(normalise_email(email)) > ADDRESS_LENGTH:
            raise forms.ValidationError(NO_ADDRESS)
        return email


class NewPasswordForm(forms.Form):
    """A new password. It is typed once and can be shown; without JavaScript it is typed twice."""

    password = forms.CharField(
        label=_("New password"),
        help_text=_(
            "At least 8 characters. A few words that only you would put together are good."
        ),
        max_length=MAX_PASSWORD_LENGTH,
        strip=False,
        error_messages={"required": _("Type a password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )
    again = forms.CharField(
        label=_("New password, once more"),
        required=False,
        max_length=MAX_PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """Return the repeated password. A browser with JavaScript does not send it."""
        again: str = self.cleaned_data["again"]
        first = self.cleaned_data.get("password", again)
        if "again" in self.data and again != first:
            raise forms.ValidationError(_("The two are not the same. Type both once more."))
        return again


class ClosingForm(forms.Form):
    """What becomes of the bookings to come, if there are any."""

    bookings = forms.ChoiceField(choices=UpcomingBookings.choices, required=False)
