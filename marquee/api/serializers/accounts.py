"""Accounts and tokens as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from marquee.accounts import tokens
from marquee.accounts.models import User, normalise_email
from marquee.accounts.tokens import TokenPair
from marquee.api.serializers.strict import StrictModelSerializer, StrictSerializer

# Long enough for any sentence; hashing a longer one would only be work.
PASSWORD_LENGTH = 1000


class EmailField(serializers.EmailField):
    """An address, checked as it will be stored: lower case can be longer."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the address in lower case."""
        return normalise_email(super().to_internal_value(data))


class PasswordField(serializers.CharField):
    """A password: every character counts, spaces too, and it is never shown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=PASSWORD_LENGTH, trim_whitespace=False, write_only=True, **options
        )


class SignUpSerializer(StrictSerializer):
    """Who wants an account."""

    email = EmailField()
    password = PasswordField(help_text="At least 8 characters, no common word, not your own name.")
    name = serializers.CharField(max_length=150)


class LogInSerializer(StrictSerializer):
    """Who wants in."""

    email = EmailField()
    password = PasswordField()


class RefreshSerializer(StrictSerializer):
    """A refresh token, to be spent or given up."""

    refresh = serializers.CharField(max_length=tokens.MAX_TOKEN_LENGTH)


@extend_schema_serializer(component_name="Pair")
class TokenPairSerializer(StrictSerializer):
    """`access` goes into `Authorization: Bearer` and lives for minutes; `refresh` gets the next."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class UserSerializer(StrictModelSerializer):
    """A profile."""

    class Meta:
        model = User
        fields = read_only_fields = ["id", "email", "name", "is_staff", "created_at"]


class ProfileSerializer(StrictSerializer):
    """What to change of a profile; what is left out stays."""

    email = EmailField(required=False)
    name = serializers.CharField(max_length=150, required=False)


@extend_schema_serializer(component_name="SignedUp")
class SignedUpSerializer(TokenPairSerializer):
    """A new profile, logged in."""

    user = UserSerializer()


@extend_schema_serializer(component_name="Password")
class PasswordChangeSerializer(StrictSerializer):
    """A new password, and the old one as proof."""

    old_password = PasswordField()
    new_password = PasswordField()


def serialize_tokens(pair: TokenPair) -> dict[str, str]:
    """Return a pair of tokens as API clients see it."""
    return {"access": pair.access, "refresh": pair.refresh}
