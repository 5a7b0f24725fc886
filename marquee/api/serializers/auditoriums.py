"""Auditoriums as JSON."""

from typing import Any

from rest_framework import serializers

from marquee.api.serializers.strict import (
    IntegerPKField,
    ListField,
    StrictModelSerializer,
    StrictSerializer,
)
from marquee.catalog.models import Auditorium, Cinema, SeatPlan


class AuditoriumWriteSerializer(StrictModelSerializer):
    """An auditorium as staff write it."""

    cinema = IntegerPKField(queryset=Cinema.objects.all())
    rows = ListField(
        child=serializers.CharField(max_length=200),
        max_length=200,
        help_text="The seat plan as text, one string for each row.",
    )

    class Meta:
        model = Auditorium
        fields = ["cinema", "name", "turnaround_minutes", "rows"]
        extra_kwargs = {"turnaround_minutes": {"default": 15}}
        validators: list[Any] = []  # the operation refuses a name that is taken


class AuditoriumSerializer(StrictSerializer):
    """An auditorium, with the seats that its next show will have."""

    id = serializers.IntegerField()
    cinema = serializers.IntegerField()
    name = serializers.CharField()
    turnaround_minutes = serializers.IntegerField(
        help_text="How long it stays free after every show."
    )
    rows = serializers.ListField(child=serializers.CharField())
    seats_total = serializers.IntegerField()
    plan_version = serializers.IntegerField(help_text="Increases with every change of the rows.")


def serialize_auditorium(auditorium: Auditorium, plan: SeatPlan) -> dict[str, Any]:
    """Return an auditorium as API clients see it."""
    return {
        "id": auditorium.pk,
        "cinema": auditorium.cinema_id,
        "name": auditorium.name,
        "turnaround_minutes": auditorium.turnaround_minutes,
        "rows": plan.rows,
        "seats_total": plan.seats_total,
        "plan_version": plan.version,
    }
