"""Which new passwords are refused: Django's validators, given what is hashed, and a maximum length.

`AUTH_PASSWORD_VALIDATORS` names them, so sign-up, changes, resets, the admin and commands use them all.
"""

from typing import Any

from django.contrib.auth import password_validation as django_validation
from django.core.exceptions import ValidationError

from marquee.accounts import rules
from marquee.core.text import canonical, opaque_string


class _NormalFormMixin:
    """Validates the form that is hashed: the same however a keyboard composes the password."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a password that is refused."""
        super().validate(opaque_string(password), user)  # type: ignore[misc]


class MaximumLengthValidator:
    """Refuses passwords that would cost CPU and gain nothing."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a password that is too long."""
        if rules.is_password_too_long(password):
            raise ValidationError(rules.PASSWORD_TOO_LONG, code="password_too_long")

    def get_help_text(self) -> str:
        """Return the rule for people."""
        return f"Your password can have at most {rules.MAX_PASSWORD_LENGTH:,} characters."


class UserAttributeSimilarityValidator(
    _NormalFormMixin, django_validation.UserAttributeSimilarityValidator
):
    """Refuses passwords like the user's name or e-mail address."""


class MinimumLengthValidator(_NormalFormMixin, django_validation.MinimumLengthValidator):
    """Refuses short passwords."""


class NumericPasswordValidator(_NormalFormMixin, django_validation.NumericPasswordValidator):
    """Refuses numbers."""


class CommonPasswordValidator(django_validation.CommonPasswordValidator):
    """Refuses the passwords of Django's list, in upper or lower case, and in wide or other letter forms."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a common password."""
        super().validate(canonical(opaque_string(password)), user)
