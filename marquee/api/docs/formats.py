"""OpenAPI texts and examples of `formats/`."""

from drf_spectacular.utils import OpenApiExample, extend_schema_view

from marquee.api.docs.operations import IF_NONE_MATCH, NOT_MODIFIED, operation
from marquee.api.serializers.formats import FormatSerializer
from marquee.catalog.errors import FormatInUse, NameTaken, RemovedMeanwhile

TAGS = ["formats"]
FORMAT = {"code": "35mm", "name": "35 mm", "position": 60}
REQUEST_EXAMPLE = OpenApiExample("A format", FORMAT, request_only=True)
RESPONSE_EXAMPLE = OpenApiExample("A format", {"id": 7} | FORMAT, response_only=True)


viewset = extend_schema_view(
    list=operation(
        operation_id="format_list",
        tags=TAGS,
        summary="List formats",
        description="Lists the formats that shows can have.",
        parameters=[IF_NONE_MATCH],
        responses={200: FormatSerializer(many=True), 304: NOT_MODIFIED},
        examples=[RESPONSE_EXAMPLE],
    ),
    retrieve=operation(
        operation_id="format_read",
        tags=TAGS,
        summary="Read a format",
        description="Returns one format.",
        responses=FormatSerializer,
        examples=[RESPONSE_EXAMPLE],
    ),
    create=operation(
        operation_id="format_create",
        tags=TAGS,
        summary="Add a format",
        description="Codes differ by more than upper and lower case.",
        responses={201: FormatSerializer},
        examples=[REQUEST_EXAMPLE, RESPONSE_EXAMPLE],
        refusals=(NameTaken,),
    ),
    update=operation(
        operation_id="format_replace",
        tags=TAGS,
        summary="Replace a format",
        description="The code stays, as shows name it.",
        responses=FormatSerializer,
        examples=[REQUEST_EXAMPLE, RESPONSE_EXAMPLE],
        refusals=(RemovedMeanwhile,),
    ),
    partial_update=operation(
        operation_id="format_change",
        tags=TAGS,
        summary="Change a format",
        description="Fields left out keep their values. The code stays.",
        responses=FormatSerializer,
        examples=[
            OpenApiExample("Another name", {"name": "35 mm print"}, request_only=True),
            RESPONSE_EXAMPLE,
        ],
        refusals=(RemovedMeanwhile,),
    ),
    destroy=operation(
        operation_id="format_remove",
        tags=TAGS,
        summary="Remove a format",
        description="A format that shows have cannot be removed.",
        request=None,
        responses={204: None},
        refusals=(FormatInUse, RemovedMeanwhile),
    ),
)
