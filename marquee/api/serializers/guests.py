"""Guests as JSON."""

from rest_framework import serializers

from marquee.api.serializers.accounts import EmailField, TimeZoneField
from marquee.api.serializers.strict import StrictSerializer


class GuestSerializer(StrictSerializer):
    """Who books as a guest."""

    email = EmailField(help_text="Where mails about the bookings go.")
    name = serializers.CharField(max_length=150)
    time_zone = TimeZoneField()
