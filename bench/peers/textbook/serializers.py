"""What comes in and goes out, checked and shaped by DRF's serializers."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from marquee.booking.models import Booking, Ticket
from marquee.catalog.models import Auditorium, Cinema, Movie, Show
from marquee.core.money import Money


class Strict(serializers.Serializer):
    """What is known, and nothing else."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse fields that are not known, which DRF would ignore."""
        if unknown := set(self.initial_data) - set(self.fields):
            raise serializers.ValidationError(dict.fromkeys(unknown, "There is no such field."))
        return attrs


class TicketWishSerializer(serializers.Serializer):
    """One ticket asked for."""

    seat = serializers.RegexField(r"^[0-9A-Za-z]{1,12}$")
    type = serializers.SlugField(max_length=20, required=False, allow_null=True)


class BookingRequestSerializer(Strict):
    """What a customer asks for."""

    tickets = TicketWishSerializer(many=True, allow_empty=False, max_length=100)
    hold = serializers.BooleanField(default=False)

    def validate_tickets(self, tickets: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse a seat that is named twice."""
        if len({ticket["seat"].upper() for ticket in tickets}) < len(tickets):
            raise serializers.ValidationError("A seat is named more than once.")
        return tickets


class LocalTimeField(serializers.DateTimeField):
    """A time by the clock of the cinema, which the context has."""

    def to_representation(self, value: Any) -> str | None:
        """Return it with the offset that the cinema's time zone has then."""
        zone = self.context["show"].auditorium.cinema.tzinfo
        return value and value.astimezone(zone).isoformat(timespec="seconds")


class MoneyField(serializers.IntegerField):
    """Minor units, in the currency of the booking, which the context has."""

    def to_representation(self, value: int) -> Mapping[str, str]:
        """Return the decimal amount with its currency."""
        currency = self.context["currency"]
        return {"amount": Money(value, currency).amount, "currency": currency}


class MovieSerializer(serializers.ModelSerializer):
    """A movie, in short."""

    class Meta:
        model = Movie
        fields = ["id", "title", "runtime_minutes", "certificate"]


class CinemaSerializer(serializers.ModelSerializer):
    """A cinema, in short."""

    class Meta:
        model = Cinema
        fields = ["id", "name", "city", "timezone"]


class AuditoriumSerializer(serializers.ModelSerializer):
    """An auditorium, in short."""

    class Meta:
        model = Auditorium
        fields = ["id", "name"]


class ShowSerializer(serializers.ModelSerializer):
    """A show, in short."""

    movie = MovieSerializer()
    cinema = CinemaSerializer(source="auditorium.cinema")
    auditorium = AuditoriumSerializer()
    starts_at = LocalTimeField()
    ends_at = LocalTimeField()
    sales_until = LocalTimeField()
    status = serializers.CharField(source="state")

    class Meta:
        model = Show
        fields = [
            "id", "movie", "cinema", "auditorium", "starts_at", "ends_at", "sales_until",
            "format", "language", "subtitles", "status",
        ]  # fmt: skip


class TicketSerializer(serializers.ModelSerializer):
    """One admission."""

    seat = serializers.CharField(source="seat.label")
    type = serializers.CharField(source="type_id")
    price = MoneyField()

    class Meta:
        model = Ticket
        fields = ["seat", "type", "price", "status", "code"]


class BookingSerializer(serializers.ModelSerializer):
    """A booking as its owner sees it. The context has its show, tickets and currency."""

    held_until = LocalTimeField()
    cancel_until = LocalTimeField()
    show = ShowSerializer()
    tickets = serializers.SerializerMethodField()
    total = MoneyField()
    created_at = LocalTimeField()

    class Meta:
        model = Booking
        fields = [
            "reference", "status", "held_until", "cancel_until", "show", "tickets", "total",
            "created_at",
        ]  # fmt: skip

    def get_tickets(self, booking: Booking) -> Any:
        """Return the tickets that were just made, rather than read them again."""
        tickets = self.context["tickets"]
        return TicketSerializer(tickets, many=True, context=self.context).data
