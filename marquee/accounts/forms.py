"""What all forms with a password share: no longer password is hashed than any account has."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.validators import MaxLengthValidator

from marquee.accounts import rules


class LimitedPasswordsMixin:
    """Refuses passwords that are too long, beside their fields, before anything is hashed."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field.widget, forms.PasswordInput):
                validator = MaxLengthValidator(rules.MAX_PASSWORD_LENGTH, rules.PASSWORD_TOO_LONG)
                field.validators.append(validator)


class LoginForm(LimitedPasswordsMixin, AdminAuthenticationForm):
    """The login of the admin."""
