"""Formats of projection as JSON."""

from typing import Any

from rest_framework import serializers

from marquee.api.serializers.strict import StrictModelSerializer, StrictSerializer
from marquee.catalog.models import Format

MAX_POSITION = 32_767  # PostgreSQL's column takes no more; without it, SQLite would take 64 bits


class FormatWriteSerializer(StrictModelSerializer):
    """A format as staff write it."""

    class Meta:
        model = Format
        fields = ["code", "name", "position"]
        extra_kwargs = {"position": {"default": 100, "max_value": MAX_POSITION}}
        validators: list[Any] = []  # the operation refuses a code that is taken


class FormatSerializer(StrictSerializer):
    """A format of projection."""

    id = serializers.IntegerField()
    code = serializers.CharField(help_text="What shows name it by: IMAX, 35mm.")
    name = serializers.CharField(help_text="What people read: 35 mm.")
    position = serializers.IntegerField(help_text="Its place in lists.")


def serialize_format(row: Format) -> dict[str, Any]:
    """Return a format as API clients see it."""
    return {name: getattr(row, name) for name in ("id", "code", "name", "position")}
