"""Auditoriums: the rooms of a cinema, with their seats written as text."""

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.api.filters import FilterSet, IdFilter
from marquee.api.schema import IF_NONE_MATCH, NOT_MODIFIED, refuses
from marquee.api.serializers import KeyField, ListField, ModelShape, Shape
from marquee.api.viewsets import CatalogueViewSet, gone
from marquee.catalog import operations
from marquee.catalog.errors import BadSeatPlan, NameTaken, RemovedMeanwhile
from marquee.catalog.models import Auditorium, Cinema, SeatPlan
from marquee.catalog.queries import newest_plans

TAGS = ["auditoriums"]
ROOM = {
    "cinema": 1,
    "name": "Saal 1",
    "turnaround_minutes": 15,
    "rows": ["A: sssss_sssss", "B: pp_ww_cc"],
}
REQUEST = OpenApiExample("An auditorium", ROOM, request_only=True)
ANSWER = OpenApiExample(
    "An auditorium",
    {"id": 2} | ROOM | {"seats_total": 16, "plan_version": 1},
    response_only=True,
)
HOW_TO_WRITE = (
    "`rows` is the seat plan as text, one string a row, from the screen back: the row's label and "
    "a colon, then from the left `s` standard, `p` premium, `r` recliner, `w` wheelchair space, "
    "`c` companion seat, `_` a gap. Seats are numbered from 1 in each row, gaps not counted."
)


@extend_schema_serializer(component_name="Auditorium")
class AuditoriumBody(ModelShape):
    """An auditorium as staff write it."""

    cinema = KeyField(queryset=Cinema.objects.all())
    rows = ListField(
        child=serializers.CharField(max_length=200),
        max_length=200,
        help_text="The seat plan as text, one string a row.",
    )

    class Meta:
        model = Auditorium
        fields = list(ROOM)
        extra_kwargs = {"turnaround_minutes": {"default": 15}}
        validators: list[Any] = []  # the operation says whether a name is taken


@extend_schema_serializer(component_name="Auditorium")
class AuditoriumShape(Shape):
    """An auditorium, with the seats that its next show will have."""

    id = serializers.IntegerField()
    cinema = serializers.IntegerField()
    name = serializers.CharField()
    turnaround_minutes = serializers.IntegerField(help_text="Kept free after every show.")
    rows = serializers.ListField(child=serializers.CharField())
    seats_total = serializers.IntegerField()
    plan_version = serializers.IntegerField(help_text="Goes up with every change of the rows.")


def auditorium_answer(room: Auditorium, plan: SeatPlan) -> dict[str, Any]:
    """Return an auditorium as callers see it."""
    return {
        "id": room.pk,
        "cinema": room.cinema_id,
        "name": room.name,
        "turnaround_minutes": room.turnaround_minutes,
        "rows": plan.rows,
        "seats_total": plan.seats_total,
        "plan_version": plan.version,
    }


class AuditoriumFilter(FilterSet):
    """Which auditoriums to list."""

    cinema = IdFilter(field_name="cinema", help_text="Those of this cinema.")


class AuditoriumViewSet(CatalogueViewSet[Auditorium]):
    """`auditoriums/`."""

    queryset = Auditorium.objects.all()
    serializer_class = AuditoriumBody
    filterset_class = AuditoriumFilter

    def answers(self, rows: list[Auditorium]) -> list[dict[str, Any]]:
        """Return auditoriums as callers see them."""
        plans = newest_plans([room.pk for room in rows])
        return [auditorium_answer(room, plans[room.pk]) for room in rows]

    @extend_schema(
        operation_id="auditorium_list",
        tags=TAGS,
        summary="List auditoriums",
        description="Auditoriums with their seat plans, cinema by cinema.",
        parameters=[IF_NONE_MATCH],
        responses={200: AuditoriumShape(many=True), 304: NOT_MODIFIED},
        examples=[ANSWER],
    )
    def list(self, request: Request) -> HttpResponseBase:
        """List."""
        return self.page()

    @extend_schema(
        operation_id="auditorium_read",
        tags=TAGS,
        summary="Read an auditorium",
        description="One auditorium with its seat plan. A show may have an older one.",
        responses=AuditoriumShape,
        examples=[ANSWER],
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        """Read."""
        return self.one(self.get_object())

    @extend_schema(
        operation_id="auditorium_create",
        tags=TAGS,
        summary="Add an auditorium",
        description=f"For staff. {HOW_TO_WRITE}",
        responses={201: AuditoriumShape},
        examples=[REQUEST, ANSWER],
    )
    @refuses(BadSeatPlan, NameTaken, RemovedMeanwhile)
    def create(self, request: Request) -> Response:
        """Add."""
        return self.created(operations.add_auditorium(**self.body()))

    @extend_schema(
        operation_id="auditorium_replace",
        tags=TAGS,
        summary="Replace an auditorium",
        description=(
            "For staff. Shows that are there keep their seats, and their turnaround until they "
            f"are moved. An auditorium stays in its cinema. {HOW_TO_WRITE}"
        ),
        responses=AuditoriumShape,
        examples=[REQUEST, ANSWER],
    )
    @refuses(BadSeatPlan, NameTaken, RemovedMeanwhile)
    def update(self, request: Request, pk: int) -> Response:
        """Replace."""
        return self._change(partial=False)

    @extend_schema(
        operation_id="auditorium_change",
        tags=TAGS,
        summary="Change an auditorium",
        description=(
            "For staff. What is left out stays. Shows that are there keep their seats, and their "
            f"turnaround until they are moved. {HOW_TO_WRITE}"
        ),
        responses=AuditoriumShape,
        examples=[
            OpenApiExample("Longer cleaning", {"turnaround_minutes": 30}, request_only=True),
            ANSWER,
        ],
    )
    @refuses(BadSeatPlan, NameTaken, RemovedMeanwhile)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change."""
        return self._change(partial=True)

    @extend_schema(
        operation_id="auditorium_remove",
        tags=TAGS,
        summary="Remove an auditorium",
        description="For staff. An auditorium that has shows stays.",
        request=None,
        responses={204: None},
    )
    @refuses(RemovedMeanwhile)
    def destroy(self, request: Request, pk: int) -> Response:
        """Remove."""
        operations.delete(row=self.get_object())
        return gone()

    def _change(self, *, partial: bool) -> Response:
        room = self.get_object()
        return self.one(operations.change_auditorium(auditorium=room, **self.body(partial=partial)))
