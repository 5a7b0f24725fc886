"""OpenAPI texts and examples of the seats of a show."""

from drf_spectacular.utils import OpenApiExample

from marquee.api.docs.operations import IF_NONE_MATCH, NOT_MODIFIED, operation
from marquee.api.serializers.seats import (
    AvailabilitySerializer,
    SeatMapSerializer,
    SeatsWriteSerializer,
)
from marquee.booking.errors import SalesClosed, SeatsTaken, ShowCalledOff, UnknownSeat
from marquee.catalog.errors import RemovedMeanwhile

TAGS = ["seats"]


PRICES_EXAMPLE = [
    {
        "category": "standard",
        "type": "adult",
        "price": {"amount": "12.50", "currency": "EUR"},
    }
]
MAP_EXAMPLE = OpenApiExample(
    "A very small auditorium",
    response_only=True,
    value={
        "show": 7,
        "version": 4,
        "left": 2,
        "categories": [{"id": "standard", "name": "Standard"}],
        "rows": [
            {
                "label": "A",
                "seats": [
                    {"label": f"A{x}", "x": x, "y": 1, "category": "standard", "kind": "standard",
                     "status": "sold" if x == 2 else "free"}
                    for x in (1, 2, 3)
                ],
            }
        ],
        "prices": PRICES_EXAMPLE,
    },
)  # fmt: skip
AVAILABILITY_EXAMPLE = OpenApiExample(
    "One seat taken",
    response_only=True,
    value={
        "version": 4,
        "left": 2,
        "taken": ["A2"],
        "state": "scheduled",
        "starts_at": "2031-11-24T19:15:00Z",
        "sales_until": "2031-11-24T19:15:00Z",
        "seat_plan": 3,
    },
)
SEATS_EXAMPLE = OpenApiExample("Two seats", {"seats": ["A1", "A2"]}, request_only=True)


seat_map = operation(
    operation_id="show_seats",
    tags=TAGS,
    summary="Read the seat map of a show",
    description=(
        "Returns every seat of the auditorium, row by row from the screen, with its category and "
        "current status, and the prices. To follow changes, poll the much smaller "
        "`availability/` instead."
    ),
    parameters=[IF_NONE_MATCH],
    responses={200: SeatMapSerializer, 304: NOT_MODIFIED},
    examples=[MAP_EXAMPLE],
)


availability = operation(
    operation_id="show_availability",
    tags=TAGS,
    summary="Read which seats are taken",
    description=(
        "Returns the small part of the seat map that changes, and whether the show is called off or "
        "moved. Poll it every few seconds."
    ),
    parameters=[IF_NONE_MATCH],
    responses={200: AvailabilitySerializer, 304: NOT_MODIFIED},
    examples=[AVAILABILITY_EXAMPLE],
)


block = operation(
    operation_id="show_block",
    tags=TAGS,
    summary="Take seats off sale",
    description="Blocks free seats, all or none: house seats, broken seats.",
    request=SeatsWriteSerializer,
    responses=AvailabilitySerializer,
    examples=[SEATS_EXAMPLE, AVAILABILITY_EXAMPLE],
    refusals=(
        SeatsTaken,
        SalesClosed,
        ShowCalledOff,
        UnknownSeat,
        RemovedMeanwhile,
    ),
)


unblock = operation(
    operation_id="show_unblock",
    tags=TAGS,
    summary="Put blocked seats back on sale",
    description="Seats that are not blocked are left unchanged.",
    request=SeatsWriteSerializer,
    responses=AvailabilitySerializer,
    examples=[SEATS_EXAMPLE, AVAILABILITY_EXAMPLE],
    refusals=(
        UnknownSeat,
        RemovedMeanwhile,
    ),
)
