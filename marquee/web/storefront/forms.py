"""The forms of the storefront: what was typed, and its errors beside the fields."""

from django import forms
from django.utils.translation import gettext_lazy as _

MAX_PASSWORD_LENGTH = 1000


class AddressForm(forms.Form):
    """An e-mail address."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )
