"""Cinemas as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from marquee.api.serializers.strict import StrictModelSerializer, StrictSerializer
from marquee.catalog.models import Cinema
from marquee.catalog.queries import newest_plans
from marquee.catalog.states import SingleGaps

FIELDS = [
    "name",
    "city",
    "timezone",
    "currency",
    "cancel_until_minutes",
    "reminder_hours",
    "single_gaps",
    "address",
    "accessibility",
]


class CinemaWriteSerializer(StrictModelSerializer):
    """A cinema as staff write it."""

    class Meta:
        model = Cinema
        fields = FIELDS
        extra_kwargs = {
            "cancel_until_minutes": {"default": None},
            "reminder_hours": {"default": 0},
            "single_gaps": {"default": SingleGaps.ADVISE},
            "address": {"default": ""},
            "accessibility": {"default": ""},
        }
        validators: list[Any] = []  # the operation refuses a name that is taken


class ListedCinemaSerializer(StrictSerializer):
    """A cinema."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    city = serializers.CharField()
    timezone = serializers.CharField(
        help_text="IANA: Europe/Vienna. The times of its shows are in it."
    )
    currency = serializers.CharField(help_text="ISO 4217: EUR. Its prices are in it.")
    cancel_until_minutes = serializers.IntegerField(
        allow_null=True,
        help_text="Bookings can be cancelled until this many minutes before the show; null: the default.",
    )
    reminder_hours = serializers.IntegerField(
        help_text="Customers are reminded by mail so many hours before their show; 0: never."
    )
    single_gaps = serializers.ChoiceField(
        choices=SingleGaps.choices,
        help_text="What happens to a choice of seats that would leave one seat alone while a better one "
        "exists: nothing (`off`), the pages advise another one (`advise`), or it is refused (`refuse`).",
    )
    address = serializers.CharField(help_text="Where it is, in lines; may be empty.")
    accessibility = serializers.CharField(
        help_text="Steps, lifts, toilets, induction loops: what visitors want to know; may be empty."
    )


@extend_schema_serializer(component_name="RoomOfCinema")
class AuditoriumOfCinemaSerializer(StrictSerializer):
    """An auditorium in brief."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    seats_total = serializers.IntegerField()


class CinemaSerializer(ListedCinemaSerializer):
    """A cinema with its auditoriums."""

    auditoriums = AuditoriumOfCinemaSerializer(many=True)


def serialize_cinema(cinema: Cinema) -> dict[str, Any]:
    """Return a cinema as lists show it."""
    return {name: getattr(cinema, name) for name in ("id", *FIELDS)}


def serialize_cinema_with_auditoriums(cinema: Cinema) -> dict[str, Any]:
    """Return a cinema with its auditoriums."""
    auditoriums = list(cinema.auditoriums.all())
    plans = newest_plans([auditorium.pk for auditorium in auditoriums])
    return serialize_cinema(cinema) | {
        "auditoriums": [
            {
                "id": auditorium.pk,
                "name": auditorium.name,
                "seats_total": plans[auditorium.pk].seats_total,
            }
            for auditorium in auditoriums
            if auditorium.pk in plans  # else it was removed a moment ago
        ]
    }
