"""OpenAPI texts and examples of `auditoriums/`."""

from drf_spectacular.utils import OpenApiExample, extend_schema_view

from marquee.api.docs.operations import IF_NONE_MATCH, NOT_MODIFIED, operation
from marquee.api.serializers.auditoriums import AuditoriumSerializer
from marquee.catalog.errors import BadSeatPlan, NameTaken, RemovedMeanwhile

TAGS = ["auditoriums"]
AUDITORIUM = {
    "cinema": 1,
    "name": "Saal 1",
    "turnaround_minutes": 15,
    "rows": ["A: sssss_sssss", "B: pp_ww_cc"],
}
REQUEST_EXAMPLE = OpenApiExample("An auditorium", AUDITORIUM, request_only=True)
RESPONSE_EXAMPLE = OpenApiExample(
    "An auditorium",
    {"id": 2} | AUDITORIUM | {"seats_total": 16, "plan_version": 1},
    response_only=True,
)
ROWS_SYNTAX = (
    "`rows` is the seat plan as text, one string a row, from the screen back: the row's label and "
    "a colon, then from the left `s` standard, `p` premium, `r` recliner, `w` wheelchair space, "
    "`c` companion seat, `_` a gap, `.` a gap that takes a number. Seats are numbered from 1 in each row; gaps `_` are not "
    "counted. After `B<:` they are numbered from the right. Where the label is a number, a dash stands "
    "between: row 12 has 12-1. A label has 1 to 4 capital letters of any script, or digits."
)


viewset = extend_schema_view(
    list=operation(
        operation_id="auditorium_list",
        tags=TAGS,
        summary="List auditoriums",
        description="Lists auditoriums with their seat plans, cinema by cinema.",
        parameters=[IF_NONE_MATCH],
        responses={200: AuditoriumSerializer(many=True), 304: NOT_MODIFIED},
        examples=[RESPONSE_EXAMPLE],
    ),
    retrieve=operation(
        operation_id="auditorium_read",
        tags=TAGS,
        summary="Read an auditorium",
        description="Returns one auditorium with its newest seat plan. Shows keep the plan they were scheduled with.",
        responses=AuditoriumSerializer,
        examples=[RESPONSE_EXAMPLE],
    ),
    create=operation(
        operation_id="auditorium_create",
        tags=TAGS,
        summary="Add an auditorium",
        description=f"{ROWS_SYNTAX}",
        responses={201: AuditoriumSerializer},
        examples=[REQUEST_EXAMPLE, RESPONSE_EXAMPLE],
        refusals=(
            BadSeatPlan,
            NameTaken,
            RemovedMeanwhile,
        ),
    ),
    update=operation(
        operation_id="auditorium_replace",
        tags=TAGS,
        summary="Replace an auditorium",
        description=(
            "Scheduled shows keep their seats, and keep their turnaround until they "
            f"are moved. An auditorium cannot move to another cinema. {ROWS_SYNTAX}"
        ),
        responses=AuditoriumSerializer,
        examples=[REQUEST_EXAMPLE, RESPONSE_EXAMPLE],
        refusals=(
            BadSeatPlan,
            NameTaken,
            RemovedMeanwhile,
        ),
    ),
    partial_update=operation(
        operation_id="auditorium_change",
        tags=TAGS,
        summary="Change an auditorium",
        description=(
            "Fields left out keep their values. Scheduled shows keep their seats, and keep their "
            f"turnaround until they are moved. {ROWS_SYNTAX}"
        ),
        responses=AuditoriumSerializer,
        examples=[
            OpenApiExample("Longer cleaning", {"turnaround_minutes": 30}, request_only=True),
            RESPONSE_EXAMPLE,
        ],
        refusals=(
            BadSeatPlan,
            NameTaken,
            RemovedMeanwhile,
        ),
    ),
    destroy=operation(
        operation_id="auditorium_remove",
        tags=TAGS,
        summary="Remove an auditorium",
        description="An auditorium that has shows cannot be removed.",
        request=None,
        responses={204: None},
        refusals=(RemovedMeanwhile,),
    ),
)
