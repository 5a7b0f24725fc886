"""Logins as JSON."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from marquee.accounts.login_sessions import device_name
from marquee.accounts.models import LoginSession
from marquee.api.serializers.strict import StrictModelSerializer


@extend_schema_serializer(component_name="Login")
class LoginSessionSerializer(StrictModelSerializer):
    """A login: by tokens, or in a browser."""

    device = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="As the client says: a browser and a system. `null` if nothing is known.",
    )
    time_zone = serializers.CharField(
        read_only=True, allow_null=True, help_text="As the client said when it logged in."
    )
    current = serializers.BooleanField(
        read_only=True, help_text="Whether the access token of this request is of this login."
    )

    class Meta:
        model = LoginSession
        fields = read_only_fields = [
            "id",
            "device",
            "time_zone",
            "created_at",
            "last_seen_at",
            "current",
        ]


def serialize_login(login: LoginSession, *, current: UUID | None) -> dict[str, Any]:
    """Return a login as API clients see it. `current` is the login that the request belongs to."""
    return {
        "id": str(login.pk),
        "device": device_name(login.user_agent),
        "time_zone": login.time_zone or None,
        "created_at": login.created_at,
        "last_seen_at": login.last_seen_at,
        "current": login.pk == current,
    }
