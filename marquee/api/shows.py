"""Shows: when and where a movie is on, with seats left and prices."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import (
    OpenApiExample,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
)
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.api.auth import IsStaff
from marquee.api.filters import DayFilter, FilterSet, IdFilter
from marquee.api.json import JSON, answer
from marquee.api.movies import poster_path
from marquee.api.pagination import address_of
from marquee.api.schema import refuses
from marquee.api.seats import SeatPriceShape, serialize_prices
from marquee.api.serializers import KeyField, ModelShape, MoneyShape, Shape, money
from marquee.api.views import CachedResponseMixin, View
from marquee.api.viewsets import CatalogueViewSet, gone
from marquee.booking.operations import call_off
from marquee.booking.queries import (
    SeatsTaken,
    ShowListItem,
    listed_show,
    listed_shows,
    seats_taken,
)
from marquee.catalog import operations, queries
from marquee.catalog.errors import RemovedMeanwhile, ShowHasBookings, ShowOverlaps
from marquee.catalog.models import Auditorium, Movie, PriceCard, Show
from marquee.catalog.queries import ShowRecord
from marquee.core.cache import CachedResponse, ResponseCache
from marquee.core.clock import isoformat_in

TAGS = ["shows"]
MOMENT = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})?$"
)
LOCALLY = "Without an offset, by the cinema's clock."
BRIEF = {
    "id": 7,
    "movie": {"id": 3, "title": "Metropolis", "runtime_minutes": 153, "certificate": "PG"},
    "cinema": {"id": 1, "name": "Gartenbau", "city": "Vienna", "timezone": "Europe/Vienna"},
    "auditorium": {"id": 2, "name": "Saal 1"},
    "starts_at": "2026-11-24T20:15:00+01:00",
    "ends_at": "2026-11-24T23:08:00+01:00",
    "sales_until": "2026-11-24T20:15:00+01:00",
    "format": "2D",
    "language": "de",
    "subtitles": "en",
    "status": "scheduled",
}
PRICE = {"amount": "12.50", "currency": "EUR"}
LEAST = {"movie": 3, "auditorium": 2, "starts_at": "2026-11-24T20:15", "price_card": 5}
EXAMPLES = [
    OpenApiExample("By the cinema's clock", LEAST, request_only=True),
    OpenApiExample(
        "A special show",
        LEAST
        | {
            "starts_at": "2026-11-24T20:15:00+01:00",
            "ends_at": "2026-11-24T23:30:00+01:00",
            "sales_until": "2026-11-24T20:45:00+01:00",
            "format": "70mm",
            "language": "de",
            "subtitles": "en",
        },
        request_only=True,
    ),
]
ANSWER = OpenApiExample(
    "A show",
    BRIEF
    | {
        "movie": BRIEF["movie"] | {"poster": "https://posters.example/metropolis.jpg"},  # type: ignore[operator]
        "seats_total": 736,
        "seats_left": 209,
        "price_from": PRICE,
        "prices": [{"category": "standard", "type": "adult", "price": PRICE}],
    },
    response_only=True,
)


@extend_schema_field({"type": "string", "format": "date-time", "pattern": MOMENT})
class MomentField(serializers.DateTimeField):
    """A time: with its offset, or without one, which the operation reads off the cinema's clock."""

    def to_internal_value(self, value: Any) -> Any:
        """Return the time as it was written. Raises ValidationError."""
        if not re.fullmatch(MOMENT, value):
            self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss][+HH:MM|-HH:MM|Z]")
        return super().to_internal_value(value.upper())

    def enforce_timezone(self, value: Any) -> Any:
        """Leave it to the operation, which knows the cinema."""
        return value


@extend_schema_serializer(component_name="Show")
class ShowBody(ModelShape):
    """A show as staff write it."""

    movie = KeyField(queryset=Movie.objects.all())
    auditorium = KeyField(queryset=Auditorium.objects.all())
    price_card = KeyField(queryset=PriceCard.objects.all())
    starts_at = MomentField(help_text=LOCALLY)
    ends_at = MomentField(
        default=None, allow_null=True, help_text=f"Null: after adverts and movie. {LOCALLY}"
    )
    sales_until = MomentField(
        default=None, allow_null=True, help_text=f"Null: until the start. {LOCALLY}"
    )

    class Meta:
        model = Show
        fields = [
            "movie", "auditorium", "starts_at", "price_card", "ends_at", "sales_until", "format",
            "language", "subtitles",
        ]  # fmt: skip
        extra_kwargs = {
            "format": {"default": Show.Format.TWO_D},
            "language": {
                "default": None,
                "allow_null": True,
                "help_text": "BCP 47; null: the movie's original language.",
            },
            "subtitles": {"default": "", "help_text": "BCP 47; empty: none."},
        }


@extend_schema_serializer(component_name="MovieOfShow")
class MovieOfShowShape(Shape):
    """A movie, in short."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    runtime_minutes = serializers.IntegerField()
    certificate = serializers.CharField()


@extend_schema_serializer(component_name="MovieWithPoster")
class MovieWithPosterShape(MovieOfShowShape):
    """A movie, in short, with a picture."""

    poster = serializers.URLField()


@extend_schema_serializer(component_name="CinemaOfShow")
class CinemaOfShowShape(Shape):
    """A cinema, in short."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    city = serializers.CharField()
    timezone = serializers.CharField()


@extend_schema_serializer(component_name="AuditoriumOfShow")
class AuditoriumOfShowShape(Shape):
    """An auditorium, in short."""

    id = serializers.IntegerField()
    name = serializers.CharField()


@extend_schema_serializer(component_name="ShowBrief")
class ShowBriefShape(Shape):
    """A show, without what changes from minute to minute."""

    id = serializers.IntegerField()
    movie = MovieOfShowShape()
    cinema = CinemaOfShowShape()
    auditorium = AuditoriumOfShowShape()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    sales_until = serializers.DateTimeField(help_text="From then on nothing is sold.")
    format = serializers.ChoiceField(Show.Format.choices)
    language = serializers.CharField(help_text="BCP 47, or nothing.")
    subtitles = serializers.CharField(help_text="BCP 47, or nothing.")
    status = serializers.ChoiceField(Show.State.choices)


@extend_schema_serializer(component_name="Show")
class ShowShape(ShowBriefShape):
    """A show, with seats left and prices."""

    movie = MovieWithPosterShape()
    seats_total = serializers.IntegerField()
    seats_left = serializers.IntegerField(help_text="How many nobody has.")
    price_from = MoneyShape(help_text="The lowest price that anybody can book.")
    prices = SeatPriceShape(many=True)


def show_brief(show: ShowRecord) -> dict[str, Any]:
    """Return a show as bookings have it."""
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
        "starts_at": isoformat_in(show.starts_at, show.timezone),
        "ends_at": isoformat_in(show.ends_at, show.timezone),
        "sales_until": isoformat_in(show.sales_until, show.timezone),
        "format": show.format,
        "language": show.language,
        "subtitles": show.subtitles,
        "status": show.state,
    }


@lru_cache(maxsize=10_000)
def show_summary_json(show: ShowRecord) -> orjson.Fragment:
    """Return the same as JSON, made once a process as long as the facts are these."""
    return orjson.Fragment(orjson.dumps(show_brief(show)))


def show_answer(show: ShowListItem, request: HttpRequest | Request) -> orjson.Fragment:
    """Return a show as callers see it, with seats left and prices."""
    return _answer(show, request, b"%d" % show.seats_left)


def _answer(
    show: ShowListItem, request: HttpRequest | Request, seats_left: bytes
) -> orjson.Fragment:
    here = f"{request.scheme}://{request.get_host()}"
    head, tail = _unchanging(show.facts, show.card_version, show.poster, here)
    return orjson.Fragment(head + seats_left + tail)


@lru_cache(maxsize=5000)
def _unchanging(
    facts: ShowRecord, card_version: int, poster: str, here: str
) -> tuple[bytes, bytes]:
    """Return what is told of a show as long as facts and prices are these: around the seats left."""
    card = queries.get_prices(facts.price_card_id, card_version)
    room = queries.get_plan(facts.seat_plan_id)
    lowest = min(
        (
            amount
            for key, amount in card.amounts.items()
            if key[0] in room.categories and key not in card.terms
        ),
        default=0,
    )
    before = show_brief(facts) | {"seats_total": len(room.places)}
    before["movie"]["poster"] = poster or here + poster_path(facts.movie_id)
    after = {
        "price_from": money(lowest, card.currency),
        "prices": serialize_prices(card, room.categories),
    }
    head, tail = orjson.dumps(before), orjson.dumps(after)
    return head[:-1] + b',"seats_left":', b"," + tail[1:]


def show_response(key: int, request: HttpRequest | Request) -> HttpResponse:
    """Answer with a show. Raises 404."""
    show = listed_show(key)
    if show is None:
        raise NotFound
    return answer(show_answer(show, request))


class WhenAndWhere(FilterSet):
    """Which shows of a movie to list."""

    leaves_something_out = True

    date = DayFilter(
        method="by_day",
        help_text=(
            "Shows that start on this day, by their cinema's own clock. Without it: those that "
            "have not ended yet."
        ),
    )
    cinema = IdFilter(field_name="auditorium__cinema", help_text="Shows in this cinema.")

    @classmethod
    def follows_the_clock(cls, query: QueryDict) -> bool:
        """Say so of shows to come, which end; those of a day stay those of the day."""
        return not query.get("date")

    def by_day(self, shows: QuerySet[Show], name: str, value: Any) -> QuerySet[Show]:
        """Keep the shows of this local day."""
        return queries.on_local_day(shows, value)

    def filter_queryset(self, queryset: QuerySet[Show]) -> QuerySet[Show]:
        """Apply the filters; without a day, leave out what is over."""
        shows: QuerySet[Show] = super().filter_queryset(queryset)
        return shows if self.form.cleaned_data["date"] else queries.not_ended(shows)


class ShowFilter(WhenAndWhere):
    """Which shows to list."""

    movie = IdFilter(field_name="movie", help_text="Shows of this movie.")
    format = filters.ChoiceFilter(choices=Show.Format.choices, help_text="How it is projected.")
    language = filters.CharFilter(max_length=12, help_text="The language spoken: `en`.")


class Programme(NamedTuple):
    """What a page of shows was made of, and, if it follows the clock, from when until when it is that."""

    revision: int | None  # of the catalogue
    seats: dict[int, int]  # how many each show has
    since: datetime | None = None
    until: datetime | None = None
    taken: SeatsTaken | None = None  # as last counted

    @property
    def is_over(self) -> bool:
        """Whether the clock has ended it, or is before it."""
        if self.since is None:
            return False
        now = timezone.now()
        return now < self.since or (self.until is not None and self.until <= now)


TRIES = 3
HOLE = b"\0"  # no JSON has one
_shelf: ResponseCache[Programme] = ResponseCache(max_bytes=16_000_000)


class CachedShowListMixin(CachedResponseMixin, GenericAPIView[Show]):
    """Answers with pages of shows, kept ready but for the seats left of each."""

    filterset_class: type[WhenAndWhere]

    def shows(self) -> QuerySet[Show]:
        """Return the shows to filter and to list."""
        return self.get_queryset()

    def at_hand(self, request: HttpRequest, **named: Any) -> HttpResponseBase | None:
        """Answer with the page that is kept ready, if its shows are as they were then."""
        address = address_of(request)
        ready = _shelf.get(address)
        return None if ready is None or ready.mark.is_over else _filled(address, ready)

    def page(self) -> HttpResponseBase:
        """Answer with the page that is asked for, and keep it ready. Raises 503."""
        address = address_of(self.request)
        for _ in range(TRIES):
            if answer := _filled(address, self._made_ready()):
                return answer
        raise OperationalError("The catalogue changes faster than it can be read.")

    def _made_ready(self) -> CachedResponse[Programme]:
        # First: what is read after them may be newer, never older.
        revision, since = queries.current_revision(), timezone.now()
        rows = self.filter_queryset(self.shows())
        shows = listed_shows(show.pk for show in self.paginate_queryset(rows) or [])
        answers = [_answer(show, self.request, HOLE) for show in shows]
        page = orjson.dumps(self.get_paginated_response(answers).data)
        programme = Programme(revision, {show.facts.id: show.seats_total for show in shows})
        if self.filterset_class.follows_the_clock(self.request.query_params):
            programme = programme._replace(since=since, until=queries.earliest_end(rows))
        body = page.replace(b"%", b"%%").replace(HOLE, b"%d")
        return CachedResponse(programme, body)


def _filled(address: str, ready: CachedResponse[Programme]) -> HttpResponse | None:
    """Return the page with the seats left of each show, and keep it ready.

    None if the catalogue is another by then.
    """
    programme = ready.mark
    taken = seats_taken(programme.seats, programme.taken)
    if taken.revision != programme.revision:
        return None
    if taken is not programme.taken:
        _shelf.put(address, ready._replace(mark=programme._replace(taken=taken)))
    left = (seats - taken.counts.get(show, 0) for show, seats in programme.seats.items())
    return HttpResponse(ready.body % tuple(left), content_type=JSON)


class ShowViewSet(CachedShowListMixin, CatalogueViewSet[Show]):
    """`shows/`."""

    queryset = Show.objects.only("pk")
    serializer_class = ShowBody
    filterset_class = ShowFilter

    def at_hand(self, request: HttpRequest, **named: Any) -> HttpResponseBase | None:
        """Answer with a show, or with the page that is kept ready. Raises 404."""
        return show_response(named["pk"], request) if named else super().at_hand(request)

    def answers(self, rows: list[Show]) -> list[Any]:
        """Return shows as callers see them."""
        return [show_answer(show, self.request) for show in listed_shows(row.pk for row in rows)]

    @extend_schema(
        operation_id="show_list",
        tags=TAGS,
        summary="List shows",
        description="Shows in the order in which they start, with seats left and prices.",
        responses=ShowShape(many=True),
        examples=[ANSWER],
    )
    def list(self, request: Request) -> HttpResponseBase:
        """List."""
        return self.page()

    @extend_schema(
        operation_id="show_read",
        tags=TAGS,
        summary="Read a show",
        description="One show, with seats left and prices.",
        responses=ShowShape,
        examples=[ANSWER],
    )
    def retrieve(self, request: Request, pk: int) -> HttpResponse:
        """Read."""
        return show_response(pk, request)

    @extend_schema(
        operation_id="show_create",
        tags=TAGS,
        summary="Schedule a show",
        description=(
            "For staff. A time without an offset is read off the cinema's clock; when the clocks "
            "go back, the first of the two is meant. Until the room is clean again, no other show "
            "can be there. The price card is of the same cinema, and has a price of its default "
            "type for every category of seats."
        ),
        responses={201: ShowShape},
        examples=[*EXAMPLES, ANSWER],
    )
    @refuses(ShowOverlaps, RemovedMeanwhile)
    def create(self, request: Request) -> Response:
        """Schedule."""
        return self.created(operations.add_show(**self.body()))

    @extend_schema(
        operation_id="show_replace",
        tags=TAGS,
        summary="Replace a show",
        description=(
            "For staff. What is left out goes back to its default. Once seats are held or sold, "
            "the movie and the auditorium stay."
        ),
        responses=ShowShape,
        examples=[*EXAMPLES, ANSWER],
    )
    @refuses(ShowOverlaps, ShowHasBookings, RemovedMeanwhile)
    def update(self, request: Request, pk: int) -> Response:
        """Replace."""
        return self._change(partial=False)

    @extend_schema(
        operation_id="show_change",
        tags=TAGS,
        summary="Change a show",
        description=(
            "For staff. What is left out stays: moved to another start, a show keeps its length, "
            "and sells until it starts if it did. Once seats are held or sold, the movie and the "
            "auditorium stay."
        ),
        responses=ShowShape,
        examples=[
            OpenApiExample("Later", {"starts_at": "2026-11-24T20:30"}, request_only=True),
            ANSWER,
        ],
    )
    @refuses(ShowOverlaps, ShowHasBookings, RemovedMeanwhile)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change."""
        return self._change(partial=True)

    @extend_schema(
        operation_id="show_remove",
        tags=TAGS,
        summary="Remove a show",
        description="For staff. A show that was ever booked stays: call it off instead.",
        request=None,
        responses={204: None},
    )
    @refuses(RemovedMeanwhile)
    def destroy(self, request: Request, pk: int) -> Response:
        """Remove."""
        operations.delete_show(show=self.get_object())
        return gone()

    def _change(self, *, partial: bool) -> Response:
        show = self.get_object()
        return self.one(operations.change_show(show=show, **self.body(partial=partial)))


class CallOffShow(View):
    """`shows/{id}/call-off/`."""

    permission_classes = [IsStaff]

    @extend_schema(
        operation_id="show_call_off",
        tags=TAGS,
        summary="Call a show off",
        description=(
            "For staff. The show will not take place: every booking it has is cancelled, its "
            "tickets void, and nothing more is sold. There is no way back. Calling off twice "
            "changes nothing."
        ),
        request=None,
        responses=ShowShape,
        examples=[ANSWER],
    )
    @refuses(RemovedMeanwhile)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Call off, and answer with the show."""
        Shape(data=request.data).is_valid(raise_exception=True)
        if not Show.objects.filter(pk=pk).exists():
            raise NotFound
        call_off(show=Show(pk=pk))
        return show_response(pk, request)


class ShowsOfMovie(CachedShowListMixin):
    """`movies/{id}/shows/`."""

    authentication_classes = []
    queryset = Show.objects.only("pk")
    filterset_class = WhenAndWhere

    def shows(self) -> QuerySet[Show]:
        """Return the shows of the movie. Raises 404."""
        movie = self.kwargs["pk"]
        if not Movie.objects.filter(pk=movie).exists():
            raise NotFound
        return super().shows().filter(movie=movie)

    @extend_schema(
        operation_id="movie_shows",
        tags=TAGS,
        summary="List the shows of a movie",
        description="Its shows in the order in which they start, with seats left and prices.",
        responses=ShowShape(many=True),
        examples=[ANSWER],
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """List."""
        return self.page()
