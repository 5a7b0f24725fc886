"""OpenAPI texts and examples of `cinemas/`."""

from drf_spectacular.utils import OpenApiExample, extend_schema_view

from marquee.api.docs.operations import IF_NONE_MATCH, NOT_MODIFIED, operation
from marquee.api.serializers.cinemas import CinemaSerializer, ListedCinemaSerializer
from marquee.catalog.errors import CinemaInUse, NameTaken, RemovedMeanwhile

TAGS = ["cinemas"]
CINEMA = {
    "name": "Gartenbau",
    "city": "Vienna",
    "timezone": "Europe/Vienna",
    "currency": "EUR",
    "cancel_until_minutes": None,
    "reminder_hours": 24,
    "single_gaps": "advise",
    "address": "Parkring 12\n1010 Vienna",
    "accessibility": "Step-free from the street. A lift to Saal 1, induction loops in every row.",
}
AUDITORIUMS = [{"id": 2, "name": "Saal 1", "seats_total": 736}]
REQUEST_EXAMPLE = OpenApiExample("A cinema", CINEMA, request_only=True)
LIST_EXAMPLE = OpenApiExample("A cinema", {"id": 1} | CINEMA, response_only=True)
RESPONSE_EXAMPLE = OpenApiExample(
    "A cinema", {"id": 1} | CINEMA | {"auditoriums": AUDITORIUMS}, response_only=True
)


viewset = extend_schema_view(
    list=operation(
        operation_id="cinema_list",
        tags=TAGS,
        summary="List cinemas",
        description="Lists cinemas by name.",
        parameters=[IF_NONE_MATCH],
        responses={200: ListedCinemaSerializer(many=True), 304: NOT_MODIFIED},
        examples=[LIST_EXAMPLE],
    ),
    retrieve=operation(
        operation_id="cinema_read",
        tags=TAGS,
        summary="Read a cinema",
        description="Returns one cinema with its auditoriums.",
        responses=CinemaSerializer,
        examples=[RESPONSE_EXAMPLE],
    ),
    create=operation(
        operation_id="cinema_create",
        tags=TAGS,
        summary="Add a cinema",
        description="The time zone and the currency can be changed until there are price cards.",
        responses={201: CinemaSerializer},
        examples=[REQUEST_EXAMPLE, RESPONSE_EXAMPLE],
        refusals=(NameTaken,),
    ),
    update=operation(
        operation_id="cinema_replace",
        tags=TAGS,
        summary="Replace a cinema",
        description=(
            "Fields left out are reset to their defaults. The time zone and the currency "
            "cannot be changed once there are price cards."
        ),
        responses=CinemaSerializer,
        examples=[REQUEST_EXAMPLE, RESPONSE_EXAMPLE],
        refusals=(
            CinemaInUse,
            NameTaken,
            RemovedMeanwhile,
        ),
    ),
    partial_update=operation(
        operation_id="cinema_change",
        tags=TAGS,
        summary="Change a cinema",
        description=(
            "Fields left out keep their values. The time zone and the currency cannot be "
            "changed once there are price cards."
        ),
        responses=CinemaSerializer,
        examples=[
            OpenApiExample("Cancel later", {"cancel_until_minutes": 15}, request_only=True),
            RESPONSE_EXAMPLE,
        ],
        refusals=(
            CinemaInUse,
            NameTaken,
            RemovedMeanwhile,
        ),
    ),
    destroy=operation(
        operation_id="cinema_remove",
        tags=TAGS,
        summary="Remove a cinema",
        description="A cinema that has auditoriums or price cards cannot be removed.",
        request=None,
        responses={204: None},
        refusals=(RemovedMeanwhile,),
    ),
)
