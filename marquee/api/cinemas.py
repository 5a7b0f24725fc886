"""Cinemas: the buildings, with their time zones and currencies."""

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.api.schema import IF_NONE_MATCH, NOT_MODIFIED, refuses
from marquee.api.serializers import ModelShape, Shape
from marquee.api.viewsets import CatalogueViewSet, gone
from marquee.catalog import operations
from marquee.catalog.errors import CinemaInUse, NameTaken, RemovedMeanwhile
from marquee.catalog.models import Cinema
from marquee.catalog.queries import newest_plans

TAGS = ["cinemas"]
CINEMA = {
    "name": "Gartenbau",
    "city": "Vienna",
    "timezone": "Europe/Vienna",
    "currency": "EUR",
    "cancel_until_minutes": None,
}
ROOMS = [{"id": 2, "name": "Saal 1", "seats_total": 736}]
REQUEST = OpenApiExample("A cinema", CINEMA, request_only=True)
LISTED = OpenApiExample("A cinema", {"id": 1} | CINEMA, response_only=True)
ANSWER = OpenApiExample("A cinema", {"id": 1} | CINEMA | {"auditoriums": ROOMS}, response_only=True)


@extend_schema_serializer(component_name="Cinema")
class CinemaBody(ModelShape):
    """A cinema as staff write it."""

    class Meta:
        model = Cinema
        fields = list(CINEMA)
        extra_kwargs = {"cancel_until_minutes": {"default": None}}
        validators: list[Any] = []  # the operation says whether a name is taken


@extend_schema_serializer(component_name="ListedCinema")
class ListedCinemaShape(Shape):
    """A cinema."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    city = serializers.CharField()
    timezone = serializers.CharField(help_text="IANA: Europe/Vienna. Its shows' times are of it.")
    currency = serializers.CharField(help_text="ISO 4217: EUR. Its prices are in it.")
    cancel_until_minutes = serializers.IntegerField(
        allow_null=True,
        help_text="Bookings can be cancelled until so long before the show; null: as usual.",
    )


@extend_schema_serializer(component_name="RoomOfCinema")
class RoomShape(Shape):
    """An auditorium, in short."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    seats_total = serializers.IntegerField()


@extend_schema_serializer(component_name="Cinema")
class CinemaShape(ListedCinemaShape):
    """A cinema with its auditoriums."""

    auditoriums = RoomShape(many=True)


def cinema_answer(cinema: Cinema) -> dict[str, Any]:
    """Return a cinema as lists have it."""
    return {name: getattr(cinema, name) for name in ("id", *CINEMA)}


def _with_rooms(cinema: Cinema) -> dict[str, Any]:
    rooms = list(cinema.auditoriums.all())
    plans = newest_plans([room.pk for room in rooms])
    return cinema_answer(cinema) | {
        "auditoriums": [
            {"id": room.pk, "name": room.name, "seats_total": plans[room.pk].seats_total}
            for room in rooms
        ]
    }


class CinemaViewSet(CatalogueViewSet[Cinema]):
    """`cinemas/`."""

    queryset = Cinema.objects.all()
    serializer_class = CinemaBody

    def answers(self, rows: list[Cinema]) -> list[dict[str, Any]]:
        """Return cinemas: in a list as they are, one with its auditoriums."""
        shape = cinema_answer if self.action == "list" else _with_rooms
        return [shape(cinema) for cinema in rows]

    @extend_schema(
        operation_id="cinema_list",
        tags=TAGS,
        summary="List cinemas",
        description="Cinemas by name.",
        parameters=[IF_NONE_MATCH],
        responses={200: ListedCinemaShape(many=True), 304: NOT_MODIFIED},
        examples=[LISTED],
    )
    def list(self, request: Request) -> HttpResponseBase:
        """List."""
        return self.page()

    @extend_schema(
        operation_id="cinema_read",
        tags=TAGS,
        summary="Read a cinema",
        description="One cinema with its auditoriums.",
        responses=CinemaShape,
        examples=[ANSWER],
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        """Read."""
        return self.one(self.get_object())

    @extend_schema(
        operation_id="cinema_create",
        tags=TAGS,
        summary="Add a cinema",
        description="For staff.",
        responses={201: CinemaShape},
        examples=[REQUEST, ANSWER],
    )
    @refuses(NameTaken)
    def create(self, request: Request) -> Response:
        """Add."""
        return self.created(operations.add_cinema(**self.body()))

    @extend_schema(
        operation_id="cinema_replace",
        tags=TAGS,
        summary="Replace a cinema",
        description=(
            "For staff. What is left out goes back to its default. The time zone and the currency "
            "stay once there are price cards."
        ),
        responses=CinemaShape,
        examples=[REQUEST, ANSWER],
    )
    @refuses(CinemaInUse, NameTaken, RemovedMeanwhile)
    def update(self, request: Request, pk: int) -> Response:
        """Replace."""
        return self._change(partial=False)

    @extend_schema(
        operation_id="cinema_change",
        tags=TAGS,
        summary="Change a cinema",
        description=(
            "For staff. What is left out stays. The time zone and the currency stay once there "
            "are price cards."
        ),
        responses=CinemaShape,
        examples=[
            OpenApiExample("Cancel later", {"cancel_until_minutes": 15}, request_only=True),
            ANSWER,
        ],
    )
    @refuses(CinemaInUse, NameTaken, RemovedMeanwhile)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change."""
        return self._change(partial=True)

    @extend_schema(
        operation_id="cinema_remove",
        tags=TAGS,
        summary="Remove a cinema",
        description="For staff. A cinema that has auditoriums or price cards stays.",
        request=None,
        responses={204: None},
    )
    @refuses(RemovedMeanwhile)
    def destroy(self, request: Request, pk: int) -> Response:
        """Remove."""
        operations.delete(row=self.get_object())
        return gone()

    def _change(self, *, partial: bool) -> Response:
        cinema = self.get_object()
        return self.one(operations.change_cinema(cinema=cinema, **self.body(partial=partial)))
