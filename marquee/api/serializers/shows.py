"""Shows as JSON."""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marquee.accounts.permissions import Right
from marquee.api.permissions import require
from marquee.api.serializers.money import MoneySerializer, serialize_money
from marquee.api.serializers.movies import poster_path
from marquee.api.serializers.price_cards import own_price_cards
from marquee.api.serializers.seats import SeatPriceSerializer, serialize_prices
from marquee.api.serializers.strict import (
    IntegerPKField,
    ListField,
    StrictModelSerializer,
    StrictSerializer,
)
from marquee.booking.queries import SeatsLeft, ShowListItem
from marquee.catalog import queries
from marquee.catalog.fields import MAX_SUBTITLES
from marquee.catalog.local_time import business_day
from marquee.catalog.models import Auditorium, Movie, PriceCard, Show
from marquee.catalog.queries import ShowRecord
from marquee.catalog.records import PriceTable
from marquee.catalog.rules import is_on_sale
from marquee.core.cache import on_clear_caches
from marquee.core.languages import MAX_LENGTH
from marquee.core.validators import validate_line
from marquee.core.zones import zone_as_stored

DATE_TIME_PATTERN = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})?$"
)
NOT_THE_FIRST = "It is the first of `subtitle_languages`, or left out."
MAX_BOOKINGS = 1_000_000  # far above any auditorium
LOCAL_TIME_NOTE = "Without an offset: in the cinema's time zone."


# Without `format: date-time`, which requires an offset: generated clients would refuse local times.
@extend_schema_field(
    {
        "type": "string",
        "pattern": DATE_TIME_PATTERN,
        "examples": ["2031-11-24T20:15", "2031-11-24T20:15:00+01:00"],
    }
)
class LocalOrAwareDateTimeField(serializers.DateTimeField):
    """A time with or without an offset. Without one, the operation assumes the cinema's time zone."""

    def to_internal_value(self, value: Any) -> Any:
        """Return the time, aware or naive as it was sent. Raises ValidationError."""
        if not re.fullmatch(DATE_TIME_PATTERN, value):
            self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss][+HH:MM|-HH:MM|Z]")
        return super().to_internal_value(value.upper())

    def enforce_timezone(self, value: Any) -> Any:
        """Return the value unchanged: the operation knows the cinema's time zone."""
        return value


class OwnAuditoriumField(IntegerPKField):
    """The id of an auditorium in a cinema that the user manages."""

    def to_internal_value(self, data: Any) -> Auditorium:
        """Return the auditorium. Raises ValidationError, or PermissionDenied for one elsewhere."""
        auditorium: Auditorium = super().to_internal_value(data)
        require(self.context["request"], Right.MANAGE, auditorium.cinema_id)
        return auditorium


class OwnPriceCardField(IntegerPKField):
    """The id of a price card. One of a cinema that the user does not manage is refused as unknown."""

    def get_queryset(self) -> QuerySet[PriceCard]:
        """Return the price cards of the cinemas that the user manages."""
        return own_price_cards(self.context["request"], PriceCard.objects.all())


class ShowWriteSerializer(StrictModelSerializer):
    """A show as staff write it."""

    movie = IntegerPKField(queryset=Movie.objects.all())
    auditorium = OwnAuditoriumField(queryset=Auditorium.objects.all())
    price_card = OwnPriceCardField(queryset=PriceCard.objects.all())
    starts_at = LocalOrAwareDateTimeField(help_text=LOCAL_TIME_NOTE)
    ends_at = LocalOrAwareDateTimeField(
        default=None,
        allow_null=True,
        help_text=f"Null: the start plus adverts and the movie's runtime. {LOCAL_TIME_NOTE}",
    )
    sales_until = LocalOrAwareDateTimeField(
        default=None, allow_null=True, help_text=f"Null: the start. {LOCAL_TIME_NOTE}"
    )
    sales_from = LocalOrAwareDateTimeField(
        default=None, allow_null=True, help_text=f"Null: from now on. {LOCAL_TIME_NOTE}"
    )
    subtitle_languages = ListField(
        child=serializers.CharField(max_length=MAX_LENGTH),
        max_length=MAX_SUBTITLES,
        default=None,
        allow_null=True,
        help_text="BCP 47, the most important first; null: as `subtitles` says.",
    )

    class Meta:
        model = Show
        fields = [
            "movie", "auditorium", "starts_at", "price_card", "ends_at", "sales_from",
            "sales_until", "format", "language", "subtitles", "subtitle_languages", "captions",
        ]  # fmt: skip
        extra_kwargs = {
            "format": {
                "default": Show._meta.get_field("format").default,
                "help_text": "The code of a format, in upper or lower case: see `formats/`.",
            },
            "language": {
                "default": None,
                "allow_null": True,
                "help_text": "BCP 47; null: the movie's original language.",
            },
            "subtitles": {
                "default": "",
                "help_text": "BCP 47; empty: none. Of several, the first of `subtitle_languages`.",
            },
            "captions": {"default": False, "help_text": "Captions for the deaf."},
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the fields, with all languages of the subtitles in one. Raises ValidationError."""
        languages = attrs.pop("subtitle_languages", None)
        if languages is None:
            return attrs
        first = attrs.get("subtitles")
        if first and first.lower() != (languages or [""])[0].lower():
            raise serializers.ValidationError({"subtitles": [NOT_THE_FIRST]})
        return attrs | {"subtitles": " ".join(languages)}


class ShowChangeSerializer(ShowWriteSerializer):
    """A show as staff change it, with the consent that its bookings need."""

    confirm_bookings = serializers.IntegerField(
        default=None,
        allow_null=True,
        min_value=0,
        max_value=MAX_BOOKINGS,
        help_text="How many live bookings move or change with the show.",
    )
    short_notice = serializers.BooleanField(
        default=False, help_text="The show may move to less than two hours from now."
    )

    class Meta(ShowWriteSerializer.Meta):
        fields = [*ShowWriteSerializer.Meta.fields, "confirm_bookings", "short_notice"]


class CallOffSerializer(StrictSerializer):
    """Why a show is called off."""

    reason = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=500,
        validators=[validate_line],
        help_text="Shown to customers, with the show and with their bookings.",
    )


class MovieOfShowSerializer(StrictSerializer):
    """A movie in brief."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    runtime_minutes = serializers.IntegerField()
    certificate = serializers.CharField()


class MovieWithPosterSerializer(MovieOfShowSerializer):
    """A movie in brief, with a picture."""

    poster = serializers.URLField()


class CinemaOfShowSerializer(StrictSerializer):
    """A cinema in brief."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    city = serializers.CharField()
    timezone = serializers.CharField()


class AuditoriumOfShowSerializer(StrictSerializer):
    """An auditorium in brief."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ShowBriefSerializer(StrictSerializer):
    """A show without seats left and prices."""

    id = serializers.IntegerField()
    movie = MovieOfShowSerializer()
    cinema = CinemaOfShowSerializer()
    auditorium = AuditoriumOfShowSerializer()
    starts_at = serializers.DateTimeField()
    business_day = serializers.DateField(
        help_text="The cinema's day, from 06:00 to 05:59 by its own clock, that the show belongs to."
    )
    ends_at = serializers.DateTimeField()
    sales_from = serializers.DateTimeField(
        allow_null=True, help_text="Tickets are sold from then on; null: from the first moment."
    )
    sales_until = serializers.DateTimeField(help_text="Tickets are sold until then.")
    format = serializers.CharField(help_text="The code of a format: 2D, IMAX, 35mm.")
    language = serializers.CharField(help_text="BCP 47, or empty.")
    subtitles = serializers.CharField(help_text="BCP 47, or empty. Of several, the first.")
    subtitle_languages = serializers.ListField(
        child=serializers.CharField(), help_text="BCP 47, the most important first."
    )
    captions = serializers.BooleanField(help_text="Whether there are captions for the deaf.")
    status = serializers.ChoiceField(Show.State.choices)
    call_off_reason = serializers.CharField(help_text="Why it is called off, or empty.")


class ShowSerializer(ShowBriefSerializer):
    """A show with seats left and prices."""

    movie = MovieWithPosterSerializer()
    seats_total = serializers.IntegerField()
    on_sale = serializers.BooleanField(help_text="Whether it can be booked now.")
    seats_left = serializers.IntegerField(
        help_text="How many seats are free, without wheelchair spaces and companion seats."
    )
    accessible_left = serializers.IntegerField(help_text="How many wheelchair spaces are free.")
    price_from = MoneySerializer(
        help_text="The lowest price of the default ticket type for the seats that are left."
    )
    prices = SeatPriceSerializer(many=True)


def serialize_show_brief(show: ShowRecord) -> dict[str, Any]:
    """Return a show as bookings show it, its times as they were sold."""
    zone = zone_as_stored(show.starts_at, show.timezone, show.utc_offset)
    return {
        "id": show.id,
        "movie": {
            "id": show.movie_id,
            "title": show.title,
            "runtime_minutes": show.runtime_minutes,
            "certificate": show.certificate,
        },
        "cinema": {
            "id": show.cinema_id,
            "name": show.cinema,
            "city": show.city,
            "timezone": show.timezone,
        },
        "auditorium": {"id": show.auditorium_id, "name": show.auditorium},
        "starts_at": _isoformat(show.starts_at, zone),
        "business_day": business_day(show.starts_at.astimezone(zone)).isoformat(),
        "ends_at": _isoformat(show.ends_at, zone),
        "sales_from": show.sales_from and _isoformat(show.sales_from, zone),
        "sales_until": _isoformat(show.sales_until, zone),
        "format": show.format,
        "language": show.language,
        "subtitles": show.subtitles.partition(" ")[0],
        "subtitle_languages": show.subtitles.split(),
        "captions": bool(show.captions),
        "status": show.state,
        "call_off_reason": show.call_off_reason,
    }


def _isoformat(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="seconds")


@lru_cache(maxsize=10_000)
def show_summary_json(show: ShowRecord) -> orjson.Fragment:
    """Return a show as bookings show it, as JSON. Cached per process and per record."""
    return orjson.Fragment(orjson.dumps(serialize_show_brief(show)))


@dataclass(frozen=True, slots=True)
class ShowFragments:
    """A show as JSON, split at what changes with its seats and the time; the rest is the catalog's."""

    record: ShowRecord
    card: PriceTable
    head: bytes
    tail: bytes
    digest: str  # of all but the live part

    def with_seats(self, left: SeatsLeft, now: datetime) -> orjson.Fragment:
        """Return the show with these seats left."""
        show = self.record
        categories = left.categories or queries.get_plan(show.seat_plan_id).categories
        live = {
            "on_sale": is_on_sale(show, now) and left.general + left.accessible > 0,
            "seats_left": left.general,
            "accessible_left": left.accessible,
            "price_from": serialize_money(self.card.lowest(categories), self.card.currency),
        }
        return orjson.Fragment(b"%b,%b,%b" % (self.head, orjson.dumps(live)[1:-1], self.tail))


@lru_cache(maxsize=5000)
def show_fragments(show: ShowListItem, origin: str) -> ShowFragments:
    """Return a show as API clients see it, but for its live part. Cached per process and record."""
    card = queries.get_prices(show.record.price_card_id, show.card_version)
    plan = queries.get_plan(show.record.seat_plan_id)
    before = serialize_show_brief(show.record) | {"seats_total": len(plan.seats)}
    before["movie"]["poster"] = show.poster or origin + poster_path(show.record.movie_id)
    head = orjson.dumps(before)[:-1]
    tail = orjson.dumps({"prices": serialize_prices(card, plan.categories)})[1:]
    digest = blake2b(head + tail, digest_size=8).hexdigest()
    return ShowFragments(show.record, card, head, tail, digest)


on_clear_caches(show_fragments.cache_clear)
