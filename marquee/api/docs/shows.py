"""OpenAPI texts and examples of `shows/`."""

from drf_spectacular.utils import OpenApiExample, extend_schema_view

from marquee.api.docs.operations import operation
from marquee.api.serializers.shows import CallOffSerializer, ShowSerializer
from marquee.booking.errors import BookingsNotConfirmed, NeedsShortNotice
from marquee.catalog.errors import RemovedMeanwhile, ShowHasBookings, ShowOverlaps

TAGS = ["shows"]
BRIEF = {
    "id": 7,
    "movie": {"id": 3, "title": "Metropolis", "runtime_minutes": 153, "certificate": "PG"},
    "cinema": {"id": 1, "name": "Gartenbau", "city": "Vienna", "timezone": "Europe/Vienna"},
    "auditorium": {"id": 2, "name": "Saal 1"},
    "starts_at": "2031-11-24T20:15:00+01:00",
    "business_day": "2031-11-24",
    "ends_at": "2031-11-24T23:08:00+01:00",
    "sales_from": None,
    "sales_until": "2031-11-24T20:15:00+01:00",
    "format": "2D",
    "language": "de",
    "subtitles": "en",
    "subtitle_languages": ["en", "fr"],
    "captions": False,
    "status": "scheduled",
    "call_off_reason": "",
}
BOOKED = (
    "Once seats are held or sold, the movie and the auditorium cannot be changed. A show with live "
    "bookings moves, or changes its format or its languages, only with their number as "
    "`confirm_bookings`; the bookings stay, and their customers may cancel in full until the new "
    "start. A move within 15 minutes of what a customer bought changes no terms. A move to less than "
    "two hours from now needs `short_notice`. No show moves into the past."
)
PRICE = {"amount": "12.50", "currency": "EUR"}
MINIMAL_EXAMPLE = {"movie": 3, "auditorium": 2, "starts_at": "2031-11-24T20:15", "price_card": 2}
REQUEST_EXAMPLES = [
    OpenApiExample("By the cinema's clock", MINIMAL_EXAMPLE, request_only=True),
    OpenApiExample(
        "A special show",
        MINIMAL_EXAMPLE
        | {
            "starts_at": "2031-11-25T20:15:00+01:00",
            "ends_at": "2031-11-25T23:30:00+01:00",
            "sales_from": "2031-11-10T10:00:00+01:00",
            "sales_until": "2031-11-25T20:45:00+01:00",
            "format": "70mm",
            "language": "de",
            "subtitle_languages": ["en", "fr"],
            "captions": True,
        },
        request_only=True,
    ),
]
RESPONSE_EXAMPLE = OpenApiExample(
    "A show",
    BRIEF
    | {
        "movie": BRIEF["movie"] | {"poster": "https://posters.example/metropolis.jpg"},  # type: ignore[operator]
        "seats_total": 736,
        "on_sale": True,
        "seats_left": 209,
        "accessible_left": 4,
        "price_from": PRICE,
        "prices": [{"category": "standard", "type": "adult", "price": PRICE}],
    },
    response_only=True,
)


viewset = extend_schema_view(
    list=operation(
        operation_id="show_list",
        tags=TAGS,
        summary="List shows",
        description="Lists shows in the order in which they start, with seats left and prices.",
        responses=ShowSerializer(many=True),
        examples=[RESPONSE_EXAMPLE],
    ),
    retrieve=operation(
        operation_id="show_read",
        tags=TAGS,
        summary="Read a show",
        description="Returns one show with seats left and prices.",
        responses=ShowSerializer,
        examples=[RESPONSE_EXAMPLE],
    ),
    create=operation(
        operation_id="show_create",
        tags=TAGS,
        summary="Schedule a show",
        description=(
            "A time without an offset is in the cinema's time zone; a time that occurs "
            "twice, when clocks go back, is the first of the two. No other show can be in the "
            "auditorium until its turnaround is over. The price card must belong to the same "
            "cinema, and must price its default type for every seat category."
        ),
        responses={201: ShowSerializer},
        examples=[*REQUEST_EXAMPLES, RESPONSE_EXAMPLE],
        refusals=(
            ShowOverlaps,
            RemovedMeanwhile,
        ),
    ),
    update=operation(
        operation_id="show_replace",
        tags=TAGS,
        summary="Replace a show",
        description=(f"Fields left out are reset to their defaults. {BOOKED}"),
        responses=ShowSerializer,
        examples=[*REQUEST_EXAMPLES, RESPONSE_EXAMPLE],
        refusals=(
            BookingsNotConfirmed,
            NeedsShortNotice,
            ShowOverlaps,
            ShowHasBookings,
            RemovedMeanwhile,
        ),
    ),
    partial_update=operation(
        operation_id="show_change",
        tags=TAGS,
        summary="Change a show",
        description=(
            "Fields left out keep their values. A show moved to another start keeps its "
            "length, and its sales open and close as far from the start as before. " + BOOKED
        ),
        responses=ShowSerializer,
        examples=[
            OpenApiExample("Later", {"starts_at": "2031-11-24T20:30"}, request_only=True),
            OpenApiExample(
                "Later, with its bookings",
                {"starts_at": "2031-11-24T21:15", "confirm_bookings": 3},
                request_only=True,
            ),
            RESPONSE_EXAMPLE,
        ],
        refusals=(
            BookingsNotConfirmed,
            NeedsShortNotice,
            ShowOverlaps,
            ShowHasBookings,
            RemovedMeanwhile,
        ),
    ),
    destroy=operation(
        operation_id="show_remove",
        tags=TAGS,
        summary="Remove a show",
        description="A show that was ever booked cannot be removed: call it off instead.",
        request=None,
        responses={204: None},
        refusals=(RemovedMeanwhile,),
    ),
)


call_off = operation(
    operation_id="show_call_off",
    tags=TAGS,
    summary="Call a show off",
    description=(
        "The show will not take place. All its bookings are cancelled, their tickets "
        "are void, and nothing more is sold. This cannot be undone. Calling off twice changes "
        "nothing. The `reason` is shown to customers."
    ),
    request=CallOffSerializer,
    responses=ShowSerializer,
    examples=[
        OpenApiExample("Why", {"reason": "The projector is broken."}, request_only=True),
        RESPONSE_EXAMPLE,
    ],
    refusals=(RemovedMeanwhile,),
)


new_plan = operation(
    operation_id="show_new_plan",
    tags=TAGS,
    summary="Take the newest seat plan",
    description=(
        "Gives a show without live bookings the newest seat plan of its auditorium. Blocks "
        "go to the seats of the same labels. A show that has it already stays as it is."
    ),
    request=None,
    responses=ShowSerializer,
    examples=[RESPONSE_EXAMPLE],
    refusals=(ShowHasBookings, RemovedMeanwhile),
)


shows_of_movie = operation(
    operation_id="movie_shows",
    tags=TAGS,
    summary="List the shows of a movie",
    description="Lists its shows in the order in which they start, with seats left and prices.",
    responses=ShowSerializer(many=True),
    examples=[RESPONSE_EXAMPLE],
)
