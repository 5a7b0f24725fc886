"""Accounts and tokens as JSON."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from marquee.accounts import tokens
from marquee.accounts.models import StaffRole, User
from marquee.accounts.rules import MAX_CODE_LENGTH, MAX_PASSWORD_LENGTH
from marquee.accounts.states import Role
from marquee.accounts.tokens import TokenPair
from marquee.api.serializers.strict import StrictModelSerializer, StrictSerializer
from marquee.booking.states import UpcomingBookings
from marquee.core import zones
from marquee.core.email_addresses import normalise_email
from marquee.core.validators import validate_one_address

# Twice as long as ours, so that a token with something pasted behind it is a bad link.
LINK_TOKEN_LENGTH = 100


class EmailField(serializers.EmailField):
    """An email address, validated as it is stored: composed, in lower case, which can be longer."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)
        self.validators.append(validate_one_address)

    def to_internal_value(self, data: Any) -> str:
        """Return the email address as it is stored."""
        return normalise_email(super().to_internal_value(data))


class PasswordField(serializers.CharField):
    """A password. Every character counts, spaces too. It is never returned."""

    is_secret = True

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=MAX_PASSWORD_LENGTH, trim_whitespace=False, write_only=True, **options
        )


class TimeZoneField(serializers.CharField):
    """The time zone of a browser, for its owner to recognise the login by."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            max_length=64,
            help_text="The time zone of the client, for the list of logins, such as `Europe/Vienna`.",
        )

    def to_internal_value(self, data: Any) -> str:
        """Return the time zone. Raises ValidationError unless the IANA data has the name."""
        zone: str = super().to_internal_value(data)
        if not zones.is_known(zone):
            raise serializers.ValidationError(
                f"{zone} is no time zone of the IANA data: write one like Europe/Vienna, or leave it out."
            )
        return zone


class TokenField(serializers.CharField):
    """The token of a link from a mail: text of some forty characters."""

    is_secret = True

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LINK_TOKEN_LENGTH, write_only=True, **options)


class CodeField(serializers.CharField):
    """A code of a second factor."""

    is_secret = True

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=MAX_CODE_LENGTH,
            write_only=True,
            help_text="For an account with a second factor: six digits of the authenticator app, or a "
            "recovery code. Each works once.",
            **options,
        )


class SignUpSerializer(StrictSerializer):
    """A new account."""

    email = EmailField()
    password = PasswordField(
        help_text="At least 8 characters, no common password, not your own name."
    )
    name = serializers.CharField(max_length=150)
    time_zone = TimeZoneField()


class LinkSerializer(StrictSerializer):
    """The token of a link from a mail."""

    token = TokenField()


class ResetRequestSerializer(StrictSerializer):
    """The email address of an account whose password is forgotten."""

    email = EmailField()


class ResetSerializer(LinkSerializer):
    """The token of a link from a mail, and a new password."""

    password = PasswordField(
        help_text="At least 8 characters, no common password, not your own name."
    )


class LogInSerializer(StrictSerializer):
    """An email address and a password to log in with."""

    email = EmailField()
    password = PasswordField()
    code = CodeField(required=False)
    time_zone = TimeZoneField()


class RefreshSerializer(StrictSerializer):
    """A refresh token to exchange or to revoke."""

    refresh = serializers.CharField(max_length=tokens.MAX_TOKEN_LENGTH)


@extend_schema_serializer(component_name="Pair")
class TokenPairSerializer(StrictSerializer):
    """`access` goes into `Authorization: Bearer` and expires in minutes; `refresh` gets the next pair."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class StaffRoleSerializer(serializers.Serializer[StaffRole]):
    """A role of a member of staff."""

    role = serializers.ChoiceField(Role.choices, help_text="What they do there.")
    cinema = serializers.IntegerField(
        allow_null=True, help_text="The id of a cinema, or null for all cinemas."
    )


class UserSerializer(StrictModelSerializer):
    """A profile of an account or a guest."""

    email = serializers.EmailField(
        source="address",
        read_only=True,
        help_text="The login name of an account; for a guest, where its mail goes.",
    )
    email_verified = serializers.BooleanField(
        source="is_email_verified",
        read_only=True,
        help_text="Whether a link proved that its owner reads the address.",
    )
    pending_email = serializers.SerializerMethodField(
        help_text="The address that replaces `email` once a link mailed there was used, or null."
    )
    is_guest = serializers.BooleanField(
        read_only=True, help_text="Whether this is a guest, who has no password and no login."
    )

    roles = serializers.SerializerMethodField(
        help_text="What a member of staff does, and at which cinema; `null` is all. Administrators need none."
    )

    class Meta:
        model = User
        fields = read_only_fields = [
            "id",
            "email",
            "email_verified",
            "pending_email",
            "name",
            "language",
            "is_guest",
            "is_staff",
            "roles",
            "created_at",
        ]
        extra_kwargs = {
            "language": {
                "help_text": "The language of mails and pages. Empty: that of `Accept-Language`."
            }
        }

    @extend_schema_field(StaffRoleSerializer(many=True))
    def get_roles(self, user: User) -> list[dict[str, Any]]:
        """Return the roles of a member of staff; none, without a query, of anybody else."""
        return [
            {"role": role.role, "cinema": role.cinema_id}
            for role in (user.roles.all() if user.is_staff else ())
        ]

    def get_pending_email(self, user: User) -> str | None:
        """Return the address that is asked for, or None."""
        return user.pending_email or None


class ProfileSerializer(StrictSerializer):
    """A change of a profile. Fields left out keep their values."""

    email = EmailField(
        required=False,
        help_text=(
            "Another one needs the `password`, too, and is pending until a link that is mailed there is "
            "used. The present one drops a pending one."
        ),
    )
    name = serializers.CharField(max_length=150, required=False)
    language = serializers.ChoiceField(
        settings.LANGUAGES,
        required=False,
        help_text="The language of mails and pages.",
    )
    password = PasswordField(required=False, help_text="The account's password.")


@extend_schema_serializer(component_name="AccountDeletion")
class AccountDeletionSerializer(StrictSerializer):
    """The deletion of one's own account."""

    password = PasswordField(
        required=False, help_text="The account's password. A guest has none, and leaves it out."
    )
    bookings = serializers.ChoiceField(
        [(choice.value, choice.value) for choice in UpcomingBookings],
        required=False,
        help_text=(
            "What becomes of confirmed bookings for shows that have not ended: `cancel` those that may "
            "still be cancelled, or `keep` them. Compulsory if there are any."
        ),
    )


class LinkDeletionSerializer(LinkSerializer):
    """The token of a link that deletes a guest's data, and what becomes of its bookings."""

    bookings = serializers.ChoiceField(
        [(choice.value, choice.value) for choice in UpcomingBookings],
        required=False,
        help_text="As for `me/delete/`.",
    )


@extend_schema_serializer(component_name="SignedUp")
class SignedUpSerializer(TokenPairSerializer):
    """A new profile, logged in."""

    user = UserSerializer()


@extend_schema_serializer(component_name="Password")
class PasswordChangeSerializer(StrictSerializer):
    """A new password, with the old one as proof."""

    old_password = PasswordField()
    new_password = PasswordField()


def serialize_tokens(pair: TokenPair) -> dict[str, str]:
    """Return a pair of tokens as API clients see it."""
    return {"access": pair.access, "refresh": pair.refresh}
