"""All that Marquee stores about a user, as JSON for that user.

`EXPORTED` and `LEFT_OUT` name every column that refers to a user; a test compares them with the models.
"""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from rest_framework import serializers

from marquee.accounts.models import AccountEvent, LoginSession, User
from marquee.accounts.second_factors import factors_of
from marquee.api.serializers.accounts import UserSerializer
from marquee.api.serializers.bookings import BookingSerializer, serialize_details
from marquee.api.serializers.strict import StrictSerializer
from marquee.booking.models import Booking, BookingEvent
from marquee.booking.queries import list_booking_details
from marquee.booking.states import Channel
from marquee.mail.models import Message
from marquee.mail.states import MailKind

EXPORTED = {
    "account_event.user",
    "booking.user",
    "login_session.user",
    "otp_totp_totpdevice.user",
    "django_otp_webauthn_webauthncredential.user",
}
AS_STAFF = "what a member of staff did is a record of the cinema"
LEFT_OUT = {
    "account_event.actor": AS_STAFF,
    "booking_event.actor": AS_STAFF,
    "django_admin_log.user": AS_STAFF,
    "staff_role.user": "the rights of staff are the cinema's",
    "account_groups.user": "the rights of staff are the cinema's",
    "account_user_permissions.user": "the rights of staff are the cinema's",
    "address_key.user": "a keyed hash of the address, which is exported",
    "account_link.user": "a hash of a link, which only its mail has",
    "otp_static_staticdevice.user": "hashes of recovery codes",
    "django_otp_webauthn_webauthnuserhandle.user": "a random id, which the passkeys have",
    "refresh_token.user": "a hash of a token, whose login is exported",
}
# These went to an address that somebody asked for. Which of them, or none, says whether an account has it.
MAILS_LEFT_OUT = [MailKind.CONFIRM_CHANGE, MailKind.ADDRESS_IN_USE]
# The columns of the account itself that are not exported.
COLUMNS_LEFT_OUT = {
    "password": "a hash that guards the account",
    "email_key": "computed from the address",
    "sort_name": "computed from the name",
    "search_text": "computed from name and address",
    "token_epoch": "a counter that ends tokens",
    "contact_email": "the `email` of a guest",
    "visitor": "what the cookie of the guest's own browser has",
    "was_account": "nobody has a token of such a guest",
    "is_active": "true: nobody else has a token",
    "is_superuser": "the rights of staff are the cinema's",
}


class ExportedEventSerializer(StrictSerializer):
    """An event of a history."""

    kind = serializers.CharField(help_text="What happened.")
    at = serializers.DateTimeField(help_text="When it happened, in UTC.")
    by = serializers.CharField(help_text="`customer`, `staff` or `worker`; empty if not recorded.")
    reason = serializers.CharField(help_text="Why, or empty.")


class ExportedAccountEventSerializer(ExportedEventSerializer):
    """An event of the account's history."""

    email = serializers.CharField(help_text="The address that it is about, while it is kept.")


class ExportedSessionSerializer(StrictSerializer):
    """A login."""

    user_agent = serializers.CharField(help_text="What the client says that it is.")
    time_zone = serializers.CharField(help_text="The time zone that it named, or empty.")
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()


class ExportedFactorSerializer(StrictSerializer):
    """A second factor, without its secret."""

    kind = serializers.CharField(help_text="`authenticator` or `passkey`.")
    name = serializers.CharField(help_text="The name that its owner gave it.")
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was last used to log in, or null."
    )


class ExportedBookingSerializer(BookingSerializer):
    """A booking with its terms and its history."""

    sold_starts_at = serializers.DateTimeField(help_text="When the show was to start.")
    language = serializers.CharField(help_text="The language of its mails.")
    events = ExportedEventSerializer(many=True, help_text="What happened to the booking.")


class ExportedMailSerializer(StrictSerializer):
    """A mail that was sent. Its text is not stored."""

    kind = serializers.CharField(help_text="What it was about.")
    sent_at = serializers.DateTimeField(help_text="When the mail server took it, in UTC.")


class ExportedProfileSerializer(UserSerializer):
    """The account itself."""

    email_verified_at = serializers.DateTimeField(
        allow_null=True, help_text="When the address was verified, or null."
    )
    last_login = serializers.DateTimeField(
        allow_null=True, help_text="The last login to a page by a browser."
    )

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "email_verified_at", "last_login"]
        read_only_fields = fields


class ExportSerializer(StrictSerializer):
    """All data of a user."""

    profile = ExportedProfileSerializer(help_text="The account or the guest.")
    sessions = ExportedSessionSerializer(many=True, help_text="Its logins.")
    second_factors = ExportedFactorSerializer(many=True, help_text="Its second factors.")
    events = ExportedAccountEventSerializer(many=True, help_text="The history of the account.")
    bookings = ExportedBookingSerializer(many=True, help_text="Its bookings, all of them.")
    mails = ExportedMailSerializer(many=True, help_text="The mails that were sent to it.")


def export(user: User) -> dict[str, Any]:
    """Return all data of a user, read by as many statements for one booking as for thousands.

    Bookings that a member of staff made at the counter are their customers' data.
    """
    return {
        "profile": ExportedProfileSerializer(user).data,
        "sessions": _rows(
            LoginSession.objects.filter(user=user).order_by("created_at", "pk"),
            *("user_agent", "time_zone", "created_at", "last_seen_at"),
        ),
        "second_factors": [
            {
                "kind": factor.kind,
                "name": factor.name,
                "created_at": _written(factor.created_at),
                "last_used_at": _written(factor.last_used_at),
            }
            for factor in factors_of(user)
        ],
        "events": _rows(
            AccountEvent.objects.filter(user=user), "kind", "at", "email", "by", "reason"
        ),
        "bookings": _bookings(user),
        "mails": _mails(user),
    }


def _bookings(user: User) -> list[dict[str, Any]]:
    rows = Booking.objects.filter(user=user).exclude(channel=Channel.COUNTER)
    own = {
        row["reference"]: row
        for row in rows.values("pk", "reference", "language", "sold_starts_at")
    }
    events: dict[int, list[dict[str, Any]]] = defaultdict(list)
    history = BookingEvent.objects.filter(booking__user=user)
    for event in _rows(history, "booking_id", "kind", "at", "by", "reason"):
        events[event.pop("booking_id")].append(event)
    return [
        serialize_details(details)
        | {
            "sold_starts_at": _written(row["sold_starts_at"]),
            "language": row["language"],
            "events": events[row["pk"]],
        }
        for details in list_booking_details(row["pk"] for row in own.values())
        for row in [own[details.reference]]
    ]


def _mails(user: User) -> list[dict[str, Any]]:
    of_bookings = Q(booking_event__booking__user=user) & ~Q(recipient="counter")
    sent = Message.objects.filter(of_bookings | Q(account_event__user=user), state="sent")
    return _rows(sent.exclude(kind__in=MAILS_LEFT_OUT), "kind", "sent_at")


def _rows(rows: Any, *columns: str) -> list[dict[str, Any]]:
    return [{name: _written(value) for name, value in row.items()} for row in rows.values(*columns)]


def _written(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
