"""The forms of second factors."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marquee.accounts.rules import MAX_CODE_LENGTH
from marquee.core.validators import validate_line
from marquee.web.storefront.account_forms import password_field
from marquee.web.storefront.forms import LineField

NAME_LENGTH = 64
# Far more than any browser's answer about a passkey.
MAX_ANSWER_LENGTH = 20_000


class CodeField(forms.CharField):
    """A code, with these attributes of its widget."""

    def __init__(
        self, *, label: Any, required: bool = True, help_text: Any = "", **attrs: Any
    ) -> None:
        usual = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}
        super().__init__(
            required=required,
            label=label,
            help_text=help_text,
            max_length=MAX_CODE_LENGTH,
            error_messages={"required": _("Type the code.")},
            widget=forms.TextInput(attrs=usual | attrs),
        )


# A phone shows its digits, and offers a code that it has.
OF_APP: Any = {"autocomplete": "one-time-code", "inputmode": "numeric"}


class FactorNameField(LineField):
    """A name by which the owner recognises a factor."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Name"),
            help_text=_("By which you recognise it later, such as the name of the phone."),
            max_length=NAME_LENGTH,
            validators=[validate_line],
            error_messages={"required": _("Type a name.")},
        )


class SecondStepForm(forms.Form):
    """The second step of a login: a code of an app, or what the browser answers about a passkey."""

    code = CodeField(
        required=False,
        label=_("Code"),
        help_text=_("Six digits from your authenticator app."),
        **OF_APP,
    )
    # A script writes it.
    passkey = forms.CharField(
        required=False, max_length=MAX_ANSWER_LENGTH, label=_("Passkey"), widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, Any]:
        """Return the fields. Raises ValidationError without either."""
        fields = super().clean() or {}
        if not self.errors and not (fields["code"] or fields["passkey"]):
            self.add_error("code", self.fields["code"].error_messages["required"])
        return fields


class RecoveryStepForm(forms.Form):
    """The second step of a login, by a recovery code."""

    code = CodeField(
        label=_("Recovery code"),
        help_text=_("One of the ten that you have kept. Each works once."),
        autocomplete="off",
        autofocus=True,
    )


class AuthenticatorForm(forms.Form):
    """A new authenticator app, with a code of it and the password as proof."""

    code = CodeField(label=_("Code"), **OF_APP)
    name = FactorNameField()
    password = password_field(_("Your password"))


class NewPasskeyForm(forms.Form):
    """The name of a new passkey, and the password as proof."""

    name = FactorNameField()
    password = password_field(_("Your password"))


class PasswordProofForm(forms.Form):
    """The password as proof."""

    password = password_field(_("Your password"), autofocus=True)
