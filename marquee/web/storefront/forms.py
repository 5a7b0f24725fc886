"""The forms of the storefront: what was typed, and its errors beside the fields."""

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from marquee.accounts.rules import MAX_PASSWORD_LENGTH
from marquee.booking.states import UpcomingBookings
from marquee.core.validators import validate_one_address


class AddressForm(forms.Form):
    """An e-mail address."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        validators=[validate_one_address],
        error_messages={"invalid": validate_email.message},  # Django translates it
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )


class NewPasswordForm(forms.Form):
    """A new password. It is typed once and can be shown; without JavaScript it is typed twice."""

    password = forms.CharField(
        label=_("New password"),
        help_text=_(
            "At least 8 characters. A few words that only you would put together are good."
        ),
        max_length=MAX_PASSWORD_LENGTH,
        strip=False,
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
